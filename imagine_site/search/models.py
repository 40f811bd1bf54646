"""The index: one row for each thing a visitor can find, in each of its languages."""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection

from django.conf import settings
from django.db import connections, models
from django.db.models import Q
from django.utils import timezone

from imagine_site.images.models import Image


class SearchEntryQuerySet(models.QuerySet):
    def live(self, *, at: datetime.datetime | None = None) -> SearchEntryQuerySet:
        """Those a visitor may find at a moment; an embargo ends and begins by the clock alone."""
        at = at or timezone.now()
        return self.filter(Q(live_until__isnull=True) | Q(live_until__gt=at), live_from__lte=at)


class SearchEntry(models.Model):
    """Made from what is public by the source of its kind; never edited, and made again at will.

    The long columns come last: what decides about a row is read without them.
    """

    kind = models.CharField(max_length=20)
    object_id = models.PositiveBigIntegerField()
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    live_from = models.DateTimeField()
    live_until = models.DateTimeField(null=True)
    date = models.DateField(null=True)
    title = models.CharField(max_length=250)
    label = models.CharField(max_length=250, blank=True)
    url = models.CharField(max_length=400)
    picture = models.ForeignKey(Image, on_delete=models.SET_NULL, null=True, related_name="+")
    summary = models.TextField(blank=True)
    text = models.TextField(blank=True)
    #: What the index reads: see `imagine_site.search.terms`.
    terms = models.TextField()

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "object_id"], name="search_entry_of"),
            models.Index(
                fields=["live_until"],
                condition=Q(live_until__isnull=False),
                name="search_entry_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class SearchChange(models.Model):
    """An entry that came, changed or went, of which OpenSearch has not been told yet; noted by the
    database itself (`imagine_site.search.opensearch`), and only where one is configured."""

    entry_id = models.BigIntegerField()
    gone = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.entry_id}{' gone' if self.gone else ''}"


class SearchWordManager(models.Manager):
    def among(self, language: str, words: Collection[str]) -> list[SearchWord]:
        """Those of a language that are one of many words, handed over as one value: composing a
        list of six hundred takes longer than looking them up."""
        if connections[self.db].vendor == "postgresql":
            given, many = list(words), "= ANY(%s)"
        else:
            given, many = json.dumps(list(words)), "IN (SELECT value FROM json_each(%s))"
        where = f"language = %s AND word {many}"
        sql = f"SELECT * FROM {self.model._meta.db_table} WHERE {where}"  # noqa: S608 - constants
        return list(self.raw(sql, [language, given]))


class SearchWord(models.Model):
    """A word that stands in some entry, folded: what a misspelt one may have meant."""

    language = models.CharField(max_length=5)
    word = models.CharField(max_length=40)
    #: In how many entries it stood when the index was last rebuilt.
    entries = models.PositiveIntegerField(default=1)

    objects = SearchWordManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "word"], name="one_search_word"),
        ]

    def __str__(self) -> str:
        return self.word
