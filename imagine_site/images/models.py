"""The image library: one entry per picture, with what a reader and the law need to know of it.

An entry keeps the picture itself in the private storage "originals", which has no address, and
lists the public files made from it (renditions): those that are there, so that no page ever names
one that is not. It is described in both languages or said to be decorative, and says whom it is by;
one that does not yet is marked as incomplete and shown nowhere.

What is shown is asked for in one way: `shown(image)`, which is None for a picture that may not be
shown today. Whatever is public goes through it, so that a right that ends takes the picture away at
midnight in Paris. Colleagues see every picture (`file_url`).
"""

import copy
import datetime
from collections.abc import Iterable
from functools import partial
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from translated_fields import TranslatedField, to_attribute

from imagine_site.editing.models import Versioned
from imagine_site.images import signals, uses
from imagine_site.images.normalise import Normalised, normalise
from imagine_site.images.picture import MEDIA_TYPES, Picture, Source
from imagine_site.images.renditions import (
    CROPPED,
    FORMATS,
    SHAPES,
    Made,
    Plan,
    Rendition,
    Shape,
    make_renditions,
    missing,
    plans,
    write_renditions,
)
from imagine_site.images.verify import ImageRefused

#: Wide enough for a column of text on a dense screen; what a browser without srcset is given.
FALLBACK_WIDTH = 960


def _silent_when_decorative(name, field):
    """`image.alt` in the current language; a decorative picture has nothing to say."""

    def getter(image):
        if image.decorative:
            return ""
        return getattr(image, to_attribute(name, get_language() or field.languages[0]), "")

    return getter


class Consent(models.TextChoices):
    NOT_NEEDED = "not-needed", _("not needed: nobody can be recognised")
    GIVEN = "given", _("given in writing")
    MISSING = "missing", _("missing: must not be published")


class ImageQuerySet(models.QuerySet):
    def usable(self, on: datetime.date | None = None) -> "ImageQuerySet":
        """Pictures that may be shown on a day (today when not given): rights and consent hold."""
        on = on or timezone.localdate()
        return self.exclude(consent=Consent.MISSING).filter(
            Q(incomplete=False),
            Q(rights_until=None) | Q(rights_until__gte=on),
            Q(consent_until=None) | Q(consent_until__gte=on),
        )

    def not_usable(self, on: datetime.date | None = None) -> "ImageQuerySet":
        return self.exclude(pk__in=Image.objects.usable(on).values("pk"))

    def ended(self, on: datetime.date | None = None) -> "ImageQuerySet":
        """Those whose rights, or the consent of the people shown, are over on a day."""
        on = on or timezone.localdate()
        return self.filter(Q(rights_until__lt=on) | Q(consent_until__lt=on))

    def ending(self, first: datetime.date, last: datetime.date) -> "ImageQuerySet":
        """Those that may be shown for the last time on one of these days."""
        return self.filter(
            Q(rights_until__range=(first, last)) | Q(consent_until__range=(first, last))
        ).exclude(Q(rights_until__lt=first) | Q(consent_until__lt=first))

    def without_credit(self) -> "ImageQuerySet":
        return self.filter(credit="")

    def undescribed(self) -> "ImageQuerySet":
        """Those that a reader who cannot see them would learn nothing of, in some language."""
        return self.filter(Q(alt_en="") | Q(alt_fr=""), decorative=False)

    def matching(self, normalised: Normalised) -> "ImageQuerySet":
        """The entry that already holds these very pixels, if there is one."""
        return self.filter(digest=normalised.digest)


class DuplicateImage(ImageRefused):
    """The same picture is in the library already; `existing` is its entry."""

    def __init__(self, existing: "Image"):
        self.existing = existing
        super().__init__(
            gettext("This picture is already in the library, as “%(title)s”.")
            % {"title": existing.title},
            code="duplicate",
        )


