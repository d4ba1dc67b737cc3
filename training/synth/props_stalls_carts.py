"""Food carts: glass case, griddle, grill, steamers, barrel oven, drinks, booth.

The serving side looks towards -y.
"""

from __future__ import annotations

import math

from training.synth.props_stalls_goods import (
    Pitch,
    awning,
    board,
    crate,
    face,
    heap,
    spread,
    stool,
    top,
    umbrella,
    wheel,
)
from training.synth.props_stalls_vehicles import steamers

_BODY = ("#c4c8ca!", "#c4c8ca!", "#c8202c~", "#e8b21c~", "#1e7d45~", "#e8e4d8~",
         "#2a6a9a~", "#8a5a34")  # fmt: skip


def _body(p: Pitch) -> tuple[float, float]:
    """Set down a cart's body on wheels; return its width and the counter's height."""
    w, high = p.between(1.2, 1.9), p.between(0.78, 0.95)
    d = 0.75
    p.out.box((0, 0, (high + 0.28) / 2), (w, d, high - 0.28), p.one_of(*_BODY))
    p.out.box((0, 0, high), (w + 0.06, d + 0.06, 0.04), "#c4c8ca!")
    for x in (-w * 0.36, w * 0.36):
        wheel(p.out, (x, 0, 0.2), 0.2)
    how = p.rng.random()
    if how < 0.45:
        face(
            p.out,
            (0, -d / 2 - 0.01, 0.34),
            (w * 0.92, high - 0.42),
            p.picture("stallsign"),
        )
    elif how < 0.7:
        for k in (-1, 0, 1):
            at = (k * w * 0.3, -d / 2 - 0.01, 0.36)
            face(p.out, at, (w * 0.26, high - 0.46), p.picture("menu"))
    return w, high


def _roof(p: Pitch, w: float, *, board_m: float = 0.34) -> None:
    """Roof a cart on posts, flat or sloping, with a name board over the front."""
    if p.chance(0.35):
        awning(p, (0, -0.1, 2.25), (w + 0.5, 1.5), 0.3)
        board(p.out, (0, -0.8, 1.98), (w, board_m), p.picture("stallsign"))
        return
    for x in (-w / 2 + 0.04, w / 2 - 0.04):
        for y in (-0.33, 0.33):
            p.out.tube((x, y, 0.8), (x, y, 2.0), (0.016, 0.016), "#b0b4b6~")
    tone = p.one_of("#c8202c", "#1e7d45", "#e8e4d8", "#e8b21c", "#1f57b0", "#3a3a3c")
    p.out.box((0, 0, 2.03), (w + p.between(0.1, 0.5), 1.1, 0.06), tone)
    board(
        p.out,
        (0, -0.56, 1.98),
        (w * p.between(0.8, 1.1), board_m),
        p.picture("stallsign"),
    )


def glass_case(p: Pitch) -> None:
    """Keep trays of food behind glass under a lit board."""
    w, h = _body(p)
    top(p.out, (0, 0, h + 0.1), (w * 0.92, 0.6), p.picture("food"))
    face(p.out, (0, -0.3, h + 0.08), (w * 0.92, 0.42), p.picture("food"), 0.12)
    for x in (-w / 2 + 0.03, w / 2 - 0.03):
        p.out.box((x, 0, h + 0.3), (0.02, 0.66, 0.56), "#c8d4d8!")
    p.out.box((0, -0.1, h + 0.58), (w, 0.5, 0.03), "#c8d4d8!")
    _roof(p, w)


def griddle(p: Pitch) -> None:
    """Bake egg pancakes (煎饼) on a round griddle; eggs, sauce and a bin of batter."""
    w, h = _body(p)
    x = -w * 0.2
    p.out.tube((x, -0.05, h + 0.02), (x, -0.05, h + 0.1), (0.3, 0.3), "#1c1c1e")
    p.out.tube((x, -0.05, h + 0.1), (x, -0.05, h + 0.11), (0.24, 0.24), "#e0b860")
    top(p.out, (w * 0.26, 0, h + 0.04), (0.5, 0.6), p.picture("food"))
    for k in range(4):
        at = (w * 0.1 + 0.12 * k, 0.26, h + 0.02)
        tone = p.one_of("#c8202c~", "#e8e4d8~", "#3a2a1c~", "#e8b21c~")
        p.out.tube(at, (at[0], at[1], h + p.between(0.14, 0.26)), (0.05, 0.045), tone)
    crate(p, (w * 0.34, 0.2, h + 0.05), (0.3, 0.24, 0.1))
    face(p.out, (x, -0.36, h + 0.04), (0.8, 0.3), "#c8d4d8!", 0.04)
    _roof(p, w) if p.chance(0.6) else umbrella(
        p, (0.2, 0.3, 0), p.between(1.1, 1.4), 2.4
    )


def grill(p: Pitch) -> None:
    """Grill skewers (烧烤) on a long trough; trays, a hood or an umbrella."""
    w = p.between(1.3, 2.0)
    p.out.box((0, -0.1, 0.84), (w, 0.3, 0.16), "#4a4e52~")
    top(p.out, (0, -0.1, 0.925), (w * 0.95, 0.26), "#c8481c")
    for k in range(int(w / 0.09)):
        x = -w * 0.46 + 0.09 * k
        p.out.box((x, -0.12, 0.95), (0.035, 0.3, 0.03), p.one_of("#8a3a1c", "#a8642a"))
    for x in (-w * 0.45, w * 0.45):
        p.out.box((x, -0.1, 0.38), (0.05, 0.3, 0.76), "#4a4e52~")
    p.out.box((0, 0.5, 0.7), (w, 0.55, 0.05), "#c4c8ca!")
    for x in (-w * 0.45, w * 0.45):
        p.out.box((x, 0.5, 0.35), (0.05, 0.5, 0.68), "#707478~")
    top(p.out, (0, 0.5, 0.735), (w * 0.95, 0.5), p.picture("food"))
    if p.chance(0.5):
        board(p.out, (0, 0.8, 1.5), (w, 0.42), p.picture("stallsign"))
        for x in (-w * 0.48, w * 0.48):
            p.out.tube((x, 0.81, 0), (x, 0.81, 1.95), (0.02, 0.02), "#707478~")
    else:
        umbrella(p, (0.3, 0.4, 0), p.between(1.2, 1.6), 2.5)
    if p.chance(0.5):
        stool(p, -w / 2 - 0.3, -0.5)
        stool(p, w / 2 + 0.3, -0.4)


