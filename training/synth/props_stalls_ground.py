"""Stalls on the ground: sheets of wares, produce in baskets, flowers in buckets."""

from __future__ import annotations

from training.synth.props_stalls_goods import (
    Pitch,
    board,
    bunch,
    crate,
    face,
    heap,
    sack,
    stool,
    top,
    umbrella,
)


def _sheet(p: Pitch, kind: str) -> tuple[float, float]:
    w, d = p.between(1.5, 2.4), p.between(1.0, 1.6)
    cloth = p.one_of("#26508a", "#a82830", "#d8d2c4", "#3a3a3c", "#4a6a4a")
    p.out.box((0, 0, 0.012), (w + 0.12, d + 0.12, 0.02), cloth)
    top(p.out, (0, 0, 0.03), (w, d), p.picture(kind))
    return w, d


def _box(p: Pitch, x: float, y: float) -> None:
    h = p.between(0.2, 0.4)
    p.out.box(
        (x, y, h / 2), (0.42, 0.36, h), p.one_of("#b08a5a", "#c03030~", "#3a70b8~")
    )


def trinkets(p: Pitch) -> None:
    """Lay out small wares in rows; some stand higher; a stool and a bag behind."""
    w, d = _sheet(p, "trinkets")
    for _ in range(int(p.rng.integers(6, 24))):
        h = p.between(0.04, 0.2)
        at = (p.between(-w / 2, w / 2) * 0.9, p.between(-d / 2, d / 2) * 0.9, h / 2)
        tone = p.one_of("#d8321e", "#e8b21c", "#3a70b8", "#e8e4dc", "#2f7a4a",
                        "#e85aa0", "#181818")  # fmt: skip
        p.out.box(at, (p.between(0.06, 0.2), p.between(0.06, 0.16), h), tone)
    stool(p, p.between(-0.4, 0.4), d / 2 + 0.35)
    _box(p, w / 2 + 0.3, d / 2)
    if p.chance(0.4):
        board(p.out, (-w / 2, d / 2, 0.0), (0.46, 0.62), p.picture("menu"))


def clothes(p: Pitch) -> None:
    """Pile clothes on a sheet; some hang on a low rail behind."""
    w, d = _sheet(p, "folded")
    for _ in range(int(p.rng.integers(5, 14))):
        h = p.between(0.05, 0.18)
        at = (p.between(-w / 2, w / 2) * 0.85, p.between(-d / 2, d / 2) * 0.85, h / 2)
        tone = p.one_of(
            "#27313f", "#8a2a30", "#d8d4cc", "#3a5f8a", "#c8a040", "#b85a70"
        )
        p.out.box(at, (p.between(0.2, 0.36), p.between(0.16, 0.28), h), tone)
    if p.chance(0.5):
        face(p.out, (0, d / 2 + 0.1, 0.2), (w * 0.9, 1.0), p.picture("rack"))
        for x in (-w * 0.46, w * 0.46):
            p.out.tube(
                (x, d / 2 + 0.1, 0), (x, d / 2 + 0.1, 1.22), (0.02, 0.02), "#b0b4b6~"
            )
    _box(p, -w / 2 - 0.3, 0.3)


def produce(p: Pitch) -> None:
    """Sell greens and roots out of sacks, baskets and crates on the pavement."""
    if p.chance(0.6):
        p.out.box(
            (0, 0, 0.01), (2.2, 1.3, 0.02), p.one_of("#c8b890", "#3a70b8", "#8a8478")
        )
    for i in range(int(p.rng.integers(3, 6))):
        for j in range(2):
            x, y = -0.85 + 0.44 * i, -0.32 + 0.6 * j
            how = p.rng.random()
            if how < 0.35:
                crate(p, (x, y, 0.02), (0.4, 0.4, p.between(0.1, 0.24)))
            elif how < 0.6:
                sack(p, (x, y, 0.02), 0.19, p.between(0.18, 0.4))
            else:
                heap(p, (x, y, 0.02), (0.42, 0.5), p.between(0.1, 0.22))
    stool(p, p.between(-0.5, 0.5), 0.85)
    if p.chance(0.3):
        umbrella(p, (0.0, 0.3, 0), p.between(1.1, 1.4), 2.3)


def melons(p: Pitch) -> None:
    """Heap melons on straw, a scale and a price board beside them."""
    p.out.box((0, 0, 0.015), (2.0, 1.3, 0.03), "#b8a468")
    tone = p.one_of("#3a7a2a", "#2a5a22", "#d8c040", "#8aa858")
    heap(p, (0, 0.05, 0.02), (1.5, 1.0), 0.3)
    for _ in range(18):
        x, y = p.between(-0.75, 0.75), p.between(-0.45, 0.5)
        z = 0.13 + 0.3 * max(1 - max(abs(x) / 0.75, abs(y) / 0.5) ** 2, 0)
        p.out.ellipsoid((x, y, z), (0.16, 0.14, 0.13), tone)
    board(p.out, (1.15, 0.2, 0.0), (0.44, 0.6), p.picture("menu"))
    _box(p, -1.2, 0.3)


def flowers(p: Pitch) -> None:
    """Line up buckets of cut flowers and potted plants."""
    for i in range(int(p.rng.integers(4, 7))):
        for j in range(int(p.rng.integers(2, 4))):
            bunch(p, (-0.9 + 0.34 * i, -0.4 + 0.38 * j, 0), p.between(0.1, 0.16))
    if p.chance(0.4):
        stool(p, 1.2, 0.3)


def old_things(p: Pitch) -> None:
    """Sell books and curios: flat rows and upright stacks on two sheets."""
    w, d = _sheet(p, "trinkets")
    for i in range(int(p.rng.integers(4, 8))):
        x = -w / 2 + (i + 0.5) * w / 8
        for k in range(int(p.rng.integers(1, 5))):
            tone = p.one_of(
                "#8a2a30", "#d8d4cc", "#3a5f8a", "#c8a040", "#5a7a5a", "#f0e8d8"
            )
            p.out.box((x, d * 0.3, 0.045 + 0.03 * k), (0.2, 0.28, 0.028), tone)
    for _ in range(int(p.rng.integers(3, 8))):
        x, y = p.between(-w / 2, w / 2) * 0.85, p.between(-d / 2, 0.1)
        tone = p.one_of("#c8b088", "#3a6a8a~", "#8a3a2a~", "#e8e4dc~", "#6a5a2a~")
        p.out.tube((x, y, 0.03), (x, y, p.between(0.12, 0.3)), (0.07, 0.04), tone)
    stool(p, 0.2, d / 2 + 0.3)


SHEETS = (trinkets, clothes, produce, melons, flowers, old_things, trinkets, produce)
