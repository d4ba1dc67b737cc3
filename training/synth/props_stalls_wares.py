"""Painters of what stalls sell, seen from above or in front: fruit, clothes, trinkets.

Each gives an RGBA picture as those of `artwork` do.
"""

from __future__ import annotations

import numpy as np
from PIL import ImageFilter

from training.synth.artwork_base import Picture, Rng, canvas, font, grime, words

FRUIT = (
    "#d8321e", "#e8a01c", "#5d9a2a", "#e8d23a", "#8a2a4a", "#f0ece0", "#e06a1a",
    "#b8202e", "#3a7a2a", "#7a4a9a", "#c8c050", "#6a3a1c", "#a8d060",
)  # fmt: skip
STALL_WORDS = (
    "煎饼果子", "烤红薯", "手抓饼", "臭豆腐", "烤冷面", "炸串", "铁板鱿鱼", "麻辣烫",
    "豆浆油条", "包子", "热干面", "糖葫芦", "炒板栗", "冰粉", "烧烤", "鲜榨果汁",
    "便民服务点", "卤味",
)  # fmt: skip
_CLOTH = (
    "#27313f", "#8a2a30", "#d8d4cc", "#3a5f8a", "#c8a040", "#5a7a5a", "#b85a70",
    "#1c1c20", "#e8e4dc", "#7ac0c8", "#e88a9a", "#5a4a8a", "#d8602a",
)  # fmt: skip


def fruit(rng: Rng) -> Picture:
    """Paint a heap of one fruit from above: round, lit from one side."""
    colour = str(rng.choice(FRUIT))
    base = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    image, draw = canvas(160, 160, tuple(int(v) for v in base * 0.35))
    r = int(rng.integers(9, 20))
    for y in range(-r, 160 + r, int(r * 1.5)):
        for x in range(-r, 160 + r, int(r * 1.75)):
            cx, cy = x + int(rng.integers(-4, 5)), y + int(rng.integers(-4, 5))
            tone = np.clip(base * rng.uniform(0.7, 1.15), 0, 255)
            rim = tuple(int(v) for v in tone * 0.55)
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=rim)
            draw.ellipse((cx - r, cy - r, cx + r - 3, cy + r - 4),
                         fill=tuple(int(v) for v in tone))  # fmt: skip
            light = tuple(int(v) for v in np.clip(tone + 55, 0, 255))
            draw.ellipse((cx - r // 2, cy - r // 2, cx - 1, cy - 1), fill=light)
    return np.asarray(image)


def greens(rng: Rng) -> Picture:
    """Paint a heap of leaf vegetables: many strokes of green and white."""
    image, draw = canvas(160, 160, "#2a4a1c")
    for _ in range(240):
        x, y = rng.integers(-10, 165, 2)
        a, n = float(rng.uniform(0, 6.3)), int(rng.integers(10, 32))
        tone = str(rng.choice(["#4a7a2a", "#6a9a3a", "#3a6a22", "#8ab850", "#d8e0c0"]))
        end = (int(x + n * np.cos(a)), int(y + n * np.sin(a)))
        draw.line((int(x), int(y), *end), fill=tone, width=int(rng.integers(3, 8)))
    return np.asarray(image)


def trinkets(rng: Rng) -> Picture:
    """Paint rows of small things laid out on a cloth: cases, socks, toys, rings."""
    cloth = str(rng.choice(["#26508a", "#a82830", "#d8d2c4", "#3a3a3c", "#4a6a4a",
                            "#c8b890", "#e8e8e8"]))  # fmt: skip
    image, draw = canvas(320, 224, cloth)
    w, h = int(rng.integers(12, 30)), int(rng.integers(14, 42))
    round_, gap = rng.random() < 0.35, int(rng.integers(3, 12))
    palette = [str(c) for c in rng.choice([*FRUIT, *_CLOTH], 6)]
    for y in range(8, 220 - h, h + gap):
        for x in range(8, 314 - w, w + gap):
            if rng.random() < 0.08:
                continue
            ox, oy = rng.integers(-2, 3, 2)
            box = (x + int(ox), y + int(oy), x + w + int(ox), y + h + int(oy))
            tone = str(rng.choice(palette))
            draw.rectangle((box[0] + 2, box[1] + 3, box[2] + 3, box[3] + 3),
                           fill="#101010")  # fmt: skip
            (draw.ellipse if round_ else draw.rectangle)(box, fill=tone)
            mid = (box[0] + w // 4, box[1] + h // 4, box[2] - w // 3, box[3] - h // 3)
            draw.rectangle(mid, fill=str(rng.choice(palette)))
    return grime(np.asarray(image), rng, 0.06)


def folded(rng: Rng) -> Picture:
    """Paint clothes in loose piles from above."""
    image, draw = canvas(320, 224, str(rng.choice(["#d8d2c4", "#26508a", "#8a8478"])))
    for _ in range(70):
        x, y = int(rng.integers(-20, 300)), int(rng.integers(-20, 205))
        w, h, a = (
            int(rng.integers(26, 70)),
            int(rng.integers(18, 50)),
            rng.uniform(0, 3),
        )
        c, s = np.cos(a), np.sin(a)
        corners = [
            (x + w * u * c - h * v * s, y + w * u * s + h * v * c)
            for u, v in ((-0.5, -0.5), (0.5, -0.45), (0.55, 0.5), (-0.5, 0.45))
        ]
        tone = str(rng.choice(_CLOTH))
        draw.polygon([(px + 3, py + 4) for px, py in corners], fill="#00000090")
        draw.polygon(corners, fill=tone)
        draw.line((*corners[0], *corners[2]), fill="#ffffff30", width=2)
    return grime(np.asarray(image), rng, 0.08)


def rack(rng: Rng) -> Picture:
    """Paint clothes side by side on hangers, seen from in front; clear below them."""
    image, draw = canvas(320, 224)
    x = 4
    while x < 306:
        w = int(rng.integers(10, 40))
        long = int(rng.integers(110, 218))
        tone = str(rng.choice(_CLOTH))
        draw.polygon(((x + w // 2, 2), (x + w, 16), (x + w, long), (x, long), (x, 16)),
                     fill=tone)  # fmt: skip
        if rng.random() < 0.4:
            for y in range(30, long - 10, 16):
                draw.line((x, y, x + w, y), fill=str(rng.choice(_CLOTH)), width=4)
        draw.line((x + w, 16, x + w, long), fill="#00000070", width=2)
        x += w + int(rng.integers(0, 4))
    return grime(np.asarray(image), rng, 0.08)


def flowers(rng: Rng) -> Picture:
    """Paint a bunch of cut flowers: dots of few colours over green."""
    image, draw = canvas(128, 128)
    for _ in range(90):
        x, y = (64 + rng.normal(0, 24, 2)).astype(int)
        tone = str(rng.choice(["#3a7a2a", "#2a5a1c", "#5a9a3a"]))
        draw.ellipse((x - 9, y - 5, x + 9, y + 5), fill=tone)
    colours = [str(c) for c in rng.choice(
        ["#e83a5a", "#f2c83a", "#f4f0e8", "#b04ac0", "#f08a3a", "#f4a8c0"], 2
    )]  # fmt: skip
    for _ in range(46):
        x, y = (64 + rng.normal(0, 22, 2)).astype(int)
        r = int(rng.integers(4, 10))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=str(rng.choice(colours)))
        draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill="#00000040")
    return np.asarray(image)


def stripes(rng: Rng) -> Picture:
    """Paint striped awning cloth, or the red-white-blue weave of carrier bags."""
    a, b = (str(c) for c in rng.choice(
        ["#c8202c", "#1f57b0", "#1e7d45", "#e8b21c", "#e8e4d8", "#f2f2ee"], 2,
        replace=False,
    ))  # fmt: skip
    image, draw = canvas(192, 96, a)
    step = int(rng.integers(12, 40))
    for x in range(0, 192, 2 * step):
        draw.rectangle((x, 0, x + step, 96), fill=b)
    return grime(np.asarray(image), rng, 0.08)


def food(rng: Rng) -> Picture:
    """Paint trays of food behind glass or on a counter: skewers, buns, cakes."""
    image, draw = canvas(256, 96, "#3a2a1c")
    step = int(rng.integers(20, 44))
    for x in range(2, 256, step):
        tone = str(rng.choice(["#a8642a", "#d8a860", "#f0e8d8", "#8a3a1c", "#c84a2a",
                               "#6a8a3a", "#e8c23a"]))  # fmt: skip
        draw.rectangle((x, 4, x + step - 4, 92), fill="#b8bcc0")
        for _ in range(26):
            px = int(rng.integers(x + 2, x + step - 5))
            py, r = int(rng.integers(8, 88)), int(rng.integers(3, 7))
            draw.ellipse((px - r, py - r, px + r, py + r), fill=tone)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)))


