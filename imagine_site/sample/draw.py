"""The sample institute's pictures, drawn by program so that nobody's face, work or rights are used.

Each is a print of a few spot inks on pale paper, as from a Risograph: an ink is a *plate* of
coverage, plates are multiplied onto the sheet one after the other, and where two inks meet a third
colour appears. Motifs are abstract and take their subject from what the institute studies.

Everything is drawn in a frame of 1200 × 800 units at twice the wanted size and scaled down, so that
edges are smooth; random numbers are seeded by the picture's name, so that it is always the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 800
OVERSAMPLING = 2
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))

PAPER = (247, 242, 231)
INK = (27, 42, 92)
VERMILION = (236, 84, 52)
MOSS = (92, 122, 78)
SKY = (150, 178, 204)
OCHRE = (240, 190, 104)

Point = tuple[float, float]
Colour = tuple[int, int, int]


class Plate:
    """Where one ink goes, and how much of it: 0 leaves the paper bare, 255 covers it."""

    def __init__(self, size: tuple[int, int], unit: float, tone: int = 0):
        self.unit = unit * OVERSAMPLING
        self.image = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING), tone)
        self._draw = ImageDraw.Draw(self.image)

    def _at(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self.unit, y * self.unit) for x, y in points]

    def disc(self, x: float, y: float, radius: float, tone: int = 255) -> None:
        box = (x - radius, y - radius), (x + radius, y + radius)
        self._draw.ellipse(self._at(box), fill=tone)

    def ring(self, x: float, y: float, radius: float, width: float, tone: int = 255) -> None:
        self.stroke([_around(x, y, radius, turn / 180) for turn in range(181)], width, tone)

    def sector(
        self, x: float, y: float, radius: float, start: float, end: float, tone: int = 255
    ) -> None:
        """A slice of a disc, in degrees clockwise from three o'clock."""
        box = (x - radius, y - radius), (x + radius, y + radius)
        self._draw.pieslice(self._at(box), start, end, fill=tone)

    def box(self, left: float, top: float, right: float, bottom: float, tone: int = 255) -> None:
        (x0, y0), (x1, y1) = self._at([(left, top), (right, bottom)])
        if x1 - x0 >= 1 and y1 - y0 >= 1:
            self._draw.rectangle((x0, y0, x1 - 1, y1 - 1), fill=tone)

    def shape(self, points: Iterable[Point], tone: int = 255) -> None:
        self._draw.polygon(self._at(points), fill=tone)

    def stroke(self, points: list[Point], width: float, tone: int = 255) -> None:
        """A line with round joints and ends."""
        pixels = max(1, round(width * self.unit))
        path = self._at(points)
        self._draw.line(path, fill=tone, width=pixels)
        if pixels > 3:
            radius = pixels / 2 - 0.5
            for x, y in path:
                self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tone)

    def taper(self, points: list[Point], start: float, end: float, tone: int = 255) -> None:
        """A line whose width goes from `start` to `end`."""
        last = max(1, len(points) - 1)
        for index, (here, there) in enumerate(pairwise(points)):
            self.stroke([here, there], start + (end - start) * index / last, tone)

    def fade(self, gradient: Image.Image) -> None:
        """Multiply the plate by a gradient, stretched over the whole sheet."""
        stretched = gradient.resize(self.image.size, Image.Resampling.BILINEAR)
        self.image.paste(ImageChops.multiply(self.image, stretched))

    def within(self, other: Plate) -> None:
        """Keep only what lies where the other plate prints."""
        self.image.paste(ImageChops.multiply(self.image, other.image))

    def without(self, other: Plate) -> None:
        """Leave bare what the other plate prints."""
        self.image.paste(ImageChops.multiply(self.image, ImageChops.invert(other.image)))


