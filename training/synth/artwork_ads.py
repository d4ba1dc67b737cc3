"""Painters of small ads: flyers, clusters, stickers, sprayed and stencilled numbers.

The rule of what is a `poster` (非法小广告) and what is `graffiti` (乱涂写): what offers
a service or names a number to call is a poster, whether it is paper, a sticker, a
stencil or spray; any other writing or drawing on a surface is graffiti. Papers that
touch or overlap are one poster. What has a frame, a board, glass before it or stands
on its own post is neither.

No number here can be called: no mobile number of China starts with 10, 11 or 12.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from training.synth.artwork_base import (
    INK,
    Picture,
    Rng,
    canvas,
    cropped,
    font,
    grime,
    has_cjk,
    phone,
    sprayed,
    warped,
    words,
)

AD_WORDS = (
    "招聘", "疏通下水道", "房屋出租", "办证", "开锁", "招租", "高价回收", "家教",
    "搬家", "贷款", "补习班", "特价", "旺铺转让", "寻物", "专业补漏", "空调维修",
    "急招普工", "刻章", "收旧家电", "合租", "打孔", "代驾",
)  # fmt: skip
_SPRAYED = ("办证", "刻章", "开锁", "疏通", "打孔", "补漏", "贷款", "收车", "搬家")
_PAPER = (
    "#fbfbf5", "#fff7c2", "#ffe1e1", "#e8f4ff", "#f9e04b", "#f08a8a", "#ffffff",
    "#ffffff", "#e9dcc0", "#d8f0c8", "#d83a34", "#f4a8c0",
)  # fmt: skip


def _fit(draw: ImageDraw.ImageDraw, text: str, box: tuple[int, ...], ink: str) -> None:
    """Write text as large as it fits into `(left, top, right, bottom)`."""
    w, h = box[2] - box[0], box[3] - box[1]
    size = max(10, min(int(h), int(w / max(len(text), 1) * 1.02)))
    if not has_cjk() or text.isascii():
        size = max(10, min(int(h), int(w / max(len(text), 1) * 1.7)))
    draw.text(
        ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2),
        text,
        font=font(size),
        fill=ink,
        anchor="mm",
        stroke_width=size // 28,
        stroke_fill=ink,
    )


def _lines(draw: ImageDraw.ImageDraw, rng: Rng, box: tuple[int, ...]) -> None:
    """Print rows of small grey text."""
    step = int(rng.integers(10, 18))
    for y in range(box[1], box[3] - 4, step):
        x = box[0]
        end = int(rng.integers((box[0] + box[2]) // 2, box[2] + 1))
        while x < end:
            word = int(rng.integers(8, 34))
            draw.rectangle((x, y, min(x + word, end), y + step // 2), fill="#3a3a3a")
            x += word + 5


def _photo(image: Image.Image, rng: Rng, box: tuple[int, int, int, int]) -> None:
    """Print a picture of some goods or a room: soft patches of colour."""
    small = rng.integers(30, 235, (4, 5, 3)).astype(np.uint8)
    size = (box[2] - box[0], box[3] - box[1])
    image.paste(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC), box[:2])


def _printed(image: Image.Image, draw: ImageDraw.ImageDraw, rng: Rng, ink: str) -> None:
    w, h = image.size
    head = (10, 8, w - 10, int(h * 0.3))
    if rng.random() < 0.45:
        draw.rectangle((0, 0, w, int(h * 0.31)), fill=ink)
        _fit(draw, words(rng, AD_WORDS), head, "#ffffff")
    else:
        _fit(draw, words(rng, AD_WORDS), head, ink)
    body = (16, int(h * 0.36), w - 16, int(h * 0.76))
    if rng.random() < 0.4:
        _photo(image, rng, body)
    else:
        _lines(draw, rng, body)
    _fit(draw, phone(rng), (8, int(h * 0.8), w - 8, h - 8), ink)


def _by_hand(image: Image.Image, draw: ImageDraw.ImageDraw, rng: Rng, ink: str) -> None:
    """Write one or two big words with a broad pen, and the number below."""
    w, h = image.size
    word = words(rng, AD_WORDS)
    if h > w and len(word) <= 4:
        size = int(min(w * 0.55, h * 0.75 / len(word)))
        for k, letter in enumerate(word):
            at = (w // 2 + int(rng.normal(0, 4)), int(size * (k + 0.65)))
            draw.text(at, letter, font=font(size), fill=ink, anchor="mm")
    else:
        _fit(draw, word, (8, 14, w - 8, int(h * 0.62)), ink)
    _fit(draw, phone(rng), (8, int(h * 0.82), w - 8, h - 8), ink)


def _crowded(image: Image.Image, draw: ImageDraw.ImageDraw, rng: Rng, ink: str) -> None:
    w, h = image.size
    for k in range(int(rng.integers(2, 5))):
        y = int(h * (0.04 + 0.2 * k))
        fill = str(rng.choice(INK))
        if rng.random() < 0.4:
            draw.rectangle((4, y, w - 4, y + int(h * 0.17)), fill=fill)
            fill = "#ffffff"
        _fit(draw, words(rng, AD_WORDS), (8, y, w - 8, y + int(h * 0.16)), fill)
    _lines(draw, rng, (14, int(h * 0.72), w - 14, int(h * 0.84)))
    _fit(draw, phone(rng), (8, int(h * 0.85), w - 8, h - 6), ink)


def _tabs(image: Image.Image, draw: ImageDraw.ImageDraw, rng: Rng, ink: str) -> None:
    """Print an ad whose lower edge is cut into strips to tear off."""
    w, h = image.size
    _fit(draw, words(rng, AD_WORDS), (10, 10, w - 10, int(h * 0.3)), ink)
    _lines(draw, rng, (16, int(h * 0.36), w - 16, int(h * 0.68)))
    for x in range(0, w, w // 8):
        draw.line((x, int(h * 0.72), x, h), fill="#777777", width=2)
        if rng.random() < 0.35:
            box = (x, int(h * 0.72), x + w // 8, h)
            draw.rectangle(box, fill=(0, 0, 0, 0))
        else:
            draw.rectangle((x + 8, int(h * 0.76), x + 13, h - 8), fill="#444444")


_LAYOUTS: tuple[Callable[[Image.Image, ImageDraw.ImageDraw, Rng, str], None], ...] = (
    _printed,
    _printed,
    _by_hand,
    _by_hand,
    _crowded,
    _tabs,
)


def sheet(rng: Rng) -> Picture:
    """Print or write one clean paper, upright or lying; opaque but for torn tabs."""
    upright = rng.random() < 0.75
    paper = str(rng.choice(_PAPER))
    image, draw = canvas(*((192, 264) if upright else (264, 192)), paper)
    ink = str(rng.choice(INK))
    if paper == "#d83a34":
        ink = str(rng.choice(["#1b1b1e", "#f6d860"]))
    elif paper == "#f9e04b" and ink == "#e0a100":
        ink = "#d7263d"
    _LAYOUTS[int(rng.integers(len(_LAYOUTS)))](image, draw, rng, ink)
    if rng.random() < 0.4:
        w, h = image.size
        draw.rectangle((1, 1, w - 2, h - 2), outline="#8a8a8a", width=2)
    return np.asarray(image)


def worn(picture: Picture, rng: Rng) -> Picture:
    """Fade, crease, dirty and tear a paper; clear where it is gone."""
    out = picture.astype(np.float64)
    h, w = out.shape[:2]
    fade = float(rng.choice([0.0, 0.1, 0.25, 0.5])) * float(rng.uniform(0.7, 1))
    out[..., :3] += fade * ((215, 211, 200) - out[..., :3])
    for _ in range(int(rng.integers(0, 4))):
        at, along = float(rng.uniform(0.1, 0.9)), int(rng.integers(2))
        crease = np.abs(np.mgrid[:h, :w][along] - at * (h, w)[along])
        out[..., :3] *= (1 - 0.22 * np.exp(-((crease / 2.5) ** 2)))[..., None]
    alpha = out[..., 3] * _left_over(rng, (h, w))
    out = grime(np.clip(out, 0, 255).astype(np.uint8), rng, 0.08).astype(np.float64)
    out[..., 3] = alpha
    return out.astype(np.uint8)


def _left_over(rng: Rng, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Tell where a paper is still there, `(h, w)`."""
    h, w = shape
    yy, xx = np.mgrid[:h, :w].astype(float)
    noise = rng.normal(0, 1, (12, 12)).astype(np.float32)
    rough = np.asarray(
        Image.fromarray(noise).resize((w, h), Image.Resampling.BICUBIC), dtype=float
    )
    rim = np.minimum(np.minimum(xx, w - 1 - xx), np.minimum(yy, h - 1 - yy))
    keep: npt.NDArray[np.bool_] = rim > 1.2 + 1.2 * rough
    how = rng.random()
    if how < 0.3:
        corner = np.abs(xx - rng.choice([0, w])) + np.abs(yy - rng.choice([0, h]))
        keep &= corner > float(rng.uniform(25, 90)) + 9 * rough
    elif how < 0.45:
        slope = float(rng.uniform(-0.6, 0.6)) * (xx - w / 2)
        keep &= yy + slope < h * float(rng.uniform(0.55, 0.9)) + 14 * rough
    elif how < 0.55:
        hole = np.hypot(
            xx - w * float(rng.uniform(0.2, 0.8)), yy - h * float(rng.uniform(0.3, 0.9))
        )
        keep &= hole > float(rng.uniform(20, 45)) + 10 * rough
    return keep


