"""What colleagues narrow the library by: what is missing, what is ending, what nobody uses."""

from django.contrib import admin
from django.db.models.functions import ExtractYear
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from imagine_site.images import uses
from imagine_site.images.expiry import SOON


class MissingFilter(admin.SimpleListFilter):
    title = _("to complete")
    parameter_name = "missing"

    def lookups(self, request, model_admin):
        return [
            ("any", _("incomplete: shown nowhere yet")),
            ("credit", _("credit missing")),
            ("alt", _("alternative text missing")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "any":
                return queryset.filter(incomplete=True)
            case "credit":
                return queryset.without_credit()
            case "alt":
                return queryset.undescribed()
        return queryset


class UsableFilter(admin.SimpleListFilter):
    title = _("may be shown")
    parameter_name = "usable"

    def lookups(self, request, model_admin):
        return [("yes", _("yes")), ("no", _("no: words, rights or consent"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.usable()
        if self.value() == "no":
            return queryset.not_usable()
        return queryset


class RightsFilter(admin.SimpleListFilter):
    title = _("rights and consent")
    parameter_name = "rights"

    def lookups(self, request, model_admin):
        return [
            ("ended", _("over: no longer shown")),
            ("soon", _("ending within 30 days")),
            ("limited", _("with a last day")),
        ]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        match self.value():
            case "ended":
                return queryset.ended(today)
            case "soon":
                return queryset.ending(today, today + SOON)
            case "limited":
                return queryset.exclude(rights_until=None, consent_until=None)
        return queryset


class UsedFilter(admin.SimpleListFilter):
    title = _("used in")
    parameter_name = "used"

    def lookups(self, request, model_admin):
        return [("yes", _("somewhere")), ("no", _("nowhere"))]

    def queryset(self, request, queryset):
        # The keys and not a subquery: what stands in a text is known only by reading it.
        if self.value() == "yes":
            return queryset.filter(pk__in=uses.used_keys())
        if self.value() == "no":
            return queryset.exclude(pk__in=uses.used_keys())
        return queryset


class MineFilter(admin.SimpleListFilter):
    title = _("added by")
    parameter_name = "by"

    def lookups(self, request, model_admin):
        return [("me", _("me"))]

    def queryset(self, request, queryset):
        return queryset.filter(created_by=request.user) if self.value() == "me" else queryset


class YearFilter(admin.SimpleListFilter):
    """Of the photograph where it is known, else of its coming."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        years = set()
        for field in ("taken_on", "created_at"):
            dated = model_admin.model.objects.order_by().annotate(year=ExtractYear(field))
            years.update(dated.values_list("year", flat=True).distinct())
        return [(str(year), str(year)) for year in sorted(years - {None}, reverse=True)]

    def queryset(self, request, queryset):
        if not (self.value() or "").isdecimal():
            return queryset
        year = int(self.value())
        if not 1 <= year <= 9999:
            return queryset.none()
        taken = queryset.filter(taken_on__year=year)
        return taken | queryset.filter(taken_on=None, created_at__year=year)
