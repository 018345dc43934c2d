"""Calm abstract pictures where a real school would have photos: hills, a sun, some leaves."""

from __future__ import annotations

import io
from math import sin
from random import Random

from PIL import Image, ImageDraw

SIZE = (1200, 900)
PALETTES = (
    ("#f6e7cf", "#e8a87c", "#c38d6b", "#85a88f", "#41736c"),
    ("#e6f0f2", "#f2c078", "#9cc5a1", "#5a9aa8", "#2f5d73"),
    ("#fbeee6", "#e9b7a5", "#b5c7a3", "#7d9d86", "#4b6b5d"),
    ("#eef2e2", "#f0d080", "#a9c27f", "#6f9a6a", "#3f6b57"),
)


def picture(random: Random) -> bytes:
    """One JPEG of 1200 × 900, decided by ``random``."""
    sky, sun, *hills = random.choice(PALETTES)
    image = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(image)
    _sun(draw, sun, random)
    for place, colour in enumerate(hills):
        _hill(draw, colour, 420 + 150 * place, random)
    for _ in range(14):
        _leaf(draw, random.choice((sun, *hills)), random)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=86)
    return out.getvalue()


def _sun(draw: ImageDraw.ImageDraw, colour: str, random: Random) -> None:
    radius = random.randint(70, 130)
    x, y = random.randint(200, 1000), random.randint(150, 320)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _hill(draw: ImageDraw.ImageDraw, colour: str, height: int, random: Random) -> None:
    width, bottom = SIZE
    wave, shift = random.uniform(90, 190), random.uniform(0, 6)
    line = [(x, height + 60 * sin(x / wave + shift)) for x in range(0, width + 20, 20)]
    draw.polygon([(0, bottom), *line, (width, bottom)], fill=colour)


def _leaf(draw: ImageDraw.ImageDraw, colour: str, random: Random) -> None:
    x, y = random.randint(40, SIZE[0] - 40), random.randint(40, SIZE[1] - 40)
    width, height = random.randint(10, 26), random.randint(6, 14)
    draw.ellipse((x - width, y - height, x + width, y + height), fill=colour)
