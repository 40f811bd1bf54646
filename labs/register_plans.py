"""What a register file says, as plans: one a record, every value with the line it stands on.

A plan is checked by the model's own validators, so that the file, the admin and the database agree
on what a valid record is. See `register_file` for what is then done with the plans.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from imagine_site.register.models import Record
from imagine_site.register.names import address_from, fold, without_honorifics
from imagine_site.register.reading import Problems, Section, meant
from labs.models import FundingRound, Laboratory, Membership, StartUp, Theme
from people.models import FoundingMember, Position, Researcher, ResearcherLink

SECTIONS = ("researchers", "laboratories", "founding_members", "start_ups", "themes")
#: A file of facts about the institute may hold more; these sections are other rooms' business.
OTHER_SECTIONS = ("institute", "milestones", "visit_2020", "key_figures")

Place = tuple[int, str]


@dataclass
class Row:
    """A line below a record: a position, a link, a membership, a funding round."""

    values: dict[str, Any]
    places: dict[str, Place]
    line: int
    where: str


@dataclass
class Plan:
    """What the file says of one record. Only what it names is ever changed."""

    model: type[models.Model]
    section: Section
    key: str
    key_is_typed: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    #: By accessor: the rows that shall stand below the record.
    rows: dict[str, list[Row]] = field(default_factory=dict)
    #: By many-to-many field: the records it shall name, planned here or in the register.
    many: dict[str, list[Plan | models.Model]] = field(default_factory=dict)
    record: models.Model | None = None

    @property
    def place(self) -> Place:
        return self.section.line, self.section.where

    def take(self, key: str, field_name: str, reader: Callable[[str], Any]) -> None:
        """Read a key into a field, if the file has it."""
        if (value := reader(key)) is not None:
            self.values[field_name] = value
            self.places[field_name] = self.section.line_of(key), self.section.path(key)

    def take_bilingual(self, key: str, field_name: str, *, both: bool) -> None:
        _take_bilingual(self.section, key, field_name, self.values, self.places, both=both)

    def own_names(self) -> list[str]:
        """The official names the file gives it."""
        if self.model is Researcher:
            return [f"{self.values.get('given_name', '')} {self.values.get('family_name', '')}"]
        names = (self.values.get(name) for name in ("name", "name_en", "name_fr"))
        return [name for name in names if name]

    def all_names(self) -> list[str]:
        """Every name by which the file may refer to it."""
        names = self.record.all_names() if isinstance(self.record, Record) else []
        return [*names, *self.own_names(), *self.values.get("aliases", "").splitlines()]


def _take_bilingual(
    section: Section, key: str, field_name: str, values: dict, places: dict, *, both: bool
) -> None:
    for language, (text, *place) in (section.bilingual(key, both=both) or {}).items():
        values[f"{field_name}_{language}"] = text
        places[f"{field_name}_{language}"] = tuple(place)


class _Known:
    """The records of one kind: those in the register, and those this file plans."""

    def __init__(self, model: type[models.Model]):
        self.model = model
        self.standing = list(model.objects.order_by("pk"))
        self.planned: dict[str, Plan] = {}
        self._by_key = {
            key: record
            for record in self.standing
            if (key := getattr(record, "import_key", getattr(record, "slug", None)))
        }
        self._made_by_hand: dict[str, list[Record]] = {}
        for record in self.standing:
            if isinstance(record, Record) and record.import_key is None:
                for name in {fold(getattr(record, name)) for name in record.name_fields} - {""}:
                    self._made_by_hand.setdefault(name, []).append(record)
        self._by_name: dict[str, list[Plan | models.Model]] = {}

    def take(self, plan: Plan, problems: Problems) -> None:
        """Take a plan in and find the record it is about; a key used twice is a problem."""
        if other := self.planned.get(plan.key):
            message = _("the key “%(key)s” is also that of %(other)s (line %(line)d)")
            if not plan.key_is_typed:
                message += _("; give one of them a “key:” of its own")
            values = {"key": plan.key, "other": other.section.where, "line": other.section.line}
            problems.add(*plan.place, message % values)
            return
        self.planned[plan.key] = plan
        plan.record = self._by_key.get(plan.key) or self._without_a_key(plan)

    def _without_a_key(self, plan: Plan) -> Record | None:
        """The one record of that name which has no key yet, so that no twin is created."""
        found = {
            record.pk: record
            for name in plan.own_names()
            for record in self._made_by_hand.get(fold(name), [])
        }
        if len(found) != 1:
            return None
        [record] = found.values()
        for records in self._made_by_hand.values():  # it is only given away once
            if record in records:
                records.remove(record)
        return record

    def by_key(self, key: str) -> Plan | models.Model | None:
        return self.planned.get(key) or self._by_key.get(key)

    def keys(self) -> list[str]:
        return [*self.planned, *self._by_key]

    def by_name(self, name: str) -> list[Plan | models.Model]:
        """All that bear a name; more than one means that it does not say which."""
        if not self._by_name:
            planned = {id(plan.record) for plan in self.planned.values()}
            for plan in self.planned.values():
                for known in {fold(each) for each in plan.all_names()}:
                    self._by_name.setdefault(known, []).append(plan)
            for record in self.standing:
                if id(record) not in planned:
                    for known in {fold(each) for each in record.all_names()}:
                        self._by_name.setdefault(known, []).append(record)
        return self._by_name.get(fold(without_honorifics(name)), [])


class Reader:
    """Reads the sections in an order in which everything referred to is known already."""

    def __init__(self, root: Section):
        self.root = root
        self.problems = root.problems
        self.read: list[Plan] = []
        self.known = {
            model: _Known(model)
            for model in (Theme, Laboratory, Researcher, FoundingMember, StartUp)
        }

    def plans(self) -> list[Plan]:
        """One plan a record, in the order in which they can be saved; problems are on the side."""
        self.root.asked.update(SECTIONS)
        self.root.ignore(*OTHER_SECTIONS)
        self.root.finish()
        if not set(SECTIONS) & set(self.root.node.entries):
            message = _("no section of the register in it: one of %(sections)s expected")
            self.problems.add(self.root.line, "", message % {"sections": ", ".join(SECTIONS)})
            return []
        for name, reader in (
            ("themes", self._theme),
            ("laboratories", self._laboratory),
            ("researchers", self._researcher),
            ("founding_members", self._founding_member),
            ("start_ups", self._startup),
        ):
            for number, section in enumerate(self.root.sections(name) or [], 1):
                plan = reader(section, number)
                self._read_what_all_have(plan)
                self.read.append(plan)
        # Only now is everything known that they refer to.
        for plan in self.read:
            if plan.model is Laboratory:
                self._refer(plan, "themes", "themes", Theme)
            elif plan.model is Researcher:
                self._rows(plan, "labs", "memberships", Membership, self._read_membership)
            elif plan.model is StartUp:
                self._refer(plan, "laboratories", "laboratories", Laboratory)
                self._founders(plan)
            plan.section.finish()
            self._check(plan)
        for known in self.known.values():
            self._check_addresses(known)
        return [plan for known in self.known.values() for plan in known.planned.values()]

    def _plan(self, model: type[models.Model], section: Section, default_key: str) -> Plan:
        typed = section.text("key")
        return Plan(model, section, typed or address_from(default_key), bool(typed))

    def _read_what_all_have(self, plan: Plan) -> None:
        section = plan.section
        if issubclass(plan.model, Record):
            plan.take("public", "is_public", section.flag)
            plan.take("aliases", "aliases", lambda key: _lines(section.texts(key)))
            plan.values["import_key"], plan.places["import_key"] = (
                plan.key,
                (section.line_of("key"), section.path("key")),
            )
        for name in [name for name, value in plan.values.items() if name.startswith("slug")]:
            if not plan.values[name]:  # nothing said: the address it has, or one from its name
                del plan.values[name]
        if plan.key:
            self.known[plan.model].take(plan, self.problems)
        elif plan.model is not Theme and any(name.strip() for name in plan.own_names()):
            section.wrong("key", _("none can be made from this name: write one"))

    # -- The kinds ----------------------------------------------------------------------------

    def _theme(self, section: Section, _number: int) -> Plan:
        section.require("key", "name")
        plan = self._plan(Theme, section, "")
        plan.take("key", "slug", section.text)
        plan.take_bilingual("name", "name", both=True)
        return plan

    def _laboratory(self, section: Section, _number: int) -> Plan:
        section.require("name")
        names = section.bilingual("name", both=True) or {}
        plan = self._plan(Laboratory, section, names.get("en", [""])[0])
        plan.take_bilingual("name", "name", both=True)
        plan.take_bilingual("short_name", "short_name", both=True)
        plan.take_bilingual("slug", "slug", both=True)
        for key in ("we_study", "description", "note"):
            plan.take_bilingual(key, key, both=False)
        for key in ("unit_code", "website"):
            plan.take(key, key, section.text)
        for key in ("opened", "closed"):
            plan.take(key, key, section.partial_date)
        return plan

    def _researcher(self, section: Section, _number: int) -> Plan:
        section.require("given", "family")
        name = f"{section.text('given') or ''} {section.text('family') or ''}"
        plan = self._plan(Researcher, section, name)
        for key, field_name in (
            ("given", "given_name"),
            ("family", "family_name"),
            ("honorific", "honorific"),
            ("orcid", "orcid"),
            ("id_hal", "id_hal"),
            ("slug", "slug"),
        ):
            plan.take(key, field_name, section.text)
        plan.take_bilingual("biography", "biography", both=False)
        section.ignore("note")
        self._rows(plan, "positions", "positions", Position, _read_position)
        self._rows(plan, "links", "links", ResearcherLink, _read_link)
        return plan

    def _founding_member(self, section: Section, number: int) -> Plan:
        section.require("name")
        names = section.bilingual("name", both=True) or {}
        default = section.text("short") or names.get("en", [""])[0]
        plan = self._plan(FoundingMember, section, default)
        plan.take_bilingual("name", "name", both=True)
        for key, field_name in (
            ("short", "short_name"),
            ("slug", "slug"),
            ("website", "website"),
            ("ror", "ror"),
        ):
            plan.take(key, field_name, section.text)
        plan.take("kind", "sort", partial(section.choice, choices=FoundingMember.Sort.values))
        plan.take_bilingual("description", "description", both=False)
        plan.take_bilingual("former_names", "former_names", both=False)
        for key in ("since", "until"):
            plan.take(key, key, section.partial_date)
        plan.values["order"], plan.places["order"] = number, plan.place
        plan.take("order", "order", section.integer)
        section.ignore("note")
        return plan

    def _startup(self, section: Section, _number: int) -> Plan:
        section.require("name", "origin")
        plan = self._plan(StartUp, section, section.text("name") or "")
        for key in ("name", "slug", "website"):
            plan.take(key, key, section.text)
        plan.take("founded", "founded", section.integer)
        if "founded" in section and not section.text("founded"):
            plan.values["founded"], plan.places["founded"] = None, plan.place
        plan.take("origin", "origin", partial(section.choice, choices=StartUp.Origin.values))
        plan.take("status", "status", partial(section.choice, choices=StartUp.Status.values))
        plan.take_bilingual("field", "field", both=True)
        plan.take_bilingual("description", "description", both=False)
        section.ignore("note")
        self._rows(plan, "rounds", "rounds", FundingRound, _read_round)
        return plan

    # -- What stands below a record, and what it refers to --------------------------------------

    def _rows(
        self,
        plan: Plan,
        key: str,
        accessor: str,
        model: type[models.Model],
        reader: Callable[[Section, Row], None],
    ) -> None:
        sections = plan.section.sections(key)
        if sections is None:
            return
        plan.rows[accessor] = rows = []
        for section in sections:
            row = Row({}, {}, section.line, section.where)
            reader(section, row)
            section.finish()
            self._validate(model, row.values, row.places, (row.line, row.where), model())
            rows.append(row)
        self._check_said_once(rows, model)

    def _check_said_once(self, rows: list[Row], model: type[models.Model]) -> None:
        unique = {
            Membership: ("laboratory", "role", "since"),
            FundingRound: ("label", "date"),
        }.get(model)
        seen: dict[tuple, Row] = {}
        for row in rows:
            if unique is None or (model is Membership and "laboratory" not in row.values):
                continue
            said = tuple(
                id(value) if isinstance(value := row.values.get(name, ""), Plan) else value
                for name in unique
            )
            if first := seen.get(said):
                message = _("says the same as %(other)s (line %(line)d)")
                values = {"other": first.where, "line": first.line}
                self.problems.add(row.line, row.where, message % values)
            seen.setdefault(said, row)

    def _read_membership(self, section: Section, row: Row) -> None:
        section.require("lab")
        key = section.text("lab")
        if key:
            laboratory = self._one(Laboratory, key, section.line_of("lab"), section.path("lab"))
            if laboratory:
                row.values["laboratory"] = laboratory
        if role := section.choice("role", Membership.Role.values):
            row.values["role"] = role
            row.places["role"] = section.line_of("role"), section.path("role")
        _read_period(section, row)

    def _one(
        self, model: type[models.Model], key: str, line: int, where: str
    ) -> Plan | models.Model | None:
        known = self.known[model]
        if found := known.by_key(key):
            return found
        message = _("no %(kind)s has the key “%(key)s”.") % {
            "kind": model._meta.verbose_name,
            "key": key,
        }
        self.problems.add(line, where, message + meant(key, known.keys()))
        return None

    def _refer(self, plan: Plan, key: str, field_name: str, model: type[models.Model]) -> None:
        found = plan.section.placed_texts(key)
        if found is not None:
            records = [self._one(model, *each) for each in found]
            plan.many[field_name] = [record for record in records if record]

    def _founders(self, plan: Plan) -> None:
        """People of the register by key or name; anybody else by the name as written."""
        section = plan.section
        people = section.placed_texts("founders")
        organisations = section.texts("founders_orgs")
        if people is None and organisations is None:
            return
        known, others = [], []
        for name, line, where in people or []:
            by_key = self.known[Researcher].by_key(name)
            found = [by_key] if by_key else self.known[Researcher].by_name(name)
            if len(found) > 1:
                message = _("“%(name)s” is the name of several people: write the key of one")
                self.problems.add(line, where, message % {"name": name})
            elif found:
                known.append(found[0])
            else:
                others.append(name)
        if people is not None:
            plan.many["founders"] = known
        plan.values["other_founders"] = _lines([*others, *(organisations or [])])
        plan.places["other_founders"] = section.line_of("founders"), section.path("founders")

    # -- Checking -----------------------------------------------------------------------------

    def _check(self, plan: Plan) -> None:
        record = plan.record
        draft = plan.model() if record is None else _copy(record)
        self._validate(plan.model, plan.values, plan.places, plan.place, draft)
        # English is the language every record has; a record that has it may be given French alone.
        no_english = "name_en" not in plan.values and draft.__dict__.get("name_en") == ""
        if no_english and "name" in plan.section:
            plan.section.wrong("name.en", _("is missing"))

    def _validate(
        self,
        model: type[models.Model],
        values: dict[str, Any],
        places: dict[str, Place],
        place: Place,
        draft: models.Model,
    ) -> None:
        """Ask the model's own validators, and report each error where its key stands."""
        for name, value in values.items():
            if not isinstance(value, (Plan, models.Model)):
                setattr(draft, name, value)
        unnamed = {f.name for f in model._meta.fields} - set(places)
        for check in (partial(draft.clean_fields, exclude=unnamed), draft.clean):
            try:
                check()
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    line, where = places.get(name, place)
                    for message in messages:
                        self.problems.add(line, where, message)

    def _check_addresses(self, known: _Known) -> None:
        """What only one record may have: an ORCID iD, an idHAL, an address."""
        names = [
            f.name
            for f in known.model._meta.fields
            if f.name in {"orcid", "id_hal", "slug"} or f.name.startswith("slug_")
        ]
        plans = list(known.planned.values())
        about = {plan.record.pk for plan in plans if plan.record}
        for name in names:
            taken: dict[str, str] = {
                getattr(record, name): str(record)
                for record in known.standing
                if record.pk not in about
            }
            for plan in plans:
                value = plan.values.get(name, getattr(plan.record, name, ""))
                if not value:
                    continue
                if value in taken:
                    line, where = plan.places.get(name, plan.place)
                    message = _("“%(value)s” belongs to %(other)s already")
                    self.problems.add(
                        line, where, message % {"value": value, "other": taken[value]}
                    )
                line_word = _("line")
                taken.setdefault(value, f"{plan.section.where} ({line_word} {plan.section.line})")


