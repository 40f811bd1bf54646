from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.admin import Bilingual
from imagine_site.publishing.admin import LanguageFilter, StateFilter, StoryAdmin
from news.models import Guest, Post, Visit


class VisitInline(Bilingual, admin.StackedInline):
    model = Visit
    max_num = 1
    extra = 0
    fields = [("starts_on", "ends_on"), ("place_en", "place_fr"), ("announced_en", "announced_fr")]


class GuestInline(Bilingual, admin.TabularInline):
    model = Guest
    extra = 0
    fields = ["name", "role_en", "role_fr", "order"]


@admin.register(Post)
class PostAdmin(StoryAdmin):
    list_display = ["headline", "kind", "date", "state_en", "state_fr", "updated_at", "edited_by"]
    list_filter = [StateFilter, LanguageFilter, "kind", "date"]
    date_hierarchy = "date"
    autocomplete_fields = [
        "lead_image",
        "laboratories",
        "people",
        "startups",
        "founding_members",
        "themes",
    ]
    inlines = [VisitInline, GuestInline]
    fieldsets = [
        (None, {"fields": [("kind", "date", "section")]}),
        *StoryAdmin.language_fieldsets("title", "summary", "body", "slug"),
        (_("Lead image"), {"fields": ["lead_image", ("lead_caption_en", "lead_caption_fr")]}),
        (
            _("Who and what it is about"),
            {
                "description": _(
                    "Their pages show this article. Whoever the text itself links to is added "
                    "when you publish."
                ),
                "fields": ["laboratories", "people", "startups", "founding_members", "themes"],
            },
        ),
        (_("Publications"), {"fields": ["dois"]}),
        (_("Correction"), {"fields": [("correction_en", "correction_fr"), "corrected_on"]}),
        StoryAdmin.UPKEEP,
    ]

    def save_model(self, request, obj, form, change):
        if change and self.changes_something(request, form, change):
            obj.edited_since_import = True
        super().save_model(request, obj, form, change)
