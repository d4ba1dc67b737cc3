"""Painters of number plates: of cars, lorries and two-wheelers, clean, wet and dirty.

Sizes follow GA 36 (cars and lorries) and what cities give electric bicycles.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from training.synth.artwork_base import Picture, canvas, font, grime, has_cjk

Rng = np.random.Generator

_SIGNS = list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
_CAR = (
    ("blue", 0.5), ("green", 0.22), ("yellow", 0.14), ("white", 0.07), ("black", 0.07),
)  # fmt: skip
_SMALL = (("white", 0.5), ("yellow", 0.25), ("blue", 0.15), ("green", 0.1))
_GROUND = {
    "blue": "#1546b8", "green": "#8fd19a", "yellow": "#e8b418", "white": "#eef0ee",
    "black": "#16171a",
}  # fmt: skip
_INK = {
    "blue": "#ffffff", "green": "#111111", "yellow": "#111111", "white": "#111111",
    "black": "#f0f0f0",
}  # fmt: skip
_SMALL_INKS = ("#111111", "#1546b8", "#b01018", "#0a6a3a")


def plate(rng: Rng) -> Picture:
    """Paint a car's plate, 440 x 140 mm: blue, green, yellow, white or black."""
    kind = _kind(rng, _CAR)
    image, draw = canvas(176, 56, _GROUND[kind])
    if kind == "green":
        _fade(image)
    number = _place(rng) + "·" + _letters(rng, 6 if kind == "green" else 5)
    size = 29 if kind == "green" else 33
    draw.text((88, 28), number, font=font(size), fill=_INK[kind], anchor="mm")
    if kind == "white":
        draw.text(
            (160, 28), _character(rng), font=font(28), fill="#c01018", anchor="mm"
        )
    draw.rectangle((2, 2, 173, 53), outline=_INK[kind], width=2)
    return _used(image, rng)


def plate_double(rng: Rng) -> Picture:
    """Paint a lorry's rear plate, 440 x 220 mm: yellow, in two lines."""
    image, draw = canvas(176, 88, _GROUND["yellow"])
    ink = _INK["yellow"]
    draw.text((88, 22), _place(rng), font=font(26), fill=ink, anchor="mm")
    draw.text((88, 60), _letters(rng, 5), font=font(42), fill=ink, anchor="mm")
    draw.rectangle((2, 2, 173, 85), outline=ink, width=2)
    return _used(image, rng)


def plate_small(rng: Rng) -> Picture:
    """Paint a two-wheeler's plate, about 220 x 140 mm, in two lines."""
    kind = _kind(rng, _SMALL)
    ink = str(rng.choice(_SMALL_INKS)) if kind == "white" else _INK[kind]
    image, draw = canvas(110, 70, _GROUND[kind])
    draw.text((55, 18), _place(rng), font=font(20), fill=ink, anchor="mm")
    draw.text((55, 47), _letters(rng, 5), font=font(29), fill=ink, anchor="mm")
    draw.rectangle((2, 2, 107, 67), outline=ink, width=2)
    return _used(image, rng)


def _kind(rng: Rng, shares: tuple[tuple[str, float], ...]) -> str:
    names, weights = zip(*shares, strict=True)
    return str(rng.choice(names, p=weights))


def _place(rng: Rng) -> str:
    if has_cjk():
        return str(rng.choice(list("豫京沪粤苏浙鲁川"))) + str(rng.choice(_SIGNS[:24]))
    return str(rng.choice(_SIGNS[:24])) + str(rng.choice(_SIGNS[:24]))


def _character(rng: Rng) -> str:
    return str(rng.choice(list("警学领"))) if has_cjk() else "P"


def _letters(rng: Rng, count: int) -> str:
    return "".join(rng.choice(_SIGNS, count))


def _fade(image: Image.Image) -> None:
    """Let the green of electric cars run out into white at the top."""
    draw = ImageDraw.Draw(image)
    for row in range(image.height):
        share = row / image.height
        colour = tuple(round(255 + (c - 255) * share) for c in (0x4F, 0xB8, 0x78))
        draw.line((0, row, image.width, row), fill=(*colour, 255))


def _used(image: Image.Image, rng: Rng) -> Picture:
    """Bolt a plate on and let it get wet, dusty, bleached or splashed with mud."""
    w, h = image.size
    over, draw = canvas(w, h)
    for x in (w * 0.2, w * 0.8):
        draw.ellipse((x - 3, h * 0.1 - 2, x + 3, h * 0.1 + 4), fill="#8c9094")
    state = str(rng.choice(["clean", "clean", "dusty", "wet", "bleached", "mud"]))
    if state == "wet":
        draw.rectangle((0, 0, w, h), fill=(0, 0, 0, 60))
        for _ in range(14):
            x, top = rng.uniform(0, w), rng.uniform(0, h * 0.7)
            draw.line((x, top, x, top + rng.uniform(4, 20)), fill=(255, 255, 255, 90))
    elif state == "bleached":
        draw.rectangle((0, 0, w, h), fill=(235, 235, 230, 110))
    elif state == "mud":
        for _ in range(int(rng.integers(6, 18))):
            x, y, r = rng.uniform(0, w), rng.uniform(h * 0.3, h), rng.uniform(2, 11)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=(96, 84, 66, 210))
    strength = {"dusty": 0.35, "mud": 0.25}.get(state, 0.06)
    return grime(np.asarray(Image.alpha_composite(image, over)), rng, strength)
