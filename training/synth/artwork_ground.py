"""Painted pictures of what lies on the ground: covers, potholes, patches, paper."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.synth.artwork_base import INK, Picture, Rng, canvas, font, grime, has_cjk


def cover(rng: Rng, state: str) -> Picture:
    """Paint a round cover from above: state `ok`, `damaged`, `missing` or `sunken`."""
    image, draw = canvas(256, 256)
    tone = int(rng.integers(58, 100))
    draw.ellipse((1, 1, 254, 254), fill=(tone + 60, tone + 57, tone + 50, 255))
    draw.ellipse((15, 15, 240, 240), fill=(28, 27, 26, 255))
    draw.ellipse((21, 21, 234, 234), fill=(tone, tone - 3, tone - 8, 255))
    if state != "missing":
        _cover_pattern(draw, rng, tone)
    if state == "missing":
        draw.ellipse((13, 13, 242, 242), fill=(70, 66, 60, 255))
        draw.ellipse((15, 27, 240, 252), fill=(8, 8, 9, 255))
        draw.ellipse((13, 13, 242, 242), outline=(40, 38, 36, 255), width=5)
    if state == "damaged":
        _cover_break(draw, rng)
    if state == "sunken":
        draw.ellipse((21, 21, 234, 234), fill=(22, 21, 20, 255))
        draw.ellipse((24, 46, 231, 238), fill=(tone - 12, tone - 14, tone - 18, 255))
        _cover_break(draw, rng)
    out = grime(np.asarray(image), rng, 0.14)
    yy, xx = np.mgrid[:256, :256] - 127.5
    out[..., 3] = np.where(np.hypot(xx, yy) < 126, 255, 0)
    return out


def _cover_pattern(draw: ImageDraw.ImageDraw, rng: Rng, tone: int) -> None:
    light = (tone + 34, tone + 32, tone + 27, 255)
    if rng.random() < 0.5:
        for radius in (40, 64, 86):
            box = (128 - radius, 128 - radius, 128 + radius, 128 + radius)
            draw.ellipse(box, outline=light, width=6)
    else:
        for x in range(46, 214, 20):
            for y in range(46, 214, 20):
                if np.hypot(x - 128, y - 128) < 92:
                    draw.rectangle((x - 6, y - 3, x + 6, y + 3), fill=light)
    word = str(rng.choice(["雨", "污", "电", "水"])) if has_cjk() else "W"
    draw.ellipse((104, 104, 152, 152), fill=(tone, tone, tone, 255))
    draw.text((128, 128), word, font=font(38), fill=light, anchor="mm")


def _cover_break(draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    turn = rng.uniform(0, 2 * np.pi)
    hole = [
        (128 + 112 * np.cos(turn + a), 128 + 112 * np.sin(turn + a))
        for a in np.linspace(-0.55, 0.6, 7)
    ]
    hole += [
        (128 + r * np.cos(turn + a), 128 + r * np.sin(turn + a))
        for r, a in ((50, 0.45), (28, 0.0), (62, -0.3))
    ]
    draw.polygon([(float(x), float(y)) for x, y in hole], fill=(6, 6, 7, 255))
    for lean in (2.2, 3.4, 4.3):
        line = [(128.0, 128.0)]
        for k in range(1, 7):
            a = turn + lean + rng.normal(0, 0.12)
            line.append(
                (float(128 + 18 * k * np.cos(a)), float(128 + 18 * k * np.sin(a)))
            )
        draw.line(line, fill=(8, 8, 8, 255), width=7)


def pothole(rng: Rng) -> Picture:
    """Paint an irregular hole in asphalt from above, transparent outside."""
    yy, xx = np.mgrid[:256, :256] - 127.5
    angle, radius = np.arctan2(yy, xx), np.hypot(xx, yy)
    edge = 84 + sum(
        float(rng.uniform(4, 15) / (k**0.4)) * np.cos(k * angle + rng.uniform(0, 6.3))
        for k in range(1, 9)
    )
    depth = np.clip((edge - radius) / 22, 0, 1)
    gravel = rng.normal(0, 1, (64, 64)).astype(np.float32)
    stones = np.asarray(
        Image.fromarray(gravel).resize((256, 256), Image.Resampling.BICUBIC)
    )
    tone = (
        120
        - 66 * depth
        + 22 * stones * depth
        - 38 * np.clip(np.roll(depth, 16, 0) - depth, -1, 1) * -1
    )
    wall = np.clip(depth - np.roll(depth, 14, 0), 0, 1)
    tone = tone - 70 * wall
    out = np.zeros((256, 256, 4))
    out[..., :3] = np.clip(tone[..., None] * (1.0, 0.95, 0.86), 6, 220)
    out[..., 3] = np.clip((edge + 9 + 5 * stones - radius) / 5, 0, 1) * 255
    return np.asarray(np.clip(out, 0, 255), dtype=np.uint8)


def stain(rng: Rng) -> Picture:
    """Paint a clean dark repair patch or damp spot: a look-alike, not a defect."""
    image, draw = canvas(256, 256)
    if rng.random() < 0.6:
        draw.rectangle((10, 10, 246, 246), fill=(44, 44, 46, 150))
    else:
        for _ in range(9):
            x, y = rng.uniform(60, 190, 2)
            r = rng.uniform(20, 55)
            draw.ellipse((x - r, y - r, x + r, y + r), fill=(46, 44, 42, 80))
    return grime(np.asarray(image.filter(ImageFilter.GaussianBlur(3))), rng, 0.2)


def paper(rng: Rng) -> Picture:
    """Paint a thrown-away sheet: newspaper, flyer or packaging."""
    ground = str(rng.choice(["#f3f1ea", "#ffffff", "#ece4cf", "#f6d6d0"]))
    image, draw = canvas(128, 128, ground)
    for row in range(10):
        draw.rectangle(
            (10, 10 + row * 11, int(rng.integers(60, 118)), 14 + row * 11),
            fill="#8a8a8a",
        )
    if rng.random() < 0.5:
        draw.rectangle((14, 14, 70, 60), fill=str(rng.choice(INK)))
    return np.asarray(image)
