"""Fields every editable model uses: one in two languages, and one that holds a document."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from translated_fields import TranslatedField, to_attribute

from imagine_site.documents import DocumentError, clean


def _or_in_the_other_language(name, field):
    def getter(instance):
        here = get_language() or field.languages[0]
        for language in (here, *field.languages):
            if value := getattr(instance, to_attribute(name, language), ""):
                return value
        return ""

    return getter


def bilingual(field: models.Field, specific=None, *, fallback: bool = True) -> TranslatedField:
    """`name_en` and `name_fr` from one field; `instance.name` reads the current language.

    With `fallback`, an empty text reads as the other language's: right for a name or a label, wrong
    for a text that says something (a reader should be told that it is not translated).
    """
    if fallback:
        return TranslatedField(field, specific, attrgetter=_or_in_the_other_language)
    return TranslatedField(field, specific)


class DocumentField(models.TextField):
    """A document (see `imagine_site.documents`): whatever way it is saved, it is sanitised."""

    def clean(self, value, model_instance):
        value = super().clean(value, model_instance)
        return self._sanitised(value)

    def pre_save(self, model_instance, add):
        value = self._sanitised(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    @staticmethod
    def _sanitised(value: str | None) -> str:
        try:
            return clean(value or "")
        except DocumentError as error:
            raise ValidationError(str(error), code="document") from error

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
