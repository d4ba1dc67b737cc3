"""Painted pictures for signs, posters, walls and ground marks: Pillow only.

Each function returns an RGBA uint8 array `(h, w, 4)`, sRGB, row 0 at the top. Chinese
words need a CJK font (Debian's `fonts-wqy-zenhei`); without it, Pillow's own font
draws Latin letters and digits instead.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.synth.artwork_base import INK, Picture, Rng, canvas, font, grime, has_cjk
from training.synth.artwork_ground import cover, paper, pothole, stain

SHOP_WORDS = (
    "便民超市", "重庆小面", "老许昌烩面", "五金建材", "康乐大药房", "手机维修",
    "鲜果时光", "兰州拉面", "美发沙龙", "文具办公", "馒头坊", "中国福利彩票",
    "粮油副食", "电动车专卖", "蜜雪奶茶", "干洗店", "房产中介", "图文快印",
)  # fmt: skip
_POSTER_WORDS = (
    "招聘", "疏通下水道", "房屋出租", "办证", "开锁", "招租", "高价回收", "家教",
    "搬家", "贷款", "补习班", "特价", "旺铺转让", "寻物",
)  # fmt: skip


def _words(rng: Rng, words: tuple[str, ...]) -> str:
    return str(rng.choice(words)) if has_cjk() else "SHOP"


def _phone(rng: Rng) -> str:
    return "1" + "".join(str(d) for d in rng.integers(0, 10, 10))


def poster(rng: Rng) -> Picture:
    """Paint a small flyer: a headline, lines of text, often a phone number."""
    ground = str(
        rng.choice(
            [
                "#fbfbf5",
                "#fff7c2",
                "#ffe1e1",
                "#e8f4ff",
                "#f9e04b",
                "#f08a8a",
                "#ffffff",
            ]
        )
    )
    image, draw = canvas(192, 256, ground)
    ink = str(rng.choice(INK))
    word = _words(rng, _POSTER_WORDS)
    size = min(64, 176 // max(len(word), 2))
    if rng.random() < 0.35:
        draw.rectangle((0, 0, 192, 84), fill=ink)
        draw.text((96, 42), word, font=font(size), fill="#ffffff", anchor="mm")
    else:
        draw.text((96, 42), word, font=font(size), fill=ink, anchor="mm")
    if rng.random() < 0.4:
        draw.rectangle((20, 92, 172, 172), fill=str(rng.choice(INK)))
    else:
        for row in range(5):
            draw.rectangle(
                (18, 94 + row * 17, int(rng.integers(100, 176)), 101 + row * 17),
                fill="#333333",
            )
    draw.text((96, 216), _phone(rng), font=font(26), fill=ink, anchor="mm")
    draw.rectangle((1, 1, 190, 254), outline="#888888", width=2)
    out = grime(np.asarray(image), rng, 0.06)
    if rng.random() < 0.35:
        corner = int(rng.integers(30, 70))
        tri = np.add.outer(np.arange(256), np.arange(192)) < corner
        out[..., 3][tri if rng.random() < 0.5 else tri[::-1, ::-1]] = 0
    return out


def notice(rng: Rng) -> Picture:
    """Paint a public notice board: framed, tidy, official (not a stuck flyer)."""
    image, draw = canvas(384, 256, "#eef2f0")
    colour = str(rng.choice(["#b01722", "#0b4f9e", "#0a7d4b"]))
    draw.rectangle((0, 0, 384, 52), fill=colour)
    draw.text(
        (192, 26),
        "公示栏" if has_cjk() else "NOTICE",
        font=font(36),
        fill="#ffffff",
        anchor="mm",
    )
    for col in range(3):
        x = 16 + col * 122
        draw.rectangle(
            (x, 66, x + 108, 242), fill="#ffffff", outline="#9aa0a0", width=2
        )
        for row in range(8):
            draw.rectangle(
                (x + 10, 84 + row * 18, x + int(rng.integers(60, 98)), 90 + row * 18),
                fill="#777777",
            )
    return np.asarray(image)


def sign_board(rng: Rng) -> Picture:
    """Paint a shop's name board."""
    fill = str(
        rng.choice(
            [
                "#b3121d",
                "#0d5aa7",
                "#0c7a43",
                "#f2efe6",
                "#e8a20c",
                "#5b2a14",
                "#222428",
                "#e4572e",
            ]
        )
    )
    image, draw = canvas(512, 112, fill)
    ink = "#c01018" if fill == "#f2efe6" else str(rng.choice(["#ffffff", "#ffe680"]))
    draw.text((256, 52), _words(rng, SHOP_WORDS), font=font(76), fill=ink, anchor="mm")
    draw.text((500, 100), "TEL " + _phone(rng), font=font(15), fill=ink, anchor="rm")
    draw.rectangle((2, 2, 509, 109), outline=ink, width=3)
    return grime(np.asarray(image), rng, 0.05)


