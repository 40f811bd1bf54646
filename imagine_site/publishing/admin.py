"""The base of the admin of every story: its states in the list, its parts in the form."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from js_asset import Script

from imagine_site.editing.admin import in_its_language
from imagine_site.editing.fields import DocumentField
from imagine_site.editing.languages import language_name
from imagine_site.publishing.comments import Comments
from imagine_site.publishing.draft_links import DraftLinks
from imagine_site.publishing.editor import document_formfield
from imagine_site.publishing.editor_views import get_editor_urls
from imagine_site.publishing.journal import EventAdmin
from imagine_site.publishing.keeping import Keeping
from imagine_site.publishing.models import LANGUAGES, Event, Release
from imagine_site.publishing.parts import LANGUAGE_FIELDSET, moment
from imagine_site.publishing.preview import Preview
from imagine_site.publishing.publication import Publication
from imagine_site.publishing.releases import ReleaseAdmin
from imagine_site.publishing.reviews import Reviews
from imagine_site.publishing.status import LABELS, Status, status
from imagine_site.publishing.timeline import Timeline

LANGUAGE_NAMES = dict(settings.LANGUAGES)


class StateFilter(admin.SimpleListFilter):
    """Live, scheduled or draft in any language (a draft has nothing public at all)."""

    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [(state, LABELS[state]) for state in ("live", "scheduled", "draft", "withdrawn")]

    def queryset(self, request, queryset):
        editions = queryset.model._meta.get_field("editions").related_model.objects
        mine = editions.filter(story=OuterRef("pk"))
        live, scheduled, ever = (
            Exists(mine.filter(pk__in=chosen.values("pk")))
            for chosen in (editions.live(), editions.scheduled(), editions.ever_live())
        )
        match self.value():
            case "live":
                return queryset.filter(live)
            case "scheduled":
                return queryset.filter(scheduled)
            case "draft":
                return queryset.filter(~live, ~scheduled, ~ever)
            case "withdrawn":
                return queryset.filter(~live, ~scheduled, ever)
        return queryset


class LanguageFilter(admin.SimpleListFilter):
    """Stories that have a text in a language, or lack one."""

    title = gettext_lazy("language")
    parameter_name = "written"

    def lookups(self, request, model_admin):
        for code in LANGUAGES:
            yield code, _("written in %(language)s") % {"language": language_name(code)}
            yield f"no-{code}", _("not in %(language)s") % {"language": language_name(code)}

    def queryset(self, request, queryset):
        value = self.value() or ""
        code = value.removeprefix("no-")
        if code not in LANGUAGES:
            return queryset
        empty = {f"title_{code}": ""}
        return queryset.filter(**empty) if value.startswith("no-") else queryset.exclude(**empty)


class StoryAdmin(Keeping, Preview, DraftLinks, Reviews, Comments, Timeline, Publication):
    """Lists with states; a form composed of its parts."""

    change_form_template = "publishing/change_form.html"
    list_filter = [StateFilter, LanguageFilter]
    search_fields = ["title_en", "title_fr", "summary_en", "summary_fr", "slug_en", "slug_fr"]
    list_per_page = 50
    show_full_result_count = False
    #: A working copy is at no address; the form links to what is live.
    view_on_site = False

    class Media:
        css = {"all": ["publishing/form.css", "publishing/languages.css"]}
        js = [
            Script("publishing/languages.js", type="module"),
            Script("publishing/stay.js", type="module"),
        ]

    #: The last of the fieldsets.
    UPKEEP = (gettext_lazy("Upkeep"), {"fields": ["review_by"]})

    @staticmethod
    def language_fieldsets(*fields: str) -> list[tuple]:
        """A fieldset for each language, with its half of the bilingual fields."""
        return [
            (
                LANGUAGE_NAMES[code],
                {
                    "classes": LANGUAGE_FIELDSET.format(code).split(),
                    "fields": [f"{field}_{code}" for field in fields],
                },
            )
            for code in LANGUAGES
        ]

    # -- lists

    def get_queryset(self, request):
        if not self.shows_list(request):
            return super().get_queryset(request)
        editions = self.model._meta.get_field("editions").related_model.objects
        return (
            super()
            .get_queryset(request)
            .select_related("edited_by")
            .prefetch_related(
                Prefetch(
                    "editions",
                    queryset=editions.defer("html", "html_later", "text").order_by(
                        "-live_from", "-pk"
                    ),
                    to_attr="fetched_editions",
                )
            )
        )

    def status_of(self, story, language: str) -> Status:
        editions = getattr(story, "fetched_editions", None)
        if editions is None:
            editions = list(story.editions.all())
        return status(story, language, editions)

    @admin.display(description=gettext_lazy("title"), ordering="title_en")
    def headline(self, story) -> str:
        return str(story)

    @admin.display(description=gettext_lazy("English"))
    def state_en(self, story) -> str:
        return self._state(story, "en")

    @admin.display(description=gettext_lazy("French"))
    def state_fr(self, story) -> str:
        return self._state(story, "fr")

    def _state(self, story, language: str) -> str:
        now = self.status_of(story, language)
        when = now.scheduled.live_from if now.scheduled else None
        return format_html(
            '<span class="state state--{}">{}</span>{}',
            now.state,
            now.label,
            format_html(" <small>{}</small>", moment(when)) if when else "",
        )

    # -- the form

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, DocumentField):
            return in_its_language(document_formfield(db_field, **kwargs), db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_urls(self):
        return [*get_editor_urls(self.admin_site), *super().get_urls()]

    def save_model(self, request, obj, form, change):
        if self.changes_something(request, form, change):
            obj.edited_by = request.user
        super().save_model(request, obj, form, change)


admin.site.register(Release, ReleaseAdmin)
admin.site.register(Event, EventAdmin)
