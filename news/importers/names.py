"""How a person is named in institutional prose, and the line that holds nothing but a name.

A wrong speaker under a quotation is the worst mistake an import can make, so a name counts only
with evidence: an honorific, a role after a comma, or two and more capitalised words of which none
belongs to an institution, a place or a title.
"""

import re
from dataclasses import dataclass

UPPER = "A-ZÀ-ÖØ-ÞŒŠŽĆČĐŁŃŚŹŻĞİŞŐŰĀĒĪŌŪ"
LOWER = "a-zà-öø-ÿœšžćčđłńśźżğışőűāēīōū"

_HONORIFIC = (
    r"(?i:professeure?|professor|prof\.?|pr\.?|docteure?|doctor|dr\.?|drs\.?|monsieur|madame"
    r"|mademoiselle|mmes?\.?|mlle\.?|mrs?\.?|ms\.?|présidente?|president|ministre|minister"
    r"|sir|dame|sa\s+majesté|her\s+majesty|his\s+majesty)"
    r"|MM?\.|M(?=\s)"
)
_WORD = (
    rf"(?:[{UPPER}]\.(?:\s?-?\s?[{UPPER}]\.)*"
    rf"|(?:[dDlL]['’])?[{UPPER}][{UPPER}{LOWER}]*(?:['’-][{UPPER}{LOWER}]+)*)"
)
_PARTICLE = r"(?:de\s+la|de|du|des|van\s+der|van\s+den|van|von|le|la|el|al|ben|bin|di|da|dos|der)"
_MORE = rf"(?:\s+(?:{_PARTICLE}\s+)?{_WORD})"
_TITLED = rf"(?:(?:{_HONORIFIC})\s+)+{_WORD}{_MORE}{{0,4}}"
_UNTITLED = rf"{_WORD}{_MORE}{{1,4}}"

PERSON = rf"(?:(?i:le|la|the)\s+)?(?P<person>{_TITLED}|{_UNTITLED})"
"""A pattern for one person; `person` is the name with its honorific."""

_HAS_HONORIFIC = re.compile(rf"(?:{_HONORIFIC})\s")
_LINE = re.compile(
    rf"\s*[—–-]?\s*(?:(?i:le|la|the)\s+)?"
    rf"(?P<names>(?:{_TITLED}|{_UNTITLED})(?:\s+(?:and|et|&)\s+(?:{_TITLED}|{_UNTITLED}))?)"
    r"(?:\s*,\s*(?P<role>\S.*?)|\s+[—–-]\s+(?P<dashed>\S.*?)|\s*\((?P<bracketed>[^()]+)\))?"
    r"\s*[.,]?\s*"
)
_NOT_IN_A_ROLE = re.compile(r"[!?;:«»“”\"]|\.\s")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_A_PERSON = _words(
    """
    institut institute institutes université university hôpital hospital hôpitaux hospitals
    fondation foundation laboratoire laboratory laboratories inserm cnrs ap-hp aphp centre center
    département department équipe team ministère ministry ville city council conseil agence agency
    academy académie école school collège college comité committee association société company
    necker pasteur curie imagine france paris europe european européen européenne french français
    contact contacts press presse photo photos video vidéo news actualités actualité agenda
    research recherche science sciences health santé genetics génétique medicine médecine disease
    diseases maladies covid human rare care soins innovation award prix programme program project
    projet conclusion introduction about highlights results résultats key figures chiffres clés
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    republic république state état campus open access all rights tous droits
    """
)
_STARTERS = _words(
    """
    yesterday today tomorrow for as but and so then here there now when while in on at after before
    finally also however moreover indeed thus the this these his her our we they he she it to from
    according hier aujourd’hui aujourd'hui demain pour selon comme mais et donc puis ici quand en à
    après avant enfin aussi cependant ainsi alors le la les ce cette ces son sa ses nos notre nous
    ils elles il elle on de du des un une dans par sur a an
    """
)
_PRESS = re.compile(
    r"(?i)\b(?:press|presse|media|médias?|communication|contact|photos?|photograph\w*)\b"
)


@dataclass(frozen=True)
class PersonLine:
    """A line that is only a name, with the role after it; `role` may be empty."""

    name: str
    role: str = ""
    has_honorific: bool = False

    @property
    def is_certain(self) -> bool:
        return self.has_honorific or bool(self.role)

    @property
    def is_press_contact(self) -> bool:
        return bool(_PRESS.search(self.role))


def read_person_line(line: str) -> PersonLine | None:
    """Return the name and role a line consists of, or None when it says anything else."""
    if len(line) > 250:
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    name = " ".join(found["names"].split())
    role = (found["role"] or found["dashed"] or found["bracketed"] or "").strip()
    if not is_person(name):
        return None
    words = role.split()
    if len(words) > 30 or _NOT_IN_A_ROLE.search(role):
        return None
    if line.rstrip().endswith(".") and len(words) > 12:
        return None  # a sentence that starts with a name
    return PersonLine(name=name, role=role, has_honorific=has_honorific(name))


def has_honorific(name: str) -> bool:
    return bool(_HAS_HONORIFIC.match(name))


def is_person(name: str) -> bool:
    """Tell a person's name from a capitalised name of anything else we know of.

    An honorific settles it: "Dr May" is a person although May is a month.
    """
    if has_honorific(name):
        return True
    words = [word.strip(".,").lower() for word in name.split()]
    if any(word in _NOT_A_PERSON for word in words):
        return False
    return not (words and words[0] in _STARTERS)


def without_sentence_start(name: str) -> str:
    """Return the name without a capitalised word that only opened its sentence.

    "Yesterday Emmanuel Macron said" names Emmanuel Macron.
    """
    words = name.split()
    while words and words[0].lower() in _STARTERS:
        words.pop(0)
    return " ".join(words)
