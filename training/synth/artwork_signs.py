"""Painters of legal signs and fronts: boards, plates, banners, framed posters, shops.

They look like small ads or stalls and are none: a detector must leave them alone.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from training.synth.artwork_base import (
    INK,
    Picture,
    Rng,
    canvas,
    font,
    grime,
    has_cjk,
    phone,
    sprayed,
    words,
)

SHOP_WORDS = (
    "便民超市", "重庆小面", "老许昌烩面", "五金建材", "康乐大药房", "手机维修",
    "鲜果时光", "兰州拉面", "美发沙龙", "文具办公", "馒头坊", "中国福利彩票",
    "粮油副食", "电动车专卖", "蜜雪奶茶", "干洗店", "房产中介", "图文快印",
)  # fmt: skip
_CIVIC = (
    "文明城市", "讲文明树新风", "垃圾分类", "节约用水", "平安社区", "关爱未来",
    "公益广告", "社会和谐", "遵德守礼", "绿色出行", "禁毒防艾", "消防安全",
)  # fmt: skip
_SLOGANS = (
    "创建文明城市人人有责", "热烈欢迎各位领导", "安全生产重于泰山", "保护环境从我做起",
    "计划用电节约用电", "严禁乱停乱放", "盛大开业全场八折", "严厉打击电信诈骗",
)  # fmt: skip


def _civic(rng: Rng, choice: tuple[str, ...] = _CIVIC) -> str:
    return str(rng.choice(choice)) if has_cjk() else "PUBLIC"


def notice(rng: Rng) -> Picture:
    """Paint a public notice board: framed, tidy, official (not a stuck flyer)."""
    ground = str(rng.choice(["#eef2f0", "#dfe7ee", "#f4ead6", "#c8d4dc"]))
    image, draw = canvas(384, 256, ground)
    colour = str(rng.choice(["#b01722", "#0b4f9e", "#0a7d4b"]))
    draw.rectangle((0, 0, 384, 52), fill=colour)
    title = str(rng.choice(["公示栏", "宣传栏", "党务公开", "社区之窗"]))
    draw.text((192, 26), title if has_cjk() else "NOTICE", font=font(36),
              fill="#ffffff", anchor="mm")  # fmt: skip
    columns = int(rng.integers(2, 6))
    step = 368 // columns
    for col in range(columns):
        x = 10 + col * step
        tone = str(rng.choice(["#ffffff", "#ffffff", "#fbf3d0", "#e8f0fb", "#f6d4d0"]))
        draw.rectangle((x, 66, x + step - 8, 244), fill=tone, outline="#9aa0a0")
        if rng.random() < 0.35:
            _panel(image, rng, (x + 5, 72, x + step - 13, 72 + 60))
        for row in range(5, 9):
            end = x + int(rng.integers(step // 2, step - 12))
            draw.rectangle((x + 6, 60 + row * 18, end, 66 + row * 18), fill="#777777")
    return grime(np.asarray(image), rng, 0.04)


def _panel(image: Image.Image, rng: Rng, box: tuple[int, int, int, int]) -> None:
    small = rng.integers(50, 220, (3, 4, 3)).astype(np.uint8)
    size = (max(box[2] - box[0], 2), max(box[3] - box[1], 2))
    image.paste(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC), box[:2])


def sign_board(rng: Rng) -> Picture:
    """Paint a shop's name board."""
    fill = str(rng.choice(
        ["#b3121d", "#0d5aa7", "#0c7a43", "#f2efe6", "#e8a20c", "#5b2a14", "#222428",
         "#e4572e"]
    ))  # fmt: skip
    image, draw = canvas(512, 112, fill)
    ink = "#c01018" if fill == "#f2efe6" else str(rng.choice(["#ffffff", "#ffe680"]))
    draw.text((256, 52), words(rng, SHOP_WORDS), font=font(76), fill=ink, anchor="mm")
    draw.text((500, 100), "TEL " + phone(rng), font=font(15), fill=ink, anchor="rm")
    draw.rectangle((2, 2, 509, 109), outline=ink, width=3)
    return grime(np.asarray(image), rng, 0.05)


