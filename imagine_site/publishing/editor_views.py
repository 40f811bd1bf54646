"""What the writing surface asks the server: who and what is called so.

Staff only: the answers name records that are not public, and say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from imagine_site.register import kinds
from imagine_site.register.names import fold

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

    from imagine_site.register.models import Record

MOST_RESULTS = 10
LONGEST_QUERY = 100


def _rank(query: str, name: str) -> int | None:
    """0 for the name itself, 1 where it begins so, 2 where its words do, 3 within; None: not."""
    folded = fold(name)
    if folded == query:
        return 0
    if folded.startswith(query):
        return 1
    words = folded.split()
    if all(any(word.startswith(part) for word in words) for part in query.split()):
        return 2
    return 3 if query in folded else None


def _records_of(model: type[Record]) -> models.QuerySet:
    """All its records, without biographies and descriptions: names are enough here."""
    long_texts = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.TextField) and field.name != "aliases"
    ]
    return model.objects.defer(*long_texts)


def search_records(
    query: str, kinds_of_records: list[type[Record]] | None = None
) -> list[dict[str, str]]:
    """The records a few letters may mean, the likeliest first; one query a kind (all unless given).

    Compared here and not in the database, because no two databases agree on accents; a register
    has hundreds of names, not millions.
    """
    folded = fold(query[:LONGEST_QUERY])
    if not folded:
        return []
    found = []
    for model in kinds.everything() if kinds_of_records is None else kinds_of_records:
        for record in _records_of(model):
            label = str(record)
            ranked = [
                (rank, name != label, name)
                for name in (label, *record.all_names())
                if (rank := _rank(folded, name)) is not None
            ]
            if ranked:
                rank, _other, name = min(ranked)
                found.append((rank, not record.is_public, fold(label), record, label, name))
    found.sort(key=lambda one: one[:3])
    return [_answer(record, label, name) for *_sort, record, label, name in found[:MOST_RESULTS]]


def _answer(record: Record, label: str, name: str) -> dict[str, str]:
    details = []
    if fold(name) not in fold(label):
        details.append(name)
    if not record.is_public:
        details.append(_("not public"))
    return {
        "ref": record.reference,
        "label": label,
        "kind": str(record._meta.verbose_name),
        "detail": ", ".join(details),
    }


@require_GET
def record_search(request: HttpRequest) -> JsonResponse:
    """`?q=` → `{"results": [{ref, label, kind, detail}]}`, at most ten.

    Only kinds that the account may see in the admin are searched; 403 where that is none.
    """
    visible = [
        model
        for model in kinds.everything()
        if request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
    ]
    if not visible:
        raise PermissionDenied
    return JsonResponse({"results": search_records(request.GET.get("q", ""), visible)})


def get_editor_urls(admin_site: AdminSite) -> list[URLPattern]:
    """For the `get_urls` of an admin whose forms have a writing surface.

    Several may include them: all lead to one view, named `admin:publishing_record_search`.
    """
    return [path("names/", admin_site.admin_view(record_search), name="publishing_record_search")]