def _copy(record: models.Model) -> models.Model:
    fields = record._meta.concrete_fields
    return type(record)(**{f.attname: getattr(record, f.attname) for f in fields})


def _lines(texts: list[str] | None) -> str | None:
    return None if texts is None else "\n".join(dict.fromkeys(texts))


def _read_period(section: Section, row: Row) -> None:
    for key in ("since", "until"):
        if (value := section.partial_date(key)) is not None:
            row.values[key] = value
            row.places[key] = section.line_of(key), section.path(key)


def _read_position(section: Section, row: Row) -> None:
    """`{title: {en, fr}, since, until}`, or shorter `{en, fr, since, until}`."""
    if "title" in section:
        _take_bilingual(section, "title", "title", row.values, row.places, both=True)
    else:
        for language in ("en", "fr"):
            if (text := section.text(language)) is not None:
                row.values[f"title_{language}"] = text
                row.places[f"title_{language}"] = section.line_of(language), section.path(language)
    if not row.values.get("title_en"):
        section.require("en")
    _read_period(section, row)


def _read_link(section: Section, row: Row) -> None:
    section.require("label", "url")
    for key in ("label", "url"):
        if (text := section.text(key)) is not None:
            row.values[key] = text
            row.places[key] = section.line_of(key), section.path(key)


