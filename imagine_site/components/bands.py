"""Our graphic motif: the bands of a stained chromosome, and the one that differs.

A geneticist reads a chromosome by its pattern of dark and light bands, and looks for the one that
differs. Every laboratory, start-up and article without a picture gets a pattern of its own, always
the same one because it is computed from its name; exactly one band carries the signal colour.

The drawing is a few SVG paths, one for each tone, coloured by the stylesheet.
"""

import hashlib
from dataclasses import dataclass

#: Length of a drawn pattern, in its own units.
LENGTH = 200

#: Millions of base pairs, chromosomes 1 to 22, X and Y (GRCh38, rounded).
CHROMOSOMES = (
    ("1", 249), ("2", 242), ("3", 198), ("4", 190), ("5", 182), ("6", 171), ("7", 159), ("8", 145),
    ("9", 138), ("10", 134), ("11", 135), ("12", 133), ("13", 114), ("14", 107), ("15", 102),
    ("16", 90), ("17", 83), ("18", 80), ("19", 59), ("20", 64), ("21", 47), ("22", 51), ("X", 156),
    ("Y", 57),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Band:
    start: int
    length: int
    #: 1 dark, 2 middle, 3 light, 0 the one that differs.
    tone: int


def banding(seed: str, *, length: int = LENGTH, differs: bool = True) -> tuple[Band, ...]:
    """The bands of a seed, from end to end without overlap; one of tone 0 when `differs`."""
    noise = hashlib.shake_128(seed.encode()).digest(2 * length)
    bands, at, index = [], 0, 0
    while at < length:
        size = min(length - at, 2 + noise[index] % 11)
        # Tone 4 is the paper itself, a gap: never at an end, where it would look cut off, and
        # never two in a row.
        closed = at == 0 or at + size >= length or bands[-1].tone == 4
        bands.append(Band(at, size, 1 + noise[index + 1] % (3 if closed else 4)))
        at += size
        index += 2
    drawn = [band for band in bands if band.tone != 4]
    if differs:
        # Somewhere in the middle, never the ends, and wide enough to be seen.
        middle = drawn[len(drawn) // 4 : -len(drawn) // 4] or drawn
        chosen = max(middle, key=lambda band: (band.length >= 6, noise[band.start]))
        drawn[drawn.index(chosen)] = Band(chosen.start, chosen.length, 0)
    return tuple(drawn)


def paths(bands: tuple[Band, ...], *, vertical: bool = False, width: int = 1) -> dict[int, str]:
    """SVG path data for each tone, as wide as said across the length."""
    found: dict[int, list[str]] = {}
    for band in bands:
        if vertical:
            drawn = f"M0 {band.start}h{width}v{band.length}H0z"
        else:
            drawn = f"M{band.start} 0h{band.length}v{width}H{band.start}z"
        found.setdefault(band.tone, []).append(drawn)
    return {tone: "".join(found[tone]) for tone in sorted(found)}