def stall_sign(rng: Rng) -> Picture:
    """Paint a stall's own board: bright, crowded, home-made."""
    fill, ink = (
        ("#d81e1e", "#ffe21a"), ("#f2c80f", "#c8101a"), ("#f4f1e8", "#c8101a"),
        ("#1b6a38", "#ffffff"), ("#e86a12", "#fff6d0"), ("#141414", "#f2c80f"),
    )[int(rng.integers(6))]  # fmt: skip
    image, draw = canvas(384, 96, fill)
    word = words(rng, STALL_WORDS)
    size = min(76, 360 // max(len(word), 1))
    draw.text((192, 46), word, font=font(size), fill=ink, anchor="mm",
              stroke_width=2, stroke_fill=ink)  # fmt: skip
    draw.rectangle((3, 3, 380, 92), outline=ink, width=2)
    return grime(np.asarray(image), rng, 0.06)


def menu(rng: Rng) -> Picture:
    """Paint a stall's list of prices: upright, lines of words and figures."""
    fill, ink = (
        ("#f2c80f", "#a01018"), ("#c8141c", "#fff2c0"), ("#f6f4ec", "#1a1a1a"),
        ("#14532d", "#fdf6d8"),
    )[int(rng.integers(4))]  # fmt: skip
    image, draw = canvas(128, 176, fill)
    for row in range(6):
        word = words(rng, STALL_WORDS)[:4]
        draw.text((6, 16 + row * 28), word, font=font(20), fill=ink, anchor="lm")
        price = f"{rng.integers(3, 30)}"
        draw.text((120, 16 + row * 28), price, font=font(20), fill=ink, anchor="rm")
    return grime(np.asarray(image), rng, 0.05)
