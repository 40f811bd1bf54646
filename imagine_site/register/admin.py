"""What the admin pages of all records share: saving, visibility, and the refusal to delete."""

from collections.abc import Iterable
from typing import ClassVar

from django.contrib import messages
from django.db import models
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.admin import VersionedAdmin
from imagine_site.register.models import Record

#: An address typed without its scheme is taken to be a safe one.
HTTPS_ASSUMED = {models.URLField: {"assume_scheme": "https"}}


class RecordAdmin(VersionedAdmin):
    """A record that published texts name is not deleted but hidden, so that no text loses a name.

    Subclasses put `HOUSEKEEPING` at the end of their fieldsets.
    """

    #: Reverse accessors of published editions that name a record.
    named_by: ClassVar[tuple[str, ...]] = ("posteditions",)

    formfield_overrides = HTTPS_ASSUMED
    readonly_fields = ["created_at", "updated_at"]
    list_per_page = 50

    HOUSEKEEPING = (
        _("In texts and files"),
        {
            "fields": ["aliases", "import_key", ("created_at", "updated_at")],
            "description": _(
                "How texts may call it, and how the register file does (manage.py load_register)."
            ),
        },
    )

    def get_queryset(self, request):
        return super().get_queryset(request).order_by(*self.model._meta.ordering, "pk")

    def get_deleted_objects(self, objs, request):
        """Published texts name records without a key that protects them; this does."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        protected += [
            f"{record}: {why}" for record in objs if (why := self.why_it_must_stay(record))
        ]
        return to_delete, counts, perms_needed, protected

    def delete_view(self, request, object_id, extra_context=None):
        record = self.get_object(request, object_id)
        if (
            record is not None
            and self.has_delete_permission(request, record)
            and (why := self.why_it_must_stay(record))
        ):
            messages.error(request, why)
            return HttpResponseRedirect(change_address(record))
        return super().delete_view(request, object_id, extra_context)

    def why_it_must_stay(self, record: Record) -> str:
        """A sentence for the editor, or nothing when the record may be deleted."""
        articles = {
            (accessor, story)
            for accessor in self.named_by
            for story in getattr(record, accessor).values_list("story", flat=True)
        }
        if not articles:
            return ""
        return ngettext(
            "%(count)d published article names it: untick “public” instead. Its page and its "
            "links disappear, and the article stays whole.",
            "%(count)d published articles name it: untick “public” instead. Its page and its "
            "links disappear, and the articles stay whole.",
            len(articles),
        ) % {"count": len(articles)}


def change_address(record: models.Model) -> str:
    """The page in the admin on which a record is edited."""
    opts = record._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[record.pk])


def linked(rows: Iterable[tuple[models.Model, str]]) -> str:
    """Records of another page, each with a remark, as a list of links to where they are edited."""
    items = format_html_join(
        "",
        '<li><a href="{}">{}</a>{}</li>',
        ((change_address(record), record, f", {more}" if more else "") for record, more in rows),
    )
    return format_html("<ul>{}</ul>", items) if items else gettext("none")