def shop_front(rng: Rng) -> Picture:
    """Paint a ground floor: glass doors with goods behind, or a roller shutter."""
    image, draw = canvas(512, 320, "#8f8a82")
    if rng.random() < 0.3:
        draw.rectangle(
            (24, 10, 488, 318), fill=str(rng.choice(["#9aa1a8", "#7d868f", "#b5b2a8"]))
        )
        for y in range(14, 318, 12):
            draw.line((24, y, 488, y), fill="#6d747b", width=3)
        return grime(np.asarray(image), rng, 0.08)
    draw.rectangle((14, 8, 498, 318), fill="#20282e")
    for _ in range(60):
        x, y = int(rng.integers(16, 470)), int(rng.integers(60, 290))
        c = tuple(int(v) for v in rng.integers(40, 190, 3))
        draw.rectangle(
            (x, y, x + int(rng.integers(8, 34)), y + int(rng.integers(8, 26))),
            fill=(*c, 255),
        )
    image = Image.blend(image, Image.new("RGBA", image.size, "#37464f"), 0.45)
    draw = ImageDraw.Draw(image)
    for x in range(14, 500, 121):
        draw.rectangle((x - 4, 8, x + 4, 318), fill="#c4c8ca")
    draw.rectangle((14, 60, 498, 66), fill="#c4c8ca")
    if rng.random() < 0.5:
        draw.text(
            (256, 40),
            _words(rng, SHOP_WORDS),
            font=font(34),
            fill="#f2d33c",
            anchor="mm",
        )
    return grime(np.asarray(image), rng, 0.05)


def facade(rng: Rng) -> Picture:
    """Paint one floor by two bays of flats: windows, cages, air conditioners."""
    wall = str(
        rng.choice(
            [
                "#c9bfae",
                "#b8a58e",
                "#d6d0c6",
                "#a9b0b3",
                "#c7a98f",
                "#b9c2b6",
                "#98706a",
            ]
        )
    )
    image, draw = canvas(384, 256, wall)
    for col in range(2):
        x = 34 + col * 192
        draw.rectangle((x - 8, 52, x + 128, 196), fill="#e8e6e0")
        draw.rectangle(
            (x, 60, x + 120, 188),
            fill=str(rng.choice(["#2b3a44", "#3d4f59", "#1f2a30"])),
        )
        draw.line((x + 60, 60, x + 60, 188), fill="#dfe3e4", width=5)
        if rng.random() < 0.45:
            for bar in range(x, x + 121, 12):
                draw.line((bar, 56, bar, 204), fill="#9fa5a6", width=2)
            draw.rectangle((x - 6, 196, x + 126, 206), fill="#8b9091")
        if rng.random() < 0.6:
            draw.rectangle(
                (x + 126, 190, x + 158, 222), fill="#e9eae8", outline="#8c8c8c"
            )
            draw.ellipse((x + 131, 194, x + 153, 218), fill="#8b8f90")
        draw.rectangle((x, 206, x + 120, 250), fill=(0, 0, 0, 18))
    draw.rectangle((0, 246, 384, 256), fill="#00000030")
    return grime(np.asarray(image), rng, 0.05)


