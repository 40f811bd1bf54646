"""People and founding members, valid and public unless told otherwise."""

from itertools import count

from people.models import FoundingMember, Position, Researcher, ResearcherLink

_number = count(1)


def researcher(**fields) -> Researcher:
    number = next(_number)
    defaults = {"given_name": "Ada", "family_name": f"Person{number:04}"}
    return Researcher.objects.create(**defaults | fields)


def position(researcher: Researcher, **fields) -> Position:
    defaults = {"title_en": "Director of research", "title_fr": "Directrice de recherche"}
    return Position.objects.create(researcher=researcher, **defaults | fields)


def researcher_link(researcher: Researcher, **fields) -> ResearcherLink:
    defaults = {"label": "HAL", "url": "https://hal.science/"}
    return ResearcherLink.objects.create(researcher=researcher, **defaults | fields)


def founding_member(**fields) -> FoundingMember:
    number = next(_number)
    defaults = {
        "name_en": f"Institution {number}",
        "name_fr": f"Établissement {number}",
        "order": number,
    }
    return FoundingMember.objects.create(**defaults | fields)
