from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from imagine_site.editing.admin import Bilingual
from imagine_site.editing.chosen import Chosen, name_in, remember
from imagine_site.publishing.admin import LanguageFilter, StateFilter, StoryAdmin
from news.models import Guest, Post, Visit
from news.names import chosen_in


class VisitInline(Bilingual, admin.StackedInline):
    model = Visit
    max_num = 1
    extra = 0
    fields = [("starts_on", "ends_on"), ("place_en", "place_fr"), ("announced_en", "announced_fr")]


class GuestInline(Bilingual, admin.TabularInline):
    model = Guest
    extra = 0
    fields = ["name", "role_en", "role_fr", "order"]


class YearFilter(admin.SimpleListFilter):
    """Every year from the first article's to the last one's: which of them have any is not asked,
    because that would take as long as there are articles."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        dates = Post.objects.exclude(date=None).values_list("date", flat=True)
        first, last = dates.order_by("date").first(), dates.order_by("-date").first()
        years = range(last.year, first.year - 1, -1) if first else ()
        return [(str(year), str(year)) for year in years]

    def queryset(self, request, queryset):
        if not (self.value() or "").isdecimal():
            return queryset
        year = int(self.value())
        return queryset.filter(date__year=year) if 1 <= year <= 9999 else queryset.none()


@admin.register(Post)
class PostAdmin(StoryAdmin):
    list_display = ["headline", "kind", "date", "state_en", "state_fr", "updated_at", "edited_by"]
    list_filter = [StateFilter, LanguageFilter, "kind", YearFilter]
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

    def get_queryset(self, request):
        found = super().get_queryset(request)
        return found if self.shows_list(request) else found.select_related("visit")

    def get_object(self, request, object_id, from_field=None):
        """For the form as it is opened, with all that it is about fetched by one query."""
        post = super().get_object(request, object_id, from_field)
        if post is not None and request.method == "GET":
            post.chosen = chosen_in(post)
            for name, rows in post.chosen.items():
                remember(post, name, rows)
        return post

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        chosen = getattr(obj, "chosen", None)
        response = super().render_change_form(request, context, add, change, form_url, obj)
        if chosen is not None:
            form = context["adminform"].form
            for name, rows in chosen.items():
                name_in(form, name, rows)
            if image := obj.lead_image:
                name_in(form, "lead_image", [Chosen(image.pk, str(image))])
        return response

    def save_model(self, request, obj, form, change):
        if change and self.changes_something(request, form, change):
            obj.edited_since_import = True
        super().save_model(request, obj, form, change)
