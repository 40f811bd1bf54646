"""Words for texts that nobody wrote: as many, and as often, as in a real language.

The little words of a language come first, then the subjects of the institute, then tens of
thousands of compounds in the manner of medicine ("neurofibropathy") and names in the manner of
genes. The word of rank r is said in proportion to 1 / (r + 2.7), as Zipf and Mandelbrot found, and
beyond the common words of a language to 1 / r² (Ferrer i Cancho and Solé, 2001). So an index has
words that stand in every text, words that stand in one, and all between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, product
from random import Random

from imagine_site.sample.content import read

#: Distinct words of each language.
SIZE = 42_000
_SHIFT = 2.7
#: Ranks from which words fall off faster.
_COMMON = 6_000


@lru_cache(maxsize=1)
def parts() -> dict[str, list[str]]:
    """The words and parts of words that everything is made of, by name."""
    said = read("invented.yaml")
    little = {f"little_{language}": words for language, words in said.pop("little").items()}
    return {name: words.split() for name, words in (said | little).items()}


def _both(part: str) -> tuple[str, str]:
    english, _slash, french = part.partition("/")
    return english, french or english


def _compounds() -> list[tuple[str, str]]:
    pieces = [
        [_both(part) for part in parts()[name]] for name in ("beginnings", "middles", "endings")
    ]
    return [
        ("".join(part[0] for part in whole), "".join(part[1] for part in whole))
        for whole in product(*pieces)
    ]


def _genes(chance: Random, number: int) -> list[str]:
    letters = "ABCDEFGHIKLMNPRSTVXZ"
    names = (
        "".join(chance.choices(letters, k=chance.randint(2, 4))) + str(chance.randint(1, 99))
        for _ in range(number)
    )
    return list(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by rank, how often up to each rank, and those that say nothing by themselves."""

    words: tuple[str, ...]
    cumulated: tuple[float, ...]
    little: frozenset[str]

    def draw(self, chance: Random, number: int) -> list[str]:
        """Words of a running text."""
        return chance.choices(self.words, cum_weights=self.cumulated, k=number)

    def subjects(self, chance: Random, number: int) -> list[str]:
        """Words of a title: the little ones left out."""
        found: list[str] = []
        while len(found) < number:
            found += [word for word in self.draw(chance, 3 * number) if word not in self.little]
        return found[:number]


@lru_cache(maxsize=2)
def vocabulary(language: str) -> Vocabulary:
    """The same words in the same order, whoever asks."""
    column = ("en", "fr").index(language)
    chance = Random("the institute's vocabulary")  # noqa: S311 - nothing secret
    rare = [pair[column] for pair in chance.sample(_compounds(), SIZE)]
    genes = _genes(chance, SIZE // 20)
    mixed = [
        genes[place // 20] if place % 20 == 19 and place // 20 < len(genes) else word
        for place, word in enumerate(rare)
    ]
    little = list(dict.fromkeys(parts()[f"little_{language}"]))
    known = dict.fromkeys([*little, *(_both(pair)[column] for pair in parts()["subjects"]), *mixed])
    words = tuple(known)[:SIZE]
    weights = accumulate(
        1 / (rank + _SHIFT) * min(1, _COMMON / rank) for rank in range(1, len(words) + 1)
    )
    return Vocabulary(words, tuple(weights), frozenset(little))