class Sheet:
    """The paper, and what was printed on it so far."""

    def __init__(self, name: str, width: int):
        self.random = Random(name)  # noqa: S311 - a picture, not a secret
        self.unit = width / WIDTH
        self.size = width, round(width * HEIGHT / WIDTH)
        self.image = Image.new("RGB", self.size, PAPER)
        self._grain = self._noise(1).filter(ImageFilter.GaussianBlur(0.9 * max(1, self.unit) / 2))
        self._clouds = self._noise(1 / 24)

    def _noise(self, scale: float) -> Image.Image:
        width, height = (max(2, round(side * scale)) for side in self.size)
        noise = Image.frombytes("L", (width, height), self.random.randbytes(width * height))
        return noise.resize(self.size, Image.Resampling.BICUBIC)

    def plate(self, tone: int = 0) -> Plate:
        return Plate(self.size, self.unit, tone)

    def pull(self, plate: Plate, ink: Colour, strength: float = 1.0, shift: Point = (0, 0)) -> None:
        """Print a plate in an ink, a little uneven as ink is, perhaps out of register."""
        coverage = plate.image.reduce(OVERSAMPLING)
        if shift != (0, 0):
            offset = [round(step * self.unit) for step in shift]
            coverage = ImageChops.offset(coverage, *offset)
        uneven = ImageChops.multiply(
            self._grain.point([min(255, 226 + value // 6) for value in range(256)]),
            self._clouds.point([240 + value * 15 // 255 for value in range(256)]),
        )
        coverage = ImageChops.multiply(coverage, uneven)
        if strength != 1:
            coverage = coverage.point([round(value * strength) for value in range(256)])
        layer = Image.composite(
            Image.new("RGB", self.size, ink), Image.new("RGB", self.size, "white"), coverage
        )
        self.image = ImageChops.multiply(self.image, layer)

    def finished(self) -> Image.Image:
        """With the grain of the paper over everything."""
        paper = self._grain.point([min(255, 243 + value // 20) for value in range(256)])
        return ImageChops.multiply(self.image, paper.convert("RGB"))


def _around(x: float, y: float, radius: float, turn: float) -> Point:
    """The point on a circle after `turn` of a full turn."""
    angle = turn * math.tau
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def _blob(random: Random, x: float, y: float, radius: float, wobble: float) -> list[Point]:
    """A closed outline near a circle, like a cell's."""
    waves = [(n, random.uniform(-1, 1) * wobble / n, random.random()) for n in (2, 3, 5)]
    points = []
    for step in range(72):
        turn = step / 72
        swell = sum(size * math.sin(math.tau * (n * turn + phase)) for n, size, phase in waves)
        points.append(_around(x, y, radius * (1 + swell), turn))
    return points


def _bezier(a: Point, b: Point, c: Point, d: Point, steps: int = 40) -> list[Point]:
    points = []
    for step in range(steps + 1):
        t = step / steps
        p, q, r, s = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        points.append(
            (
                p * a[0] + q * b[0] + r * c[0] + s * d[0],
                p * a[1] + q * b[1] + r * c[1] + s * d[1],
            )
        )
    return points


def _downwards(top: int = 0, bottom: int = 255) -> Image.Image:
    """A gradient from the top of the sheet to its foot."""
    return Image.linear_gradient("L").point(
        [round(top + (bottom - top) * value / 255) for value in range(256)]
    )


# -- Articles -----------------------------------------------------------------------------------


def gathering(sheet: Sheet) -> None:
    """More than a thousand dots turn around one disc."""
    centre_x, centre_y = 705, 405
    ink, moss, glow, sun = (sheet.plate() for _ in range(4))
    for index in range(46, 1500):
        radius = 17.2 * math.sqrt(index)
        turn = index * GOLDEN_ANGLE / math.tau
        x, y = _around(centre_x, centre_y, radius, turn)
        wave = 0.5 + 0.5 * math.sin(radius / 37 + 3 * turn * math.tau / 34)
        size = 2.4 + 6.6 * wave
        plate = moss if index % 13 == 0 else ink
        plate.disc(x, y, size)
    glow.disc(centre_x - 24, centre_y + 16, 300)
    sun.disc(centre_x, centre_y, 108)
    sheet.pull(glow, OCHRE, 0.62)
    sheet.pull(sun, VERMILION)
    sheet.pull(ink, INK)
    sheet.pull(moss, MOSS, shift=(1.5, 1))


def facade(sheet: Sheet) -> None:
    """Floors of narrow bands, as of glass, over a row of round trees."""
    random = sheet.random
    sun, bands, warm, pale, trees, shade = (sheet.plate() for _ in range(6))
    sun.disc(905, 250, 205)
    floors = 7
    top, foot, height = 96, 690, (690 - 96) / floors
    for floor in range(floors):
        left_end, right_end = 150 - floor * 6, 1062 + floor * 6
        x = left_end
        y = top + floor * height
        while x < right_end:
            width = random.choice((5, 7, 9, 12, 18, 26))
            kind = random.random()
            plate = warm if kind < 0.055 else pale if kind < 0.42 else bands
            tone = 255 if plate is warm else random.choice((120, 165, 210, 255))
            plate.box(x, y, min(x + width, right_end), y + height - 9, tone)
            x += width + random.choice((3, 3, 4, 9))
    x = 40.0
    while x < 1170:
        radius = random.uniform(24, 56)
        trees.disc(x, foot + 16, radius)
        trees.box(x - 2.2, foot, x + 2.2, foot + 66)
        x += radius * random.uniform(0.95, 1.5)
    shade.box(0, foot + 60, WIDTH, foot + 64)
    for step in range(5):
        shade.box(0, foot + 74 + step * 9, WIDTH, foot + 75.5 + step * 9)
    sheet.pull(sun, OCHRE, 0.85)
    sheet.pull(pale, SKY)
    sheet.pull(bands, INK)
    sheet.pull(warm, VERMILION)
    sheet.pull(trees, MOSS, 0.94, shift=(1, -1))
    sheet.pull(shade, INK)


def weave(sheet: Sheet) -> None:
    """Two families of ribbons pass over and under each other."""
    across, along, ground = sheet.plate(), sheet.plate(), sheet.plate()
    pitch, lines, gap = 122.0, 6, 3.5
    tilt = math.radians(27)
    cos, sin = math.cos(tilt), math.sin(tilt)

    def turned(u: float, v: float) -> Point:
        return 600 + u * cos - v * sin, 400 + u * sin + v * cos

    def block(plate: Plate, u0: float, v0: float, u1: float, v1: float, tone: int = 255) -> None:
        plate.shape([turned(u0, v0), turned(u1, v0), turned(u1, v1), turned(u0, v1)], tone)

    half = pitch * 0.455
    step = 2 * half / lines
    reach = range(-8, 9)
    for row in reach:
        for column in reach:
            u, v = column * pitch, row * pitch
            over = (row + column) % 2 == 0
            for line in range(lines):
                offset = -half + line * step + step * 0.15
                thick = step * 0.7
                for plate, on_top, sideways in ((across, over, True), (along, not over, False)):
                    spans = (
                        [(-pitch / 2, pitch / 2)]
                        if on_top
                        else [(-pitch / 2, -half - gap), (half + gap, pitch / 2)]
                    )
                    for start, end in spans:
                        if sideways:
                            block(
                                plate,
                                u + start - 0.4,
                                v + offset,
                                u + end + 0.4,
                                v + offset + thick,
                            )
                        else:
                            block(
                                plate,
                                u + offset,
                                v + start - 0.4,
                                u + offset + thick,
                                v + end + 0.4,
                            )
    for row in reach:
        for column in reach:
            if (row * 5 + column * 3) % 7 == 0:
                x, y = turned((column + 0.5) * pitch, (row + 0.5) * pitch)
                ground.disc(x, y, 11)
    across.fade(_downwards(255, 215))
    wash = sheet.plate()
    wash.disc(360, 560, 330)
    sheet.pull(wash, OCHRE, 0.55)
    sheet.pull(along, VERMILION)
    sheet.pull(across, INK)
    sheet.pull(ground, MOSS)


def growth(sheet: Sheet) -> None:
    """Quarter discs, leaves and rings in a grid, sparse at the left and full at the right."""
    random = sheet.random
    plates = {ink: sheet.plate() for ink in (SKY, OCHRE, MOSS, VERMILION, INK)}
    side = 100
    colours = [INK, INK, INK, VERMILION, VERMILION, MOSS, MOSS, SKY, OCHRE]
    for row in range(HEIGHT // side):
        for column in range(WIDTH // side):
            x, y = column * side, row * side
            fullness = 0.12 + 1.05 * column / 11 + 0.22 * (row - 3.5) / 7
            if random.random() > fullness:
                if random.random() < 0.6:
                    plates[random.choice((INK, MOSS, VERMILION))].disc(x + 50, y + 50, 5)
                continue
            first, second = random.sample(colours, 2)
            corner = random.randrange(4)
            corner_x, corner_y = x + side * (corner in (1, 2)), y + side * (corner in (2, 3))
            start = corner * 90
            kind = random.choice(("quarter", "quarter", "leaf", "arcs", "disc", "half", "pair"))
            if kind == "quarter":
                plates[first].sector(corner_x, corner_y, side, start, start + 90)
                if second != first and random.random() < 0.5:
                    plates[second].sector(corner_x, corner_y, side / 2, start, start + 90)
            elif kind == "leaf":
                _leaf(plates[first], x, y, side, flipped=corner % 2 == 1)
            elif kind == "arcs":
                for ring in range(5, 0, -1):
                    tone = 255 if ring % 2 else 0
                    plates[first].sector(
                        corner_x, corner_y, side * ring / 5, start, start + 90, tone
                    )
            elif kind == "disc":
                plates[first].disc(x + 50, y + 50, 50)
                plates[second].disc(x + 50, y + 50, 17)
            elif kind == "half":
                plates[first].sector(x + 50, y + 50, 50, start, start + 180)
                plates[second].sector(x + 50, y + 50, 50, start + 180, start + 360)
            else:
                plates[first].sector(x, y + side, side, 270, 360)
                plates[second].sector(x + side, y, side, 90, 180)
    for ink, plate in plates.items():
        sheet.pull(plate, ink)


def _leaf(plate: Plate, x: float, y: float, side: float, *, flipped: bool) -> None:
    """What two quarter discs in opposite corners have in common."""
    points = []
    for step in range(31):
        angle = math.radians(90 * step / 30)
        points.append((side * math.cos(angle), side * math.sin(angle)))
    outline = points + [(side - a, side - b) for a, b in points]
    if flipped:
        outline = [(side - a, b) for a, b in outline]
    plate.shape([(x + a, y + b) for a, b in outline])


# -- Figures ------------------------------------------------------------------------------------


def traces(sheet: Sheet) -> None:
    """Four overlapping curves of sharp peaks, as a sequencer draws them, over a row of bands."""
    random = sheet.random
    inks = (SKY, MOSS, VERMILION, INK)
    peaks: list[list[tuple[float, float, float]]] = [[] for _ in inks]
    bands = [sheet.plate() for _ in inks]
    x, previous = 22.0, -1
    while x < WIDTH - 10:
        which = random.choice([index for index in range(4) if index != previous])
        previous = which
        height = random.uniform(240, 600) * (0.82 + 0.18 * math.sin(x / 130))
        peaks[which].append((x, height, random.uniform(11.5, 14)))
        if random.random() < 0.3:
            other = (which + random.randrange(1, 4)) % 4
            peaks[other].append((x + random.uniform(-4, 4), random.uniform(40, 130), 13))
        bands[which].box(x - 9, 690, x + 9, 748)
        x += 31
    foot = 650
    for index, ink in enumerate(inks):
        curve = []
        for step in range(601):
            here = step * 2.0
            level = sum(
                height * math.exp(-(((here - centre) / width) ** 2))
                for centre, height, width in peaks[index]
                if abs(here - centre) < 60
            )
            curve.append((here, foot - level - 2))
        filled, line = sheet.plate(), sheet.plate()
        filled.shape([(0, foot), *curve, (WIDTH, foot)])
        filled.fade(_downwards(255, 150))
        line.stroke(curve, 2.6)
        sheet.pull(filled, ink, 0.62 if ink is INK else 0.72)
        sheet.pull(line, ink, 0.9)
        sheet.pull(bands[index], ink)
    rule = sheet.plate()
    rule.box(0, foot, WIDTH, foot + 2.5)
    sheet.pull(rule, INK)


def hundred(sheet: Sheet) -> None:
    """A hundred cells, fifteen of them vermilion."""
    random = sheet.random
    marked = set(random.sample(range(100), 15))
    bodies, inner, warm, warm_inner, halo = (sheet.plate() for _ in range(5))
    for index in range(100):
        radius = 38.5 * math.sqrt(index + 0.6)
        x, y = _around(0, 0, radius, index * GOLDEN_ANGLE / math.tau)
        x, y = 600 + x * 1.36, 400 + y * 0.93
        outline = _blob(random, x, y, 33.5, 0.16)
        nucleus = _blob(random, x + random.uniform(-7, 7), y + random.uniform(-6, 6), 12.5, 0.18)
        if index in marked:
            warm.shape(outline)
            warm_inner.shape(nucleus)
            halo.disc(x, y, 45)
        else:
            bodies.shape(outline)
            inner.shape(nucleus)
    sheet.pull(halo, OCHRE, 0.55)
    sheet.pull(bodies, SKY, 0.85)
    sheet.pull(inner, INK)
    sheet.pull(warm, VERMILION)
    sheet.pull(warm_inner, INK, 0.85)


def helix(sheet: Sheet) -> None:
    """A double helix of dots crosses the night, seen from the side."""
    night, pale, warm, moss, rungs = (
        sheet.plate(255), sheet.plate(), sheet.plate(), sheet.plate(), sheet.plate()
    )  # fmt: skip
    tilt = math.radians(-16)

    def placed(x: float, y: float) -> Point:
        return (
            600 + x * math.cos(tilt) - y * math.sin(tilt),
            400 + x * math.sin(tilt) + y * math.cos(tilt),
        )

    holes = []
    for step in range(-58, 59):
        x = step * 13.0
        angle = step * 0.128
        for rung in range(-9, 10):
            share = rung / 9
            y = 235 * share * math.sin(angle)
            depth = share * math.cos(angle)
            point = placed(x, y)
            edge = abs(rung) == 9
            radius = (7.2 if edge else 3.0) * (1 + 0.5 * depth)
            plate = (warm if rung > 0 else pale) if edge else (moss if step % 3 == 0 else rungs)
            holes.append((depth, plate, point, radius))
    for _depth, plate, point, radius in sorted(holes, key=lambda hole: hole[0]):
        night.disc(*point, radius)
        night.disc(*point, radius, 0)
        plate.disc(*point, radius)
    moon = sheet.plate()
    moon.disc(912, 212, 128)
    for plate in (night, warm, pale, moss, rungs):
        plate.without(moon)
    night.fade(_downwards(255, 226))
    sheet.pull(night, INK)
    sheet.pull(moon, VERMILION)
    sheet.pull(warm, VERMILION)
    sheet.pull(pale, SKY, 0.35)
    sheet.pull(moss, OCHRE)
    sheet.pull(rungs, SKY)


# -- Laboratories -------------------------------------------------------------------------------


def spikes(sheet: Sheet) -> None:
    """Round bodies with many short arms, near and far."""
    random = sheet.random
    ink, warm, moss, pale, core = (sheet.plate() for _ in range(5))
    bodies = [
        (395, 430, 190, ink, 34), (905, 250, 118, warm, 26), (985, 645, 66, moss, 18),
        (110, 120, 56, moss, 16), (690, 690, 44, warm, 14), (650, 120, 34, ink, 12),
        (1140, 430, 30, ink, 11), (90, 720, 26, warm, 10),
    ]  # fmt: skip
    for x, y, radius, plate, arms in bodies:
        phase = random.random()
        for arm in range(arms):
            turn = (arm + phase) / arms
            foot, tip = _around(x, y, radius * 0.9, turn), _around(x, y, radius * 1.3, turn)
            plate.stroke([foot, tip], radius * 0.045)
            plate.disc(*tip, radius * 0.075)
        plate.disc(x, y, radius)
        plate.disc(x, y, radius * 0.86, 0)
        plate.disc(x, y, radius * 0.8)
        spiral = []
        for step in range(260):
            turn = step / 48
            spiral.append(_around(x, y, radius * (0.06 + 0.6 * step / 260), turn + phase))
        plate.stroke(spiral, radius * 0.05, 0)
        core.stroke(spiral, radius * 0.028)
        pale.disc(x + radius * 0.2, y + radius * 0.16, radius * 1.45)
    sheet.pull(pale, SKY, 0.42)
    sheet.pull(moss, MOSS)
    sheet.pull(warm, VERMILION)
    sheet.pull(ink, INK)
    sheet.pull(core, OCHRE, 0.9)


def antibodies(sheet: Sheet) -> None:
    """A field of forked strokes turning as in a wind, a few of them warm."""
    random = sheet.random
    cool, warm, tips, wash = (sheet.plate() for _ in range(4))
    wash.disc(790, 470, 310)
    pitch = 104
    for row in range(-1, 10):
        for column in range(-1, 14):
            x = column * pitch + (pitch / 2 if row % 2 else 0)
            y = row * pitch * 0.87
            distance = math.hypot(x - 790, y - 470)
            turn = 0.25 + 0.62 * math.exp(-((distance / 330) ** 2)) + 0.09 * math.sin(x / 210)
            plate = warm if distance < 300 and random.random() < 0.52 else cool
            joint = x, y
            foot = _around(x, y, 40, turn)
            plate.stroke([joint, foot], 12)
            for side in (-1, 1):
                knee = _around(x, y, 41, turn + 0.5 + side * 0.115)
                plate.stroke([joint, knee], 12)
                inner = _around(x, y, 41, turn + 0.5 + side * 0.045)
                tips.stroke([_towards(joint, inner, 0.5), inner], 6)
    sheet.pull(wash, OCHRE, 0.6)
    sheet.pull(cool, INK)
    sheet.pull(warm, VERMILION)
    sheet.pull(tips, MOSS)


def _towards(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def division(sheet: Sheet) -> None:
    """One cell becomes two, four, eight, sixteen."""
    night, pale, cells, nuclei, warm = (
        sheet.plate(255), sheet.plate(), sheet.plate(), sheet.plate(), sheet.plate()
    )  # fmt: skip
    clusters = [
        (178, 250, 132, 1), (470, 520, 140, 2), (640, 205, 122, 4),
        (905, 480, 196, 16), (205, 640, 112, 8),
    ]  # fmt: skip
    for x, y, radius, count in clusters:
        night.disc(x, y, radius * 1.12, 0)
        pale.disc(x, y, radius * 1.12)
        size = {1: 0.92, 2: 0.58, 4: 0.47, 8: 0.36, 16: 0.275}[count]
        places = (
            [(0.0, 0.0)]
            if count == 1
            else [
                _around(0, 0, reach, index / number + phase)
                for number, reach, phase in {
                    2: [(2, 0.42, 0.06)],
                    4: [(4, 0.52, 0.1)],
                    8: [(7, 0.65, 0.03), (1, 0, 0)],
                    16: [(11, 0.74, 0.02), (5, 0.32, 0.06)],
                }[count]
                for index in range(number)
            ]
        )
        for index, (dx, dy) in enumerate(places):
            at = x + dx * radius, y + dy * radius
            body = _blob(sheet.random, *at, radius * size, 0.05)
            edge = [_towards(at, point, 1.07) for point in body]
            for plate in (cells, warm, nuclei):
                plate.shape(edge, 0)
            plate = warm if index % 5 == (0 if count > 1 else 1) else cells
            plate.shape(body)
            nuclei.disc(at[0] + radius * 0.03, at[1] - radius * 0.02, radius * size * 0.34)
    sheet.pull(night, INK)
    sheet.pull(pale, OCHRE, 0.3)
    sheet.pull(cells, SKY, 0.9)
    sheet.pull(warm, VERMILION, 0.92)
    sheet.pull(nuclei, INK, 0.92)


def loops(sheet: Sheet) -> None:
    """A tube of many threads bends into a loop, as a growing heart does."""
    inks = ((INK, 0, 17), (VERMILION, 17, 34))
    wash = sheet.plate()
    wash.disc(610, 390, 270)
    sheet.pull(wash, OCHRE, 0.55)
    for ink, first, last in inks:
        plate = sheet.plate()
        for thread in range(first, last):
            share = thread / 33
            points = []
            for step in range(361):
                t = step / 360 * math.tau
                swell = 0.56 + 0.44 * share
                x = 600 + (470 * swell) * math.sin(t + share * 0.75)
                y = 405 + (300 * (1.16 - 0.42 * share)) * math.sin(2 * t + share * 1.5 + 0.35)
                points.append((x, y))
            plate.stroke(points, 3.0 if thread % 4 else 5.4)
        sheet.pull(plate, ink)


def branches(sheet: Sheet) -> None:
    """Nerve cells stretch their branches towards each other."""
    random = sheet.random
    night, warm, pale, bodies = (
        sheet.plate(255), sheet.plate(), sheet.plate(), sheet.plate()
    )  # fmt: skip

    def grow(plate: Plate, x: float, y: float, turn: float, length: float, width: float) -> None:
        bend = random.uniform(-0.05, 0.05)
        end = _around(x, y, length, turn + bend)
        path = _bezier(
            (x, y),
            _around(x, y, length * 0.4, turn),
            _around(*end, length * 0.35, turn + bend * 3 + 0.5),
            end,
            14,
        )
        night.taper(path, width, width * 0.66, 0)
        plate.taper(path, width, width * 0.66)
        if width < 1.7:
            night.disc(*end, 3.6, 0)
            plate.disc(*end, 3.6)
            return
        for side in (-1, 1):
            if random.random() < 0.93:
                grow(
                    plate,
                    *end,
                    turn + bend + side * random.uniform(0.03, 0.1),
                    length * random.uniform(0.66, 0.86),
                    width * 0.64,
                )

    for x, y, size, plate, arms in (
        (330, 470, 52, pale, 7), (870, 300, 60, warm, 8), (700, 720, 34, pale, 6),
        (1120, 640, 30, pale, 6), (90, 120, 30, warm, 5), (560, 110, 26, pale, 5),
    ):  # fmt: skip
        phase = random.random()
        for arm in range(arms):
            turn = (arm + phase + random.uniform(-0.18, 0.18)) / arms
            start = _around(x, y, size * 0.6, turn)
            grow(plate, *start, turn, size * random.uniform(1.5, 2.1), size * 0.3)
        outline = _blob(random, x, y, size, 0.14)
        night.shape(outline, 0)
        plate.shape(outline)
        bodies.disc(x, y, size * 0.42)
    night.fade(_downwards(255, 232))
    sheet.pull(night, INK)
    sheet.pull(warm, VERMILION)
    sheet.pull(pale, OCHRE, 0.42)
    sheet.pull(bodies, INK)


def iris(sheet: Sheet) -> None:
    """Fine rays stand around a dark round opening."""
    random = sheet.random
    x, y = 640, 400
    glow, rays, warm, moss, pupil = (sheet.plate() for _ in range(5))
    glow.disc(x, y, 372)
    for step in range(520):
        turn = step / 520
        outer = 350 + 16 * math.sin(turn * math.tau * 9) + random.uniform(-26, 18)
        inner = 142 + random.uniform(-4, 26)
        middle = 216 + 14 * math.sin(turn * math.tau * 13) + random.uniform(-20, 20)
        sway = 0.004 * math.sin(turn * math.tau * 21)
        points = [
            _around(x, y, inner + (outer - inner) * part / 8, turn + sway * part / 4)
            for part in range(9)
        ]
        rays.taper(points, 1.1, 3.0)
        if step % 2 == 0:
            plate = warm if step % 8 else moss
            plate.taper([_around(x, y, 128, turn), _around(x, y, middle, turn)], 3.4, 1.2)
    pupil.disc(x, y, 132)
    lashes = sheet.plate()
    for ring in range(11):
        lashes.ring(x, y, 404 + ring * 34, 2.2 + ring * 0.25)
    sheet.pull(lashes, INK, 0.8)
    sheet.pull(glow, SKY, 0.75)
    sheet.pull(warm, VERMILION)
    sheet.pull(moss, MOSS)
    sheet.pull(rays, INK)
    gleam = sheet.plate()
    gleam.disc(x + 48, y - 52, 26)
    pupil.without(gleam)
    sheet.pull(pupil, INK)


def columns(sheet: Sheet) -> None:
    """Flat cells pile up in columns and swell towards the foot, as in growing cartilage."""
    random = sheet.random
    cells, warm, moss, nuclei, ground = (sheet.plate() for _ in range(5))
    ground.box(0, 0, WIDTH, HEIGHT)
    ground.fade(_downwards(0, 255))
    for column in range(-1, 14):
        x = 50 + column * 92 + random.uniform(-5, 5)
        y = random.uniform(-26, 4)
        while y < HEIGHT + 40:
            share = min(1.0, max(0.0, y / HEIGHT))
            height = 13 + 62 * share**2.1
            width = 36 + 5 * math.sin(y / 90 + column)
            drift = 7 * math.sin(y / 140 + column * 1.3)
            plate = cells
            if share > 0.6 and random.random() < 0.4:
                plate = warm
            elif share < 0.3 and random.random() < 0.32:
                plate = moss
            points = []
            for step in range(48):
                turn = step / 48 * math.tau
                bulge = 2.6 if share < 0.7 else 2.2
                cos, sin = math.cos(turn), math.sin(turn)
                points.append(
                    (
                        x + drift + width * math.copysign(abs(cos) ** (2 / bulge), cos),
                        y + height / 2 * math.copysign(abs(sin) ** (2 / bulge), sin),
                    )
                )
            plate.shape(points)
            if height > 17:
                size = 3 + height * 0.13
                nuclei.disc(x + drift + random.uniform(-9, 9), y, size)
            y += height + 6.5
    for plate in (cells, warm, moss):
        plate.without(nuclei)
    sheet.pull(ground, OCHRE, 0.6)
    sheet.pull(cells, INK)
    sheet.pull(warm, VERMILION)
    sheet.pull(moss, MOSS)
    sheet.pull(nuclei, SKY, 0.4)


def capsules(sheet: Sheet) -> None:
    """Long rounded bodies, each with a folded line inside."""
    skins = [sheet.plate(), sheet.plate(), sheet.plate()]
    folds = sheet.plate()
    shade = sheet.plate()
    places = [
        (330, 275, 235, 96, -22, 0), (905, 215, 190, 78, 18, 1), (760, 560, 285, 108, -10, 2),
        (185, 640, 150, 66, 32, 1), (1150, 480, 120, 56, 78, 0), (560, 60, 110, 46, 8, 2),
        (70, 420, 95, 44, 84, 2), (1050, 745, 140, 56, 14, 0), (440, 770, 130, 50, -6, 0),
    ]  # fmt: skip
    for x, y, length, radius, degrees, which in places:
        tilt = math.radians(degrees)

        def at(u: float, v: float, x=x, y=y, tilt=tilt) -> Point:
            return (
                x + u * math.cos(tilt) - v * math.sin(tilt),
                y + u * math.sin(tilt) + v * math.cos(tilt),
            )

        reach = length - radius
        skin = skins[which]
        skin.stroke([at(-reach, 0), at(reach, 0)], radius * 2)
        skin.stroke([at(-reach, 0), at(reach, 0)], radius * 1.8, 0)
        skin.stroke([at(-reach, 0), at(reach, 0)], radius * 1.68)
        shade.stroke([at(-reach + 16, 22), at(reach + 16, 22)], radius * 2.02)
        path = []
        turns = max(3, round(length / 34))
        for step in range(turns * 24 + 1):
            share = step / (turns * 24)
            u = -length * 0.78 + share * length * 1.56
            limit = radius * 0.62 * math.sqrt(max(0.0, 1 - (max(0, abs(u) - reach) / radius) ** 2))
            wave = math.sin(share * turns * math.tau)
            path.append(at(u, limit * math.copysign(abs(wave) ** 0.6, wave)))
        skin.stroke(path, radius * 0.17, 0)
        folds.stroke(path, radius * 0.075)
    sheet.pull(shade, SKY, 0.5)
    for skin, ink in zip(skins, (INK, VERMILION, MOSS), strict=True):
        sheet.pull(skin, ink)
    sheet.pull(folds, INK, 0.9)


def lineages(sheet: Sheet) -> None:
    """From one round cell, ribbons lead to more and more kinds of cells."""
    random = sheet.random
    inks = {INK: sheet.plate(), VERMILION: sheet.plate(), MOSS: sheet.plate(), SKY: sheet.plate()}
    ribbons = {ink: sheet.plate() for ink in inks}
    hearts = sheet.plate()
    levels = [
        [(128, 400)],
        [(345, 236), (345, 566)],
        [(580, 122), (580, 318), (580, 486), (580, 682)],
        [(806 + 26 * (step % 2), 64 + step * 84) for step in range(9)],
        [(1050 + random.uniform(0, 100), 30 + step * 41.2) for step in range(19)],
    ]
    parents = [
        [0, 0], [0, 0, 1, 1], [0, 0, 1, 1, 2, 2, 3, 3, 3],
        [0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8],
    ]  # fmt: skip
    colours = [
        [INK], [VERMILION, INK], [VERMILION, MOSS, INK, SKY],
        [VERMILION, VERMILION, MOSS, MOSS, INK, INK, SKY, SKY, INK],
    ]  # fmt: skip
    colours.append([colours[3][parent] for parent in parents[3]])
    sizes = (98, 58, 42, 29, 15)
    for level in range(4):
        for child, parent in enumerate(parents[level]):
            start, end = levels[level][parent], levels[level + 1][child]
            span = (end[0] - start[0]) * 0.5
            path = _bezier(start, (start[0] + span, start[1]), (end[0] - span, end[1]), end)
            ribbon = ribbons[colours[level + 1][child]]
            ribbon.taper(path, sizes[level] * 0.62, sizes[level + 1] * 0.7)
    for level, places in enumerate(levels):
        for index, (x, y) in enumerate(places):
            size = sizes[level]
            for ribbon in ribbons.values():
                ribbon.disc(x, y, size * 1.22, 0)
            inks[colours[level][index]].shape(_blob(random, x, y, size, 0.05))
            hearts.shape(_blob(random, x + size * 0.1, y - size * 0.06, size * 0.46, 0.1))
    wash = sheet.plate()
    wash.disc(128, 400, 262)
    wash.without(inks[INK])
    wash.without(inks[VERMILION])
    sheet.pull(wash, OCHRE, 0.6)
    for ink, ribbon in ribbons.items():
        sheet.pull(ribbon, ink, 0.55)
    for ink, plate in inks.items():
        sheet.pull(plate, ink)
    sheet.pull(hearts, INK, 0.88)


MOTIFS: dict[str, Callable[[Sheet], None]] = {
    motif.__name__: motif
    for motif in (
        gathering, facade, weave, growth, traces, hundred, helix,
        spikes, antibodies, division, loops, branches, iris, columns, capsules, lineages,
    )
}  # fmt: skip


def draw(motif: str, *, width: int = 2400) -> Image.Image:
    """The picture of a motif, `width` pixels wide and two thirds as high.

    Raises `KeyError` for a motif that does not exist.
    """
    sheet = Sheet(motif, width)
    MOTIFS[motif](sheet)
    return sheet.finished()