def graffiti(rng: Rng) -> Picture:
    """Paint sprayed strokes, or a sprayed phone number, on nothing (transparent)."""
    image, draw = canvas(512, 256)
    colour = str(
        rng.choice(["#1a1a1a", "#c4141f", "#1f3fae", "#0f7f3f", "#101010", "#7a1fa0"])
    )
    style = rng.random()
    if style < 0.45:
        head = str(rng.choice(["办证", "刻章", "疏通", "拆"])) if has_cjk() else "TEL"
        draw.text((256, 74), head, font=font(96), fill=colour, anchor="mm")
        draw.text((256, 186), _phone(rng), font=font(72), fill=colour, anchor="mm")
    else:
        for _ in range(int(rng.integers(4, 8))):
            start = rng.uniform((60, 60), (452, 196))
            steps = np.cumsum(rng.normal(0, 34, (9, 2)), axis=0) + start
            line = [
                (float(np.clip(x, 14, 498)), float(np.clip(y, 14, 242)))
                for x, y in steps
            ]
            draw.line(line, fill=colour, width=int(rng.integers(8, 20)), joint="curve")
        if style > 0.75:
            draw.ellipse(
                (120, 40, 380, 220),
                outline=str(rng.choice(["#e8c81e", "#2f80d8", "#e86a1e"])),
                width=22,
            )
    return np.asarray(image.filter(ImageFilter.GaussianBlur(2.2)))


def plate(rng: Rng) -> Picture:
    """Paint a number plate: blue, or green for electric vehicles."""
    green = rng.random() < 0.3
    image, draw = canvas(176, 56, "#8fd19a" if green else "#1546b8")
    ink = "#111111" if green else "#ffffff"
    letters = "".join(rng.choice(list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"), 5))
    head = "豫K" if has_cjk() else "YK"
    draw.text((88, 28), f"{head}·{letters}", font=font(36), fill=ink, anchor="mm")
    draw.rectangle((2, 2, 173, 53), outline=ink, width=2)
    return np.asarray(image)


def bill(rng: Rng) -> Picture:
    """Paint a bright commercial light-box: a bus shelter's or kiosk's legal advert."""
    image, draw = canvas(256, 384, tuple(int(v) for v in rng.integers(60, 230, 3)))
    draw.ellipse(
        (40, 90, 216, 266), fill=tuple(int(v) for v in rng.integers(120, 255, 3))
    )
    draw.text(
        (128, 50), _words(rng, SHOP_WORDS), font=font(40), fill="#ffffff", anchor="mm"
    )
    draw.text(
        (128, 330), _words(rng, SHOP_WORDS), font=font(30), fill="#ffffff", anchor="mm"
    )
    return np.asarray(image)


PAINTERS: dict[str, Callable[[Rng], Picture]] = {
    "poster": poster,
    "notice": notice,
    "sign": sign_board,
    "shop": shop_front,
    "facade": facade,
    "graffiti": graffiti,
    "cover_ok": lambda rng: cover(rng, "ok"),
    "cover_damaged": lambda rng: cover(rng, "damaged"),
    "cover_sunken": lambda rng: cover(rng, "sunken"),
    "cover_missing": lambda rng: cover(rng, "missing"),
    "pothole": pothole,
    "stain": stain,
    "plate": plate,
    "paper": paper,
    "bill": bill,
}


@functools.lru_cache(maxsize=256)
def painted(name: str) -> Picture:
    """Return the picture `kind:variant`, the same one for the same name.

    Raises:
        KeyError: no painter is called `kind`.
    """
    kind, _, variant = name.partition(":")
    seed = [int(variant or 0), *kind.encode()]
    return PAINTERS[kind](np.random.default_rng(seed))