def _read_round(section: Section, row: Row) -> None:
    """`{series: A, year: 2017, eur_m: 14.5}`, or `{label, date, amount, currency}` in full."""
    series, kind, label = (section.text(key) for key in ("series", "kind", "label"))
    if not (series or kind or label):
        section.problems.add(section.line, section.path("series"), _("is missing (or kind, label)"))
    else:
        row.values["label"] = label or kind or f"Series {series}"
        key = "label" if label else "kind" if kind else "series"
        row.places["label"] = section.line_of(key), section.path(key)
    key = "date" if "date" in section else "year"
    section.ignore("date", "year")
    if date := section.partial_date(key):
        row.values["date"], row.places["date"] = date, (section.line_of(key), section.path(key))
    elif key not in section:
        section.problems.add(section.line, section.path("date"), _("is missing (or year)"))
    millions, amount = section.decimal("eur_m"), section.decimal("amount")
    currency = section.text("currency")
    if "eur_m" in section and ("amount" in section or (currency or "EUR") != "EUR"):
        section.wrong("eur_m", _("stands for amount and currency; write either"))
    key = "eur_m" if "eur_m" in section else "amount"
    if millions is not None:
        amount = millions * 1_000_000
    if amount is not None:
        row.values["amount"] = amount.quantize(Decimal("0.01")) if amount < 10**15 else amount
        row.places["amount"] = section.line_of(key), section.path(key)
    elif key not in section:
        section.problems.add(section.line, section.path("amount"), _("is missing (or eur_m)"))
    if currency or millions is not None:
        row.values["currency"] = currency or "EUR"
        row.places["currency"] = section.line_of("currency"), section.path("currency")
    if (source := section.text("source")) is not None:
        row.values["source"] = source
        row.places["source"] = section.line_of("source"), section.path("source")
    _take_bilingual(section, "note", "note", row.values, row.places, both=False)
