"""The names of records in SQL, for pages that need many of them and none of the rest."""

from __future__ import annotations

from django.db.models import CharField, Expression, F, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from imagine_site.components.head import current_language, other_language
from imagine_site.editing.chosen import Chosen
from labs.models import Laboratory, StartUp, Theme
from news.models import Post
from people.models import FoundingMember, Researcher


def bilingual_name(field: str, language: str) -> Coalesce:
    """A bilingual name, by the rule of `bilingual()`: else the other language's."""
    return Coalesce(
        NullIf(F(f"{field}_{language}"), Value("")),
        F(f"{field}_{other_language(language)}"),
        output_field=CharField(),
    )


#: May begin with a space, where somebody has no honorific.
PERSON_NAME = Concat(
    "honorific", Value(" "), "given_name", Value(" "), "family_name", output_field=CharField()
)


def _name_of(model: type, language: str) -> Expression:
    if model is Researcher:
        return PERSON_NAME
    return F("name") if model is StartUp else bilingual_name("name", language)


def chosen_in(post: Post) -> dict[str, list[Chosen]]:
    """What a working copy is about, by the name of the relation; one query for all of them."""
    language = current_language()
    chosen: dict[str, list[Chosen]] = {}
    queries = []
    for model in (Laboratory, Researcher, StartUp, FoundingMember, Theme):
        relation = next(f for f in Post._meta.many_to_many if f.related_model is model)
        chosen[relation.name] = []
        queries.append(
            model.objects.filter(posts=post.pk)
            .order_by()
            .annotate(what=Value(relation.name, CharField()), label=_name_of(model, language))
            .values_list("what", "pk", "label")
        )
    for what, pk, label in queries[0].union(*queries[1:], all=True):
        chosen[what].append(Chosen(pk, label.strip()))
    for rows in chosen.values():
        rows.sort(key=lambda row: row.label.casefold())
    return chosen
