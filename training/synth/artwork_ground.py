"""Painted pictures of what lies on the ground: potholes, patches, paper."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from training.synth.artwork_base import INK, Picture, Rng, canvas, grime


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
