from django.contrib import admin
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.admin import Bilingual, VersionedAdmin
from imagine_site.register.admin import RecordAdmin
from labs.models import FundingRound, Laboratory, Membership, StartUp, Theme, total_raised


@admin.register(Theme)
class ThemeAdmin(VersionedAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name_en", "name_fr"]
    prepopulated_fields = {"slug": ["name_en"]}
    fieldsets = [(None, {"fields": [("name_en", "name_fr"), "slug"]})]


class MembershipInline(Bilingual, admin.TabularInline):
    model = Membership
    extra = 0
    fields = ["researcher", "role", "since", "until"]
    autocomplete_fields = ["researcher"]
    verbose_name_plural = _("members: whoever has left stays here, with a date")


@admin.register(Laboratory)
class LaboratoryAdmin(RecordAdmin):
    list_display = ["name", "heads_today", "is_public", "opened", "closed", "updated_at"]
    list_filter = ["is_public", "themes"]
    search_fields = [
        "name_en",
        "name_fr",
        "short_name_en",
        "short_name_fr",
        "aliases",
        "unit_code",
    ]
    search_help_text = _("Name, other name or unit code")
    autocomplete_fields = ["image", "themes"]
    inlines = [MembershipInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name_en", "name_fr"),
                    ("short_name_en", "short_name_fr"),
                    "is_public",
                    ("we_study_en", "we_study_fr"),
                    ("description_en", "description_fr"),
                    ("note_en", "note_fr"),
                    "image",
                    "themes",
                ]
            },
        ),
        (
            _("Unit"),
            {
                "fields": [
                    ("unit_code", "website"),
                    ("opened", "closed"),
                    ("slug_en", "slug_fr"),
                ],
                "description": _("A closed laboratory keeps its page and leaves the list."),
            },
        ),
        RecordAdmin.HOUSEKEEPING,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("memberships__researcher")

    @admin.display(description=_("heads today"))
    def heads_today(self, laboratory: Laboratory) -> str:
        today = timezone.localdate()
        heads = [each for each in laboratory.memberships.all() if each.leads(at=today)]
        return ", ".join(str(each.researcher) for each in heads) or "–"


class FundingRoundInline(Bilingual, admin.StackedInline):
    model = FundingRound
    extra = 0
    fields = [
        ("label", "date"),
        ("amount", "currency"),
        "source",
        ("note_en", "note_fr"),
    ]
    verbose_name_plural = _("funding rounds: the total raised is computed from them")


@admin.register(StartUp)
class StartUpAdmin(RecordAdmin):
    list_display = ["name", "origin", "founded", "status", "raised", "is_public", "updated_at"]
    list_filter = ["is_public", "origin", "status", "laboratories"]
    search_fields = ["name", "aliases", "field_en", "field_fr"]
    search_help_text = _("Name, other name or field")
    autocomplete_fields = ["logo", "laboratories", "founders"]
    inlines = [FundingRoundInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "slug"),
                    "is_public",
                    ("origin", "founded", "status"),
                    ("field_en", "field_fr"),
                    ("description_en", "description_fr"),
                    ("logo", "website"),
                ]
            },
        ),
        (_("Where it comes from"), {"fields": ["laboratories", "founders", "other_founders"]}),
        RecordAdmin.HOUSEKEEPING,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rounds()

    @admin.display(description=_("raised to date"))
    def raised(self, startup: StartUp) -> str:
        totals = total_raised(startup.rounds.all(), at=timezone.localdate())
        return (
            "; ".join(
                f"{number_format(amount, 0, force_grouping=True)} {currency}"
                for currency, amount in totals.items()
            )
            or "–"
        )
