from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.admin import VersionedAdmin
from imagine_site.pages.models import KeyFigure, Milestone, Page, Redirect
from imagine_site.publishing.admin import LanguageFilter, StateFilter, StoryAdmin


@admin.register(Page)
class PageAdmin(StoryAdmin):
    list_display = ["headline", "role", "menu", "state_en", "state_fr", "updated_at", "edited_by"]
    list_filter = [StateFilter, LanguageFilter, "role", "menu"]
    fieldsets = [
        *StoryAdmin.language_fieldsets("title", "summary", "body", "slug"),
        (_("Place on the site"), {"fields": ["role"]}),
        (_("Menu"), {"fields": [("menu", "menu_order"), ("menu_label_en", "menu_label_fr")]}),
        StoryAdmin.UPKEEP,
    ]


@admin.register(KeyFigure)
class KeyFigureAdmin(VersionedAdmin):
    list_display = ["label", "value", "as_of", "is_public", "order", "updated_at"]
    list_filter = ["is_public"]
    search_fields = ["label_en", "label_fr", "value"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("value", "value_fr"),
                    ("label_en", "label_fr"),
                    "as_of",
                    ("source_en", "source_fr"),
                    "order",
                    "is_public",
                ]
            },
        )
    ]


@admin.register(Milestone)
class MilestoneAdmin(VersionedAdmin):
    list_display = ["date", "text", "is_public", "updated_at"]
    list_filter = ["is_public"]
    search_fields = ["text_en", "text_fr", "date"]
    autocomplete_fields = ["image"]
    fieldsets = [(None, {"fields": ["date", ("text_en", "text_fr"), "image", "is_public"]})]


@admin.register(Redirect)
class RedirectAdmin(VersionedAdmin):
    list_display = ["old", "target", "kind", "note", "updated_at"]
    list_filter = ["kind"]
    search_fields = ["old", "target", "note"]
    fieldsets = [(None, {"fields": ["old", "target", "kind", "note"]})]