def steam_cart(p: Pitch) -> None:
    """Sell buns out of stacked steamers."""
    w, h = _body(p)
    for x in (-w * 0.25, w * 0.25)[: int(p.rng.integers(1, 3))]:
        steamers(p, (x, 0, h + 0.02), p.between(0.24, 0.33))
    if p.chance(0.7):
        _roof(p, w)


def oven(p: Pitch) -> None:
    """Bake sweet potatoes (烤红薯) in an upright barrel on a hand cart."""
    p.out.box((0, 0, 0.34), (0.95, 0.8, 0.08), "#4a4034")
    for x in (-0.5, 0.5):
        wheel(p.out, (x, 0, 0.25), 0.25)
    tone = p.one_of("#5a4a3c", "#3a3a3c", "#8a5a34", "#7a7e82~", "#a83a24")
    r = p.between(0.32, 0.44)
    p.out.tube((0, 0, 0.38), (0, 0, 1.2), (r, r), tone)
    p.out.tube((0, 0, 1.2), (0, 0, 1.24), (r * 1.08, r * 0.9), "#2a2a2a")
    for k in range(9):
        a = 2 * math.pi * k / 9
        at = (r * 0.7 * math.cos(a), r * 0.7 * math.sin(a), 1.28)
        p.out.ellipsoid(at, (0.1, 0.05, 0.045), "#8a4a2a" if k % 2 else "#b06a30")
    face(p.out, (0, -r - 0.03, 0.6), (r * 1.7, 0.42), p.picture("stallsign"))
    heap(p, (0.75, 0.1, 0.02), (0.5, 0.5), 0.25)
    for x in (-0.3, 0.3):
        p.out.tube((x, 0.4, 0.4), (x, 1.0, 0.85), (0.02, 0.02), "#5a5e62~")
    if p.chance(0.4):
        umbrella(p, (0.1, 0.5, 0), 1.15, 2.3)


def drinks(p: Pitch) -> None:
    """Sell drinks, ice or candied haws off a cart under an umbrella."""
    w, h = _body(p)
    for k in range(int(p.rng.integers(3, 8))):
        x = -w * 0.42 + 0.17 * k
        tone = p.one_of("#d8321e~", "#e8a01c~", "#5d9a2a~", "#c8d4d8!", "#7a4a9a~")
        p.out.tube(
            (x, -0.1, h), (x, -0.1, h + p.between(0.2, 0.42)), (0.07, 0.07), tone
        )
    spread(p, (w * 0.05, 0.2, h + 0.02), (w * 0.8, 0.3), 0.4)
    if p.chance(0.4):
        p.out.tube((w * 0.4, 0, h), (w * 0.4, 0, h + 0.55), (0.03, 0.03), "#a8642a")
        p.out.tube(
            (w * 0.4, 0, h + 0.4), (w * 0.4, 0, h + 0.75), (0.13, 0.13), "#c8a468"
        )
        for k in range(10):
            a = 2.4 * k
            at = (w * 0.4 + 0.2 * math.cos(a), 0.2 * math.sin(a), h + 0.42 + 0.03 * k)
            p.out.box(at, (0.06, 0.06, 0.16), "#c01820!")
    umbrella(
        p, (p.between(-0.3, 0.3), 0.15, 0), p.between(1.1, 1.5), p.between(2.3, 2.55)
    )


def booth(p: Pitch) -> None:
    """Sell out of a small booth with a flap up: also the licensed 便民点."""
    w, d = p.between(1.6, 2.3), 1.2
    tone = p.one_of(
        "#2f6f58~", "#c8202c~", "#e8b21c~", "#e8e4d8~", "#2a6a9a~", "#e86a12~"
    )
    p.out.box((0, 0.1, 0.5), (w, d, 0.9), tone)
    p.out.box((0, 0.68, 1.5), (w, 0.05, 1.2), tone)
    for x in (-w / 2 + 0.03, w / 2 - 0.03):
        p.out.box((x, 0.1, 1.5), (0.06, d, 1.2), tone)
    p.out.box((0, 0.1, 2.12), (w + 0.2, d + 0.2, 0.08), tone)
    p.out.quad([(-w / 2, -1.15, 1.95), (w / 2, -1.15, 1.95), (w / 2, -0.5, 2.08),
                (-w / 2, -0.5, 2.08)], p.picture("stripes"))  # fmt: skip
    spread(p, (0, -0.2, 0.96), (w * 0.9, 0.5), 0.5)
    face(p.out, (0, 0.62, 1.0), (w * 0.9, 0.9), p.picture("trinkets"))
    board(p.out, (0, -0.52, 2.18), (w, 0.36), p.picture("stallsign"))
    face(p.out, (0, -0.52, 0.12), (w * 0.9, 0.7), p.picture("stallsign"))


CARTS = (glass_case, griddle, grill, steam_cart, oven, drinks, booth, glass_case)
