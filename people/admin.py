from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.admin import Bilingual
from imagine_site.register.admin import HTTPS_ASSUMED, RecordAdmin, linked
from people.models import FoundingMember, Position, Researcher, ResearcherLink


class HoldsFilter(admin.SimpleListFilter):
    """Who holds a title today: positions are dates, so that the list has to ask them."""

    title = _("has a title today")
    parameter_name = "titled"

    def lookups(self, request, model_admin):
        return [("yes", _("yes")), ("no", _("no"))]

    def queryset(self, request, queryset):
        if self.value() not in {"yes", "no"}:
            return queryset
        held = Position.objects.held(at=timezone.localdate()).values("researcher")
        wanted = {"pk__in": held}
        return queryset.filter(**wanted) if self.value() == "yes" else queryset.exclude(**wanted)


class PositionInline(Bilingual, admin.TabularInline):
    model = Position
    extra = 0
    fields = ["title_en", "title_fr", "since", "until"]
    verbose_name_plural = _("positions: a title holds from a date to a date")


class LinkInline(Bilingual, admin.TabularInline):
    model = ResearcherLink
    extra = 0
    fields = ["label", "url"]
    formfield_overrides = HTTPS_ASSUMED


@admin.register(Researcher)
class ResearcherAdmin(RecordAdmin):
    list_display = [
        "sorted_name",
        "honorific",
        "titles_today",
        "is_public",
        "orcid",
        "updated_at",
    ]
    list_filter = ["is_public", HoldsFilter, "memberships__laboratory"]
    search_fields = ["given_name", "family_name", "aliases", "orcid"]
    search_help_text = _("Name, other name or ORCID iD")
    autocomplete_fields = ["photo"]
    readonly_fields = ["laboratories", "start_ups", *RecordAdmin.readonly_fields]
    inlines = [PositionInline, LinkInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("honorific", "given_name", "family_name"),
                    "is_public",
                    "photo",
                    ("biography_en", "biography_fr"),
                    ("orcid", "id_hal"),
                    "slug",
                ]
            },
        ),
        (
            _("Elsewhere in the register"),
            {
                "fields": ["laboratories", "start_ups"],
                "description": _("Said on the page of the laboratory or start-up."),
            },
        ),
        RecordAdmin.HOUSEKEEPING,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_positions()

    @admin.display(description=_("name"), ordering="family_name")
    def sorted_name(self, researcher: Researcher) -> str:
        return f"{researcher.family_name}, {researcher.given_name}"

    @admin.display(description=_("titles today"))
    def titles_today(self, researcher: Researcher) -> str:
        titles = researcher.titles(at=timezone.localdate())
        return "; ".join(str(title) for title in titles) or "–"

    @admin.display(description=_("laboratories"))
    def laboratories(self, researcher: Researcher) -> str:
        memberships = researcher.memberships.select_related("laboratory")
        return linked((each.laboratory, each.get_role_display()) for each in memberships)

    @admin.display(description=_("start-ups"))
    def start_ups(self, researcher: Researcher) -> str:
        return linked((each, "") for each in researcher.startups.all())


@admin.register(FoundingMember)
class FoundingMemberAdmin(RecordAdmin):
    list_display = ["order", "name", "short_name", "sort", "is_public", "updated_at"]
    list_display_links = ["name"]
    list_filter = ["is_public", "sort"]
    search_fields = ["name_en", "name_fr", "short_name", "aliases", "ror"]
    search_help_text = _("Name, short name, other name or ROR id")
    autocomplete_fields = ["logo"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name_en", "name_fr"),
                    ("short_name", "sort", "order"),
                    "is_public",
                    "logo",
                    ("description_en", "description_fr"),
                    ("former_names_en", "former_names_fr"),
                    ("since", "until"),
                    ("website", "ror", "slug"),
                ]
            },
        ),
        RecordAdmin.HOUSEKEEPING,
    ]
