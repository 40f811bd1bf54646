"""Laboratories and start-ups, valid and public unless told otherwise."""

from decimal import Decimal
from itertools import count

from labs.models import FundingRound, Laboratory, Membership, StartUp, Theme
from tests.factories.people import researcher as a_researcher

_number = count(1)


def theme(**fields) -> Theme:
    number = next(_number)
    defaults = {
        "name_en": f"Theme {number}",
        "name_fr": f"Thème {number}",
        "slug": f"theme-{number}",
    }
    return Theme.objects.create(**defaults | fields)


def laboratory(**fields) -> Laboratory:
    number = next(_number)
    defaults = {"name_en": f"Laboratory {number}", "name_fr": f"Laboratoire {number}"}
    return Laboratory.objects.create(**defaults | fields)


def membership(laboratory: Laboratory, researcher=None, **fields) -> Membership:
    defaults = {"role": Membership.Role.MEMBER}
    return Membership.objects.create(
        laboratory=laboratory, researcher=researcher or a_researcher(), **defaults | fields
    )


def startup(**fields) -> StartUp:
    number = next(_number)
    defaults = {"name": f"Start-up {number:04}", "origin": StartUp.Origin.SPIN_OFF}
    return StartUp.objects.create(**defaults | fields)


def funding_round(startup: StartUp, **fields) -> FundingRound:
    number = next(_number)
    defaults = {"label": f"Series {number}", "date": "2020-03", "amount": Decimal("1000000")}
    return FundingRound.objects.create(startup=startup, **defaults | fields)