def civic_poster(rng: Rng) -> Picture:
    """Paint the print in a public-service frame: tidy, one theme, no number."""
    top, low = (
        ("#c8141c", "#f6d8a8"), ("#2a7ac0", "#e8f4fc"), ("#3a9a4a", "#f2fae0"),
        ("#f0b020", "#fdf2d0"), ("#b01028", "#e8482a"),
    )[int(rng.integers(5))]  # fmt: skip
    image, draw = canvas(240, 320, low)
    draw.rectangle((0, 0, 240, 96), fill=top)
    draw.text((120, 50), _civic(rng), font=font(38), fill="#ffffff", anchor="mm")
    for _ in range(int(rng.integers(2, 6))):
        x, y = int(rng.integers(20, 190)), int(rng.integers(120, 250))
        r = int(rng.integers(14, 44))
        tone = str(rng.choice([*INK, "#f2c80f", "#7ac06a"]))
        draw.ellipse((x, y, x + r, y + r), fill=tone)
    draw.rectangle((0, 262, 240, 320), fill=top)
    draw.text((120, 290), _civic(rng), font=font(26), fill="#ffffff", anchor="mm")
    return grime(np.asarray(image), rng, 0.03)


def banner(rng: Rng) -> Picture:
    """Paint a cloth banner (横幅): red mostly, one line of white or yellow words."""
    fill = str(rng.choice(["#d0121c", "#c01018", "#d0121c", "#1a4fa8", "#e0a012"]))
    image, draw = canvas(768, 96, fill)
    text = _civic(rng, _SLOGANS)
    ink = str(rng.choice(["#ffffff", "#ffe680"]))
    size = min(70, 720 // max(len(text), 1))
    draw.text((384, 46), text, font=font(size), fill=ink, anchor="mm")
    return grime(np.asarray(image), rng, 0.06)


def slogan(rng: Rng) -> Picture:
    """Paint an official slogan straight on a wall: large even letters, no number."""
    text = _civic(rng, _SLOGANS)
    image, draw = canvas(92 * max(len(text), 4) + 20, 110)
    ink = str(rng.choice(["#c0141c", "#1c4a9a", "#e8e6e0", "#b8342a"]))
    for k, letter in enumerate(text):
        draw.text((56 + 92 * k, 55), letter, font=font(80), fill=ink, anchor="mm",
                  stroke_width=2, stroke_fill=ink)  # fmt: skip
    return sprayed(np.asarray(image), rng, 0.8)


def house_number(rng: Rng) -> Picture:
    """Paint an enamel plate with a street's name and a house's number."""
    fill = str(rng.choice(["#1546a0", "#1546a0", "#b01820", "#0a6a48"]))
    image, draw = canvas(192, 128, fill)
    draw.rectangle((4, 4, 187, 123), outline="#f2f2f2", width=3)
    street = str(rng.choice(["建设路", "人民路", "文峰路", "七一路", "许由路"]))
    draw.text((96, 36), street if has_cjk() else "STREET", font=font(34),
              fill="#ffffff", anchor="mm")  # fmt: skip
    draw.text((96, 88), str(rng.integers(1, 400)), font=font(52), fill="#ffffff",
              anchor="mm")  # fmt: skip
    return grime(np.asarray(image), rng, 0.06)


def couplet(rng: Rng) -> Picture:
    """Paint one strip of a spring couplet (春联): red paper, gold or black words."""
    image, draw = canvas(64, 384, str(rng.choice(["#c8141c", "#b01018", "#d83a34"])))
    ink = str(rng.choice(["#f2c83a", "#181414"]))
    for k, letter in enumerate("福寿春喜财安顺和"[: int(rng.integers(5, 8))]):
        at = (32, 34 + 50 * k)
        draw.text(
            at, letter if has_cjk() else "X", font=font(44), fill=ink, anchor="mm"
        )
    return grime(np.asarray(image), rng, 0.08)


def road_sign(rng: Rng) -> Picture:
    """Paint a road sign on its plate: round, triangular or square."""
    image, draw = canvas(160, 160)
    style = int(rng.integers(5))
    if style == 0:
        draw.ellipse((4, 4, 156, 156), fill="#f4f4f4", outline="#c01820", width=18)
        draw.text((80, 80), str(rng.choice(["30", "40", "50", "60"])), font=font(72),
                  fill="#141414", anchor="mm")  # fmt: skip
    elif style == 1:
        draw.ellipse((4, 4, 156, 156), fill="#1c4fb8", outline="#c01820", width=14)
        draw.line((36, 36, 124, 124), fill="#c01820", width=14)
    elif style == 2:
        draw.polygon(((80, 6), (156, 146), (4, 146)), fill="#f2c80f", outline="#141414")
        draw.line(((80, 6), (156, 146), (4, 146), (80, 6)), fill="#141414", width=8)
        draw.rectangle((72, 60, 88, 116), fill="#141414")
    elif style == 3:
        draw.rectangle((4, 4, 156, 156), fill="#1c4fb8", outline="#f4f4f4", width=5)
        draw.text((80, 80), str(rng.choice(["P", "↑", "←", "→"])), font=font(110),
                  fill="#ffffff", anchor="mm")  # fmt: skip
    else:
        draw.rectangle((2, 34, 158, 126), fill="#1c4fb8", outline="#f4f4f4", width=4)
        street = str(rng.choice(["建设路", "人民路", "文峰路"]))
        draw.text((80, 66), street if has_cjk() else "ROAD", font=font(42),
                  fill="#ffffff", anchor="mm")  # fmt: skip
        draw.text((80, 106), "RENMIN LU", font=font(20), fill="#ffffff", anchor="mm")
    return np.asarray(image)


def bill(rng: Rng) -> Picture:
    """Paint a bright commercial light-box: a bus shelter's or kiosk's legal advert."""
    image, draw = canvas(256, 384, tuple(int(v) for v in rng.integers(60, 230, 3)))
    if rng.random() < 0.5:
        _panel(image, rng, (0, 90, 256, 300))
    draw.ellipse(
        (40, 90, 216, 266), fill=tuple(int(v) for v in rng.integers(120, 255, 3))
    )
    for y, size in ((50, 40), (330, 30)):
        draw.text((128, y), words(rng, SHOP_WORDS), font=font(size), fill="#ffffff",
                  anchor="mm")  # fmt: skip
    return np.asarray(image)


def cabinet_face(rng: Rng) -> Picture:
    """Paint the front of parcel lockers: a grid of doors round one screen."""
    fill = str(rng.choice(["#e8a012", "#2a8a4a", "#d8dcde", "#1f6fc0", "#3a3f44"]))
    image, draw = canvas(384, 288, fill)
    for x in range(8, 384, 62):
        for y in range(8, 288, int(rng.choice([34, 46, 68]))):
            draw.rectangle(
                (x, y, x + 54, y + 64), outline="#30343a", fill=fill, width=2
            )
            draw.rectangle((x + 42, y + 14, x + 48, y + 20), fill="#20242a")
    draw.rectangle((160, 40, 224, 130), fill="#14181c", outline="#c8ccd0", width=4)
    return grime(np.asarray(image), rng, 0.04)


def _window_papers(image: Image.Image, draw: ImageDraw.ImageDraw, rng: Rng) -> None:
    """Hang a shop's own posters behind its glass, in place."""
    for _ in range(int(rng.integers(0, 4))):
        x, y = int(rng.integers(24, 420)), int(rng.integers(84, 190))
        w, h = int(rng.integers(34, 70)), int(rng.integers(50, 96))
        tone = str(rng.choice(["#c8343a", "#d8b040", "#d8d4c8", "#3a6ab0", "#4a8a5a"]))
        draw.rectangle((x, y, x + w, y + h), fill=tone)
        text = words(rng, SHOP_WORDS)[:2]
        draw.text((x + w // 2, y + h // 3), text, font=font(min(w // 2, 30)),
                  fill="#f0ece0", anchor="mm")  # fmt: skip
        if rng.random() < 0.4:
            _panel(image, rng, (x + 5, y + h // 2, x + w - 5, y + h - 5))


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
    if rng.random() < 0.6:
        _window_papers(image, draw, rng)
    image = Image.blend(image, Image.new("RGBA", image.size, "#37464f"), 0.45)
    draw = ImageDraw.Draw(image)
    if rng.random() < 0.35:
        _window_papers(image, draw, rng)
    for x in range(14, 500, 121):
        draw.rectangle((x - 4, 8, x + 4, 318), fill="#c4c8ca")
    draw.rectangle((14, 60, 498, 66), fill="#c4c8ca")
    if rng.random() < 0.5:
        draw.text(
            (256, 40),
            words(rng, SHOP_WORDS),
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