class Image(Versioned):
    title = models.CharField(
        _("name in the library"),
        max_length=200,
        blank=True,
        help_text=_("For colleagues who look for it. Empty: the name of the file."),
    )
    alt = TranslatedField(
        models.CharField(
            _("alternative text"),
            max_length=500,
            blank=True,
            help_text=_(
                "What the picture shows, for people who cannot see it: one sentence, without "
                "“image of”. It is not the caption."
            ),
        ),
        {
            "en": {"verbose_name": _("alternative text in English")},
            "fr": {"verbose_name": _("alternative text in French")},
        },
        attrgetter=_silent_when_decorative,
    )
    decorative = models.BooleanField(
        _("decorative"),
        default=False,
        help_text=_(
            "Tick only when a reader who cannot see the picture misses nothing. It then needs no "
            "alternative text."
        ),
    )
    credit = models.CharField(
        _("credit"),
        max_length=200,
        blank=True,
        help_text=_(
            "Who made it, as it must be printed: “Laurent Attias / Institut Imagine”. The © is "
            "added by the site."
        ),
    )
    licence = models.CharField(
        _("licence"),
        max_length=200,
        blank=True,
        help_text=_("What we may do with it: “CC BY 4.0”, “assigned, contract 2020-14”."),
    )
    rights_until = models.DateField(
        _("rights until"),
        null=True,
        blank=True,
        help_text=_("The last day on which we may show it. Empty: no limit."),
    )
    consent = models.CharField(
        _("consent of the people shown"),
        max_length=20,
        choices=Consent,
        default=Consent.NOT_NEEDED,
        help_text=_("Anyone who can be recognised has to agree; for a minor, both guardians do."),
    )
    consent_reference = models.CharField(
        _("where the consent is kept"),
        max_length=200,
        blank=True,
        help_text=_("A file number or a place, never the name of a patient."),
    )
    consent_until = models.DateField(
        _("consent until"),
        null=True,
        blank=True,
        help_text=_("The last day the people shown agreed to. Empty: no limit."),
    )
    taken_on = models.DateField(
        _("taken on"),
        null=True,
        blank=True,
        help_text=_("The day the picture was made, if it is known."),
    )
    description = models.TextField(
        _("what the file says"),
        max_length=2000,
        blank=True,
        help_text=_("The caption that came with the file. For colleagues: it is never published."),
    )
    focal_x = models.FloatField(
        _("focal point, from the left"),
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0 is the left edge, 1 the right one. Crops always keep this point."),
    )
    focal_y = models.FloatField(
        _("focal point, from the top"),
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("0 is the top edge, 1 the bottom one."),
    )

    #: A name in the storage "originals" and not a FileField: a FileField has a `url`, and the
    #: picture as it came has no address.
    original = models.CharField(_("original"), max_length=100, editable=False)
    width = models.PositiveIntegerField(_("width in pixels"), editable=False)
    height = models.PositiveIntegerField(_("height in pixels"), editable=False)
    digest = models.CharField(
        _("digest"),
        max_length=64,
        unique=True,
        editable=False,
        error_messages={"unique": _("This picture is already in the library.")},
    )
    renditions = models.JSONField(_("renditions"), default=list, editable=False)
    #: Crops made for earlier focal points. Editions, caches and other sites still name them, so
    #: they stay until the picture itself goes.
    retired = models.JSONField(_("former renditions"), default=list, editable=False)
    #: What the entry showed before its picture was replaced, oldest first: what was published until
    #: then goes on showing it (see `as_of`).
    former = models.JSONField(_("former pictures"), default=list, editable=False)
    #: Came in without the words that it needs. Shown nowhere until somebody completes it.
    incomplete = models.BooleanField(_("incomplete"), default=False, editable=False)
    #: Where an importer took the picture from, so that a second run finds its own work.
    import_ref = models.CharField(
        _("imported from"), max_length=200, null=True, blank=True, unique=True, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = ImageQuerySet.as_manager()
    #: Files do not come back with a restored row, so what describes them is not in the history;
    #: nor does an entry that is complete become incomplete again.
    history = HistoricalRecords(
        excluded_fields=[
            *("original", "width", "height", "digest", "renditions", "retired", "former"),
            "incomplete",
        ]
    )

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0), name="image_has_a_size"),
            models.CheckConstraint(
                condition=Q(focal_x__gte=0, focal_x__lte=1, focal_y__gte=0, focal_y__lte=1),
                name="image_focal_point_is_inside",
                violation_error_message=_("The focal point lies outside the picture."),
            ),
            models.CheckConstraint(
                condition=Q(incomplete=True) | ~Q(credit=""),
                name="image_says_whom_it_is_by",
                violation_error_message=_("Say whom the picture is by."),
            ),
            models.CheckConstraint(
                condition=Q(incomplete=True) | Q(decorative=True) | (~Q(alt_en="") & ~Q(alt_fr="")),
                name="image_is_described_in_both_languages_or_decorative",
                violation_error_message=_(
                    "Describe the picture in both languages, or say that it is decorative."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(consent=Consent.GIVEN) | ~Q(consent_reference=""),
                name="image_consent_given_says_where_it_is_kept",
                violation_error_message=_("Say where the consent is kept."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self._meta.verbose_name} {self.pk}"

    def clean(self):
        super().clean()
        for text in (
            *("title", "alt_en", "alt_fr", "credit", "licence", "consent_reference"),
            "description",
        ):
            setattr(self, text, (getattr(self, text) or "").strip())
        errors = {}
        self.focal_x, self.focal_y = round(self.focal_x, 2), round(self.focal_y, 2)
        if self.credit[:1] == "©":
            self.credit = self.credit[1:].strip()
        if not self.incomplete:
            for text in self.missing:
                errors[text] = (
                    _("Say whom the picture is by.")
                    if text == "credit"
                    else _("Say what the picture shows, or tick “decorative” if it says nothing.")
                )
        if self.consent == Consent.GIVEN and not self.consent_reference:
            errors["consent_reference"] = _(
                "Say where the consent is kept, so that it can be found when someone asks."
            )
        if errors:
            raise ValidationError(errors)

    @property
    def missing(self) -> list[str]:
        """The fields that have to be filled before the picture may be shown."""
        needed = ["credit"] if self.decorative else ["credit", "alt_en", "alt_fr"]
        return [name for name in needed if not getattr(self, name)]

    @property
    def complete(self) -> bool:
        return not self.missing

    #: The columns that say which files there are.
    _FILES = ("original", "width", "height", "digest", "renditions", "retired", "former")
    _read: dict[str, object] = {}

    @classmethod
    def from_db(cls, db, field_names, values):
        image = super().from_db(db, field_names, values)
        image._note_files()
        return image

    def refresh_from_db(self, *args, **kwargs):
        super().refresh_from_db(*args, **kwargs)
        self._note_files()

    def _note_files(self) -> None:
        self._read = {name: vars(self)[name] for name in self._FILES if name in vars(self)}

    def save(self, *args, **kwargs):
        """An incomplete entry becomes a complete one by itself, never the other way round.

        Which files there are is written only by whoever changed it: sizes may be added while a
        form is open, and saving that form must not lose them.
        """
        if self.incomplete and self.complete:
            self.incomplete = False
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "incomplete"}
        untouched = {name for name, was in self._read.items() if getattr(self, name) == was}
        if untouched and not self._state.adding and not (args or kwargs):
            kwargs["update_fields"] = {
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.attname not in self.get_deferred_fields()
            } - untouched
        super().save(*args, **kwargs)
        self._note_files()
        if self.unmade() or self.unmade_of_former():
            Unmade.note(self)

    # -- Coming and going ---------------------------------------------------------------------

    @classmethod
    def add(
        cls,
        file,
        *,
        credit: str,
        title: str = "",
        alt_en: str = "",
        alt_fr: str = "",
        decorative: bool = False,
        by=None,
        **more,
    ) -> "Image":
        """Verify a file, normalise it, make its renditions and save the entry.

        `file` is a binary file or an upload; `more` are other fields of the model. Raises
        `ImageRefused` for a file we do not take, its subclass `DuplicateImage` for a picture that
        is here already, and `ValidationError` when the entry itself is not complete.
        """
        image = cls(
            title=title or PurePath(getattr(file, "name", "") or "").stem[:200],
            alt_en=alt_en,
            alt_fr=alt_fr,
            decorative=decorative,
            credit=credit,
            created_by=by,
            **more,
        )
        # Before the costly part: a missing credit should not take two seconds to be noticed.
        image.full_clean(exclude=["original", "width", "height", "digest"])
        normalised = normalise(file)
        if existing := cls.objects.matching(normalised).first():
            raise DuplicateImage(existing)
        image.receive(normalised)
        image.save_new()
        return image

    def save_new(self) -> None:
        """Save a picture that was just received; the same picture may have come in meanwhile."""
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            if existing := Image.objects.filter(digest=self.digest).first():
                raise DuplicateImage(existing) from None
            raise

    def receive(self, normalised: Normalised, made: Made | None = None) -> None:
        """Take a normalised picture as one's own: write its files and describe them. Not saved.

        Files come first: one without a row costs a few bytes, a row without one a broken page.
        `made` are renditions that were made beforehand, for the same focal point; those that are
        not among them are made later.
        """
        self.width, self.height = normalised.width, normalised.height
        self.digest = normalised.digest
        self.original = f"{self.digest[:2]}/{self.digest}.{normalised.extension}"
        originals = storages["originals"]
        if not originals.exists(self.original):
            originals.save(self.original, ContentFile(normalised.data))
        made = made or make_renditions(normalised.data, focal=self.focal)
        write_renditions(made, default_storage)
        before, self.renditions = self.all_renditions(), []
        self.retired = [*self.retired, *(rendition.path for rendition in before)]
        self.list_renditions(rendition for rendition, _content in made)

    def render(self, *, shapes: tuple[Shape, ...] = SHAPES) -> None:
        """Make the renditions of some shapes anew from the original, and list them. Not saved."""
        made = make_renditions(self.read_original(), focal=self.focal, shapes=shapes)
        write_renditions(made, default_storage)
        self.list_renditions(rendition for rendition, _content in made)

    def list_renditions(self, made: Iterable[Rendition]) -> None:
        """Name files that were written, each in the place of the one that was there. Not saved.

        What no longer has a place (the focal point moved meanwhile, other sizes are offered) stays
        known as this entry's: pages in caches may name it.
        """
        wanted = {plan.place: plan for plan in self._plans()}
        before, made = self.all_renditions(), list(made)
        now = {each.plan.place: each for each in before if each.plan.place in wanted}
        now |= {each.plan.place: each for each in made if each.plan == wanted.get(each.plan.place)}
        self.renditions = [now[place].as_json() for place in wanted if place in now]
        paths = {rendition.path for rendition in now.values()}
        former = [*self.retired, *(rendition.path for rendition in [*before, *made])]
        self.retired = [path for path in dict.fromkeys(former) if path not in paths]

    def _plans(self) -> list[Plan]:
        return plans(self.width, self.height, self.focal)

    def unmade(self) -> list[Plan]:
        """The renditions that it should have, for its present focal point, and has not yet."""
        return missing(self.all_renditions(), self._plans())

    def unmade_of_former(self) -> dict[int, list[Plan]]:
        """The same for pictures that were replaced and still stand in texts, by their number."""
        found = {}
        for number, kept in enumerate(self.former):
            if kept["until"]:
                listed = [Rendition.from_json(row) for row in kept["renditions"]]
                focal = (kept["focal_x"], kept["focal_y"])
                if lacking := missing(listed, plans(kept["width"], kept["height"], focal)):
                    found[number] = lacking
        return found

    #: What a former picture keeps: its files, and the words that were said of it.
    _KEPT = (
        *("original", "width", "height", "digest", "renditions", "focal_x", "focal_y"),
        *("alt_en", "alt_fr", "decorative", "credit"),
    )

    def replace(
        self,
        normalised: Normalised,
        made: Made | None = None,
        *,
        focal: tuple[float, float] = (0.5, 0.5),
        everywhere: bool = False,
        at: datetime.datetime | None = None,
    ) -> None:
        """Put another picture in the place of this one. Not saved.

        No file goes: pages that lie in caches name them. What is published already goes on showing
        what it was published with, unless `everywhere` says that this is the same picture made
        better. `made` are its renditions as far as they were made beforehand, for `focal`.
        """
        former = {name: getattr(self, name) for name in self._KEPT}
        former["until"] = (at or timezone.now()).isoformat()
        self.focal_x, self.focal_y = focal
        self.receive(normalised, made)
        if everywhere:
            # The files stay all the same, and are known as this entry's.
            former["until"] = None
        self.former = [*self.former, former]

    def as_of(self, moment: datetime.datetime) -> "Image":
        """The picture and its words as they were at a moment, where it was replaced since.

        Rights and consent are always those of today.
        """
        for former in self.former:
            until = former["until"]
            if until and moment < datetime.datetime.fromisoformat(until):
                then = copy.copy(self)
                for name in self._KEPT:
                    setattr(then, name, former[name])
                return then
        return self

    def refocus(self) -> None:
        """Cut the crops for the present focal point; the whole picture stays. Not saved."""
        self.render(shapes=CROPPED)

    def remove(self) -> None:
        """Delete the entry and, once that is committed, the files nobody else names.

        Raises `ImageInUse` while the picture stands somewhere.
        """
        if found := uses.of(self):
            raise uses.ImageInUse(found)
        originals, paths = self.originals(), self.paths()
        with transaction.atomic():
            Unmade.objects.filter(image=self.pk).delete()
            self.delete()
            transaction.on_commit(lambda: remove_files(originals, paths))

    @property
    def focal(self) -> tuple[float, float]:
        """From the left and from the top, as parts of width and height."""
        return self.focal_x, self.focal_y

    def read_original(self) -> bytes:
        with storages["originals"].open(self.original) as file:
            return file.read()

    # -- What may be shown --------------------------------------------------------------------

    @property
    def last_day(self) -> datetime.date | None:
        """The last day on which it may be shown; None where there is no limit."""
        return min((day for day in (self.rights_until, self.consent_until) if day), default=None)

    def rights_expired(self, on: datetime.date | None = None) -> bool:
        return self.rights_until is not None and self.rights_until < (on or timezone.localdate())

    def consent_expired(self, on: datetime.date | None = None) -> bool:
        return self.consent_until is not None and self.consent_until < (on or timezone.localdate())

    def usable(self, on: datetime.date | None = None) -> bool:
        """True when the picture may be shown on a day (today when not given)."""
        if self.incomplete or self.consent == Consent.MISSING:
            return False
        return not (self.rights_expired(on) or self.consent_expired(on))

    def obstacles(self, on: datetime.date | None = None) -> list[str]:
        """Why the picture may not be shown on a day, in words for the editor; empty when it may."""
        found = []
        if self.incomplete:
            found.append(
                gettext("Its entry in the library is incomplete. Missing: %(fields)s.")
                % {
                    "fields": ", ".join(
                        str(self._meta.get_field(name).verbose_name) for name in self.missing
                    )
                }
            )
        if self.consent == Consent.MISSING:
            found.append(gettext("The people shown have not given their consent."))
        if self.consent_expired(on):
            found.append(
                gettext("The consent of the people shown ended on %(day)s.")
                % {"day": self.consent_until.isoformat()}
            )
        if self.rights_expired(on):
            found.append(
                gettext("The rights to this picture ended on %(day)s.")
                % {"day": self.rights_until.isoformat()}
            )
        return found

    # -- Files and mark-up --------------------------------------------------------------------

    def all_renditions(self) -> list[Rendition]:
        return [Rendition.from_json(row) for row in self.renditions]

    def _of_shape(self, shape: str) -> list[Rendition]:
        # Every page is made of these: of the dozens of a picture, only those that are needed.
        return [Rendition.from_json(row) for row in self.renditions if row["shape"] == shape]

    def paths(self) -> list[str]:
        """Every public file of this entry, those of former focal points and pictures too."""
        former = (row["path"] for kept in self.former for row in kept["renditions"])
        return list(dict.fromkeys([*self.paths_now(), *self.retired, *former]))

    def paths_now(self) -> list[str]:
        """The public files of the present picture and focal point."""
        return [rendition.path for rendition in self.all_renditions()]

    def originals(self) -> list[str]:
        """Names in the private storage: the present picture and those it replaced."""
        return list(dict.fromkeys([self.original, *(kept["original"] for kept in self.former)]))

    def rendition(
        self, *, shape: str = "full", format: str = "jpg", at_least: int = FALLBACK_WIDTH
    ) -> Rendition:
        """The smallest rendition of a shape and format that is wide enough, or the widest."""
        return _wide_enough(
            [rendition for rendition in self._of_shape(shape) if rendition.format == format],
            at_least,
        )

    def picture(
        self,
        *,
        shape: str = "full",
        sizes: str = "100vw",
        alt: str | None = None,
        loading: str = "lazy",
        css_class: str = "",
    ) -> SafeString:
        """A `<picture>` in AVIF, WebP and JPEG; nothing for one that may not be shown. `alt`
        replaces the library's own text here only: None keeps that text, "" says that the words
        around the picture say it all."""
        if not self.usable():
            return mark_safe("")
        if alt is None:
            alt = self.alt
        renditions = self._of_shape(shape)
        fallback = _wide_enough([r for r in renditions if r.format == "jpg"], FALLBACK_WIDTH)
        value = Picture(
            sources=tuple(
                Source(
                    format=format,
                    candidates=tuple(
                        (media_url(r.path), r.width) for r in renditions if r.format == format
                    ),
                )
                for format in ("avif", "webp", "jpg")
            ),
            src=media_url(fallback.path),
            width=fallback.width,
            height=fallback.height,
            alt=alt,
            sizes=sizes,
            loading=loading,
            css_class=css_class,
        )
        return mark_safe(value.html())  # noqa: S308 - Picture escapes every attribute

    def preload(self, *, shape: str = "full", sizes: str = "100vw") -> SafeString:
        """A `<link rel=preload>` for the picture that a page is judged by (LCP), in the best format
        it has: AVIF, unless that is still to be made.

        `sizes` is that of the `<picture>`. Browsers without the format skip it because of its type.
        """
        if not self.usable():
            return mark_safe("")
        renditions = self._of_shape(shape)
        there = {rendition.format for rendition in renditions}
        best = next(format for format in FORMATS if format in there)
        candidates = ", ".join(
            f"{media_url(r.path)} {r.width}w" for r in renditions if r.format == best
        )
        return format_html(
            '<link rel="preload" as="image" type="{}" imagesrcset="{}" imagesizes="{}" '
            'fetchpriority="high">',
            MEDIA_TYPES[best],
            candidates,
            sizes,
        )

    def url(self, *, shape: str = "full", at_least: int = FALLBACK_WIDTH) -> str:
        """The address of one JPEG, for where `<picture>` does not exist: feeds, link previews.
        "" for a picture that may not be shown."""
        if not self.usable():
            return ""
        return self.file_url(shape=shape, at_least=at_least)

    def file_url(self, *, shape: str = "full", at_least: int = FALLBACK_WIDTH) -> str:
        """The same whatever the rights: for colleagues, never for a public page."""
        return media_url(self.rendition(shape=shape, at_least=at_least).path)


def _wide_enough(renditions: list[Rendition], at_least: int) -> Rendition:
    """The smallest of these that is, or the widest."""
    fitting = [rendition for rendition in renditions if rendition.width >= at_least]
    if fitting:
        return min(fitting, key=lambda rendition: rendition.width)
    return max(renditions, key=lambda rendition: rendition.width)


#: How long a picture is one process's, once it began with it: many times what it takes, so that
#: nobody else begins as long as that one lives.
CLAIMED_FOR = datetime.timedelta(minutes=3)
#: How often it is tried to make a picture's renditions, before only `make_renditions` does.
MOST_TRIES = 3


class UnmadeQuerySet(models.QuerySet):
    def waiting(self) -> "UnmadeQuerySet":
        """Those that are still tried."""
        return self.filter(tries__lt=MOST_TRIES)

    def free(self, at: datetime.datetime | None = None) -> "UnmadeQuerySet":
        """Those that nobody is at work on."""
        at = at or timezone.now()
        return self.waiting().filter(Q(claimed_until=None) | Q(claimed_until__lte=at))


class Unmade(models.Model):
    """A picture some of whose renditions are to be made (`imagine_site.images.later`).

    Beside the picture and not in its row: that somebody is at work on it changes no page. The row
    goes when the picture is complete, so what a process that died left undone is still here.
    """

    image = models.OneToOneField(
        Image,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    #: The picture and the focal point it is about: with others, it is tried anew.
    wanted = models.CharField(max_length=120)
    since = models.DateTimeField(auto_now_add=True)
    claimed_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = UnmadeQuerySet.as_manager()

    class Meta:
        verbose_name = "unmade renditions"
        verbose_name_plural = "unmade renditions"
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return f"image {self.image_id}, {self.tries} tries"

    @classmethod
    def note(cls, image: Image) -> None:
        """Remember that a picture has renditions to be made, and say so once that is committed."""
        wanted = f"{image.digest} {image.focal_x} {image.focal_y}"
        row, created = cls.objects.get_or_create(image_id=image.pk, defaults={"wanted": wanted})
        if not created and row.wanted != wanted:
            cls.objects.filter(pk=row.pk).update(wanted=wanted, tries=0, claimed_until=None)
        transaction.on_commit(partial(signals.renditions_wait.send, sender=Image, image=image))


def shown(
    image: Image | None,
    *,
    on: datetime.date | None = None,
    as_of: datetime.datetime | None = None,
) -> Image | None:
    """The picture if there is one and it may be shown on a day (today when not given).

    `as_of` is when the text that shows it was published.
    """
    if image is None or not image.usable(on):
        return None
    return image.as_of(as_of) if as_of else image


def media_url(path: str) -> str:
    """Not `default_storage.url()`: on S3 that may be signed and expire, and editions keep it."""
    return settings.MEDIA_URL + path


def remove_files(originals: list[str], paths: list[str]) -> None:
    """Remove a deleted picture's files, except those that another entry names too.

    Two entries can share a rendition: names come from content, and a small copy of a picture
    may well give the same bytes. Called after the commit: a rolled back deletion keeps its files.
    """
    unnamed, going = set(originals), set(paths)
    files = Image.objects.only("original", "renditions", "retired", "former")
    for image in files.iterator():
        unnamed -= set(image.originals())
        going -= set(image.paths())
    for name in unnamed:
        storages["originals"].delete(name)
    for path in going:
        default_storage.delete(path)