def flyer(rng: Rng) -> Picture:
    """Paint one stuck paper with its wear, nearly upright."""
    image = Image.fromarray(worn(sheet(rng), rng))
    turn = float(rng.normal(0, 3.0)) if rng.random() < 0.7 else 0.0
    turned = image.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    return cropped(np.asarray(turned))


def cluster(rng: Rng) -> Picture:
    """Paint three to nine papers stuck over each other, and what is left of others."""
    image, _ = canvas(460, 460)
    for k in range(int(rng.integers(4, 10))):
        part = Image.fromarray(worn(sheet(rng), rng))
        factor = float(rng.uniform(0.5, 0.95))
        part = part.resize((int(part.width * factor), int(part.height * factor)))
        if rng.random() < 0.25:
            part = part.crop(
                (0, 0, part.width, int(part.height * rng.uniform(0.2, 0.5)))
            )
        part = part.rotate(
            float(rng.normal(0, 5)), Image.Resampling.BICUBIC, expand=True
        )
        spread = 42 if k < 3 else 70
        x, y = (230 + rng.normal(0, spread, 2)).astype(int)
        at = (
            int(np.clip(x - part.width // 2, 0, 460 - part.width)),
            int(np.clip(y - part.height // 2, 0, max(460 - part.height, 0))),
        )
        image.alpha_composite(part, at)
    return cropped(np.asarray(image))


def sticker(rng: Rng) -> Picture:
    """Paint a small printed sticker: round, square or a strip."""
    shape = rng.random()
    fill, ink = (str(c) for c in rng.choice(
        ["#f2f2ee", "#f4d21f", "#d7263d", "#0b4f9e", "#111111", "#1a8a4a"], 2,
        replace=False,
    ))  # fmt: skip
    if shape < 0.3:
        image, draw = canvas(160, 160)
        draw.ellipse((2, 2, 157, 157), fill=fill, outline=ink, width=6)
        box = (24, 34, 136, 92)
        number = (26, 98, 134, 118)
    elif shape < 0.65:
        image, draw = canvas(240, 96, fill)
        draw.rectangle((0, 0, 239, 95), outline=ink, width=4)
        box, number = (12, 8, 228, 58), (12, 62, 228, 90)
    else:
        image, draw = canvas(160, 200, fill)
        draw.rectangle((0, 0, 159, 44), fill=ink)
        box, number = (10, 52, 150, 140), (10, 152, 150, 190)
    _fit(draw, words(rng, AD_WORDS), box, ink)
    _fit(draw, phone(rng), number, ink)
    if rng.random() < 0.3:
        return cropped(worn(np.asarray(image), rng))
    return cropped(grime(np.asarray(image), rng, 0.05))


def sprayed_ad(rng: Rng) -> Picture:
    """Spray or stencil a service and a number on nothing (transparent)."""
    ink = str(rng.choice(
        ["#151515", "#1a1a1c", "#b8141c", "#1d3a9a", "#8a1418", "#0f6a3a", "#e8e6e0"]
    ))  # fmt: skip
    word = words(rng, _SPRAYED)
    style = rng.random()
    if style < 0.25:
        image, draw = canvas(260, 92 * len(word) + 150)
        for k, letter in enumerate(word):
            _fit(draw, letter, (80, 8 + 92 * k, 180, 96 + 92 * k), ink)
        number, low = phone(rng), 92 * len(word)
        _fit(draw, number[:6], (20, low + 8, 240, low + 74), ink)
        _fit(draw, number[6:], (20, low + 76, 240, low + 142), ink)
    elif style < 0.65:
        image, draw = canvas(512, 260)
        _fit(draw, word, (110, 14, 400, 130), ink)
        _fit(draw, phone(rng), (20, 136, 492, 246), ink)
    else:
        image, draw = canvas(640, 130)
        _fit(draw, word, (8, 8, 190, 120), ink)
        _fit(draw, phone(rng), (200, 14, 632, 116), ink)
    if rng.random() < 0.4:
        return cropped(_stencilled(np.asarray(image), rng))
    bent = warped(np.asarray(image), rng, float(rng.uniform(2, 7)))
    return cropped(sprayed(bent, rng, float(rng.uniform(1.0, 2.6))))


def _stencilled(picture: Picture, rng: Rng) -> Picture:
    """Break letters by the bars that hold a stencil together."""
    out = picture.copy()
    step = int(rng.integers(34, 60))
    for x in range(int(rng.integers(0, step)), out.shape[1], step):
        out[:, x : x + 4, 3] = 0
    return sprayed(out, rng, 0.7)
