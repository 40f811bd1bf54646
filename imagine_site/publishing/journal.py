"""The journal in the admin: who published, scheduled, withdrew or approved what, and when.

Read only, for everybody: what was noted is never changed.
"""

from __future__ import annotations

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imagine_site.publishing.models import Event
from imagine_site.publishing.parts import admin_name


class PersonFilter(admin.SimpleListFilter):
    """By the account's name as it was: people who have left are still found."""

    title = gettext_lazy("who")
    parameter_name = "who"

    def lookups(self, request, model_admin):
        names = Event.objects.exclude(by_name="").order_by("by_name").values_list("by_name")
        return [(name, name) for (name,) in names.distinct()]

    def queryset(self, request, queryset):
        return queryset.filter(by_name=self.value()) if self.value() else queryset


class EventAdmin(admin.ModelAdmin):
    list_display = ["at", "by_name", "kind", "text", "language", "note"]
    list_filter = ["kind", PersonFilter, "language"]
    date_hierarchy = "at"
    search_fields = ["story_title", "by_name", "note"]
    list_per_page = 100
    show_full_result_count = False
    fields = [
        *("at", "by_name", "kind", "text", "language", "note"),
        *("edition_number", "story_version", "warned_of"),
    ]

    @admin.display(description=gettext_lazy("text"), ordering="story_title")
    def text(self, event) -> str:
        """Linked while the text is there."""
        kind = ContentType.objects.get_for_id(event.story_type_id).model_class()
        if kind is None or not event.story_title:
            return event.story_title
        url = reverse(admin_name(kind, "change"), args=[event.story_id])
        return format_html('<a href="{}">{}</a>', url, event.story_title)

    @admin.display(description=gettext_lazy("what the checks warned of"))
    def warned_of(self, event) -> str:
        return " ".join(event.data.get("warnings", [])) or _("nothing")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
