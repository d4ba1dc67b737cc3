"""What looks like a stall, a small ad or graffiti and is lawful: scenery, no category.

`PLACES` says where each kind belongs; the frame of wall things is that of
`props_walls`, other things face -y.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from training.synth.props_stalls_goods import Pitch, face, stool, umbrella
from training.synth.props_stalls_vehicles import tricycle
from training.synth.props_walls import civic_frame, fitted, hanging
from training.synth.shapes import FloatArray, Shape

Rng = np.random.Generator
Parts = list[tuple[str, FloatArray]]
Place = Literal["wall", "shop", "pavement", "kerb"]

PLACES: dict[str, Place] = {
    "civic_frame": "wall",
    "banner": "wall",
    "slogan": "wall",
    "house_number": "wall",
    "couplets": "wall",
    "meter_box": "wall",
    "shop_awning": "shop",
    "tricycle_parked": "pavement",
    "tricycle_empty": "pavement",
    "cafe_seats": "pavement",
    "bus_stop": "kerb",
    "pole_flag": "kerb",
}
"""`wall`: z = 0 at its foot, on the wall line; `shop`: the same, over a shop front;
`pavement`: between kerb and wall, 1.4 m of free ground round it; `kerb`: 0.5 m
behind the kerb. Tricycles point along the street, the rest towards the wall."""


def news_kiosk(rng: Rng, variant: int) -> Shape:
    """Build a news stand (报刊亭): a cabin, papers on its sill, a name board."""
    body, roof = (
        ("#2f6f58~", "#24584a~"), ("#2a5a8a~", "#1f4468~"), ("#8a3a2a~", "#6a2a1e~"),
        ("#c8ccd0~", "#70767a~"),
    )[int(rng.integers(4))]  # fmt: skip
    out = Shape()
    out.box((0, 0.9, 1.25), (2.6, 1.8, 2.5), body)
    out.box((0, 0.8, 2.6), (3.0, 2.4, 0.14), roof)
    out.box((0, -0.02, 1.5), (2.0, 0.04, 0.9), "#1a2226")
    out.box((0, -0.18, 1.0), (2.2, 0.4, 0.06), "#c9ced2~")
    for k in range(7):
        tone = ("#d84040", "#e8d040", "#4070c8", "#f0f0f0")[int(rng.integers(4))]
        out.box((-0.84 + 0.28 * k, -0.18, 1.05), (0.22, 0.3, 0.03), tone)
    for x in (-1.1, 1.1):
        mat = f"img:bill:{variant % 24}"
        out.extend(hanging((0.34, 0.9), 0.9, mat, 0.01), (x, 0, 0))
    out.extend(hanging((2.4, 0.42), 2.06, f"img:sign:{variant % 18}", 0.03))
    return out


def _parcel_locker(rng: Rng, variant: int) -> Shape:
    out, w = Shape(), float(rng.uniform(1.8, 2.8))
    tone = str(rng.choice(["#e8a012~", "#2a8a4a~", "#d8dcde~", "#1f6fc0~", "#3a3f44~"]))
    out.box((0, 0.3, 0.98), (w, 0.55, 1.9), tone)
    out.extend(hanging((w - 0.06, 1.7), 0.12, f"img:cabinet:{variant % 24}", -0.02))
    out.box((0, 0.1, 2.05), (w + 0.2, 1.0, 0.08), tone)
    return out


def _charging_station(rng: Rng, variant: int) -> Shape:
    """Stand charging posts for scooters under a steel roof."""
    out, w = Shape(), float(rng.uniform(2.0, 2.9))
    roof = str(rng.choice(["#2a8a4a~", "#2f6fb0~", "#c8ccd0~", "#c83a34~"]))
    out.box((0, 0.0, 2.3), (w, 1.7, 0.08), roof)
    for x in (-w / 2 + 0.1, w / 2 - 0.1):
        out.tube((x, 0.7, 0), (x, 0.7, 2.3), (0.05, 0.05), "#70767a~")
    for k in range(3):
        x = (k - 1) * w / 3
        out.box((x, 0.7, 0.7), (0.3, 0.16, 1.3), "#e8eaec~")
        out.box((x, 0.615, 1.05), (0.18, 0.01, 0.16), "#14181c")
    out.extend(hanging((w * 0.8, 0.34), 2.34, f"img:sign:{variant % 18}", 0.86))
    return out


def _guard_booth(rng: Rng, variant: int) -> Shape:
    """Build a guard's or a ticket booth: glazed on all sides."""
    out = Shape()
    tone = str(rng.choice(["#e8eaec~", "#2a4a7a~", "#c8ccd0~", "#8a9094~"]))
    out.box((0, 0.75, 0.55), (1.6, 1.5, 1.1), tone)
    out.box((0, 0.75, 1.55), (1.5, 1.4, 0.9), "glass")
    for x in (-0.77, 0.77):
        for y in (0.03, 1.47):
            out.box((x, y, 1.55), (0.08, 0.08, 0.95), tone)
    out.box((0, 0.75, 2.1), (2.0, 1.9, 0.16), tone)
    out.extend(hanging((1.4, 0.3), 2.03, f"img:sign:{variant % 18}", 0.21))
    return out


CABINS = (news_kiosk, _parcel_locker, _charging_station, _guard_booth)


def _bed(rng: Rng) -> tuple[Shape, str, float]:
    paint = str(
        rng.choice(["#1f57b0~", "#b8202a~", "#1e7d45~", "#8a9094~", "#c86a1a~"])
    )
    out, floor = Shape(), float(rng.uniform(0.52, 0.62))
    tricycle(out, paint, (1.05, 1.6), floor)
    return out, paint, floor


def _tricycle_parked(rng: Rng, variant: int) -> Shape:
    """Park a delivery tricycle: a closed box, the courier's name on its sides."""
    out, _, z = _bed(rng)
    tone = str(rng.choice(["#e8a012~", "#2a8a4a~", "#d8dcde~", "#c83a34~", "#2f6fb0~"]))
    h = float(rng.uniform(1.0, 1.3))
    out.box((0, -0.55, z + h / 2), (1.08, 1.64, h), tone)
    mat = f"img:sign:{variant % 36}"
    for x, y0, y1 in ((0.55, -1.2, 0.1), (-0.55, 0.1, -1.2)):
        low, high = z + h * 0.4, z + h * 0.4 + 0.34
        out.quad([(x, y0, low), (x, y1, low), (x, y1, high), (x, y0, high)], mat)
    out.box((0, -1.38, z + h / 2), (0.02, 0.02, h * 0.9), "#303234")
    return out


def _tricycle_empty(rng: Rng, _variant: int) -> Shape:
    """Park a tricycle with nothing to sell on it: bare, tarpaulin, or a few tools."""
    out, _, z = _bed(rng)
    how = rng.random()
    if how < 0.4:
        out.box(
            (0, -0.55, z + 0.2),
            (1.0, 1.5, 0.34),
            str(rng.choice(["#3a5a3a", "#2a4a7a"])),
        )
    elif how < 0.6:
        for k in range(4):
            out.tube((-0.3 + 0.2 * k, -1.2, z + 0.05), (-0.2 + 0.15 * k, 0.3, z + 0.2),
                     (0.03, 0.03), "#8a6a44")  # fmt: skip
    return out


def _cafe_seats(rng: Rng, variant: int) -> tuple[Shape, Parts]:
    """Set a table and stools under a parasol: guests may sit, nothing is sold."""
    p = Pitch(rng, variant)
    p.out.tube((0, 0, 0), (0, 0, 0.72), (0.04, 0.04), "#707478~")
    p.out.tube((0, 0, 0.72), (0, 0, 0.75), (0.42, 0.42), "#e8e4d8~")
    for x, y in ((-0.7, 0), (0.7, 0), (0, -0.7), (0, 0.7))[: int(rng.integers(2, 5))]:
        stool(p, x, y)
    umbrella(p, (0, 0, 0), float(rng.uniform(1.2, 1.6)), 2.5)
    return p.out, p.parts


def _bus_stop(_rng: Rng, variant: int) -> Shape:
    out = Shape()
    for x in (-0.32, 0.32):
        out.tube((x, 0, 0), (x, 0, 2.6), (0.03, 0.03), "#70767a~")
    out.box((0, 0.0, 1.9), (0.66, 0.05, 1.3), "#1c4fb8~")
    out.extend(hanging((0.6, 0.8), 1.28, f"img:notice:{variant % 24}", 0.03))
    face(out, (0, -0.03, 2.16), (0.6, 0.32), f"img:sign:{variant % 36}")
    return out


def _pole_flag(_rng: Rng, variant: int) -> Shape:
    """Hang a pair of printed flags (道旗) high on a post."""
    out = Shape()
    out.tube((0, 0, 0), (0, 0, 5.0), (0.08, 0.06), "#9aa0a4~")
    for x in (-0.42, 0.42):
        out.extend(
            hanging((0.6, 1.4), 2.9, f"img:civic:{variant % 48}", 0.0), (x, 0, 0)
        )
        back = hanging((0.6, 1.4), 2.9, f"img:civic:{variant % 48}", 0.01)
        out.extend(back, (x, 0, 0), 180.0)
        out.tube((0, 0, 4.32), (x * 1.8, 0, 4.32), (0.015, 0.015), "#70767a~")
    return out


def _banner(rng: Rng, variant: int) -> Shape:
    w = float(rng.uniform(3.0, 5.0))
    return hanging((w, w / 8), float(rng.uniform(1.3, 1.7)),
                   f"img:banner:{variant % 48}", 0.03)  # fmt: skip


def _slogan(rng: Rng, variant: int) -> Shape:
    picture = f"slogan:{variant % 48}"
    size = fitted(picture, float(rng.uniform(3.0, 5.5)), 0.8)
    return hanging(size, float(rng.uniform(0.7, 1.3)), f"img:{picture}", 0.006)


def _house_number(rng: Rng, variant: int) -> Shape:
    w, bottom = float(rng.uniform(0.2, 0.34)), float(rng.uniform(1.35, 1.57))
    out = hanging((w, w / 1.5), bottom, f"img:housenumber:{variant % 48}", 0.016)
    out.box((0, -0.005, bottom + w / 3), (w + 0.01, 0.02, w / 1.5 + 0.01), "#d8dcde!")
    return out


def _couplets(rng: Rng, variant: int) -> Shape:
    """Close a doorway between two strips of a spring couplet."""
    out, door = (
        Shape(),
        str(rng.choice(["#5a3a24", "#8a2a2a~", "#70767a~", "#2a4a3a~"])),
    )
    out.box((0, -0.01, 1.0), (0.95, 0.04, 2.0), door)
    out.box((0.36, -0.05, 1.0), (0.03, 0.04, 0.12), "#c4c8ca!")
    mat = f"img:couplet:{variant % 48}"
    for x in (-0.62, 0.62):
        out.extend(hanging((0.2, 1.3), 0.6, mat), (x, 0, 0))
    return out


def _meter_box(rng: Rng, _variant: int) -> Shape:
    """Hang a grey meter cabinet with its small yellow warning plate."""
    out, w = Shape(), float(rng.uniform(0.4, 0.8))
    h, z = w * float(rng.uniform(0.8, 1.3)), 1.35
    tone = str(rng.choice(["#b8bcbe~", "#d8dcde!", "#8f9a94~", "#e8e4d8~"]))
    out.box((0, -0.08, z), (w, 0.18, h), tone)
    out.box((0, -0.172, z), (0.01, 0.01, h * 0.94), "#50565a")
    face(out, (w * 0.2, -0.174, z), (w * 0.22, w * 0.2), "#f2c80f")
    out.box((0, -0.04, z - h), (0.05, 0.05, h), "#9aa0a4~")
    return out


def _shop_awning(rng: Rng, variant: int) -> Shape:
    """Stretch an awning over a shop front, 2.4 m above the ground."""
    out, w, reach = Shape(), float(rng.uniform(1.5, 2.0)), float(rng.uniform(0.9, 1.5))
    mat = f"img:stripes:{variant % 48}"
    low = 2.3
    out.quad([(-w, -reach, low), (w, -reach, low), (w, -0.2, low + 0.5),
              (-w, -0.2, low + 0.5)], mat)  # fmt: skip
    out.quad([(-w, -reach, low - 0.2), (w, -reach, low - 0.2), (w, -reach, low),
              (-w, -reach, low)], mat)  # fmt: skip
    for x in (-w + 0.1, w - 0.1):
        out.tube((x, -0.03, 1.55), (x, -reach + 0.05, low), (0.016, 0.016), "#9aa0a4~")
    return out


BUILDERS: dict[str, Callable[[Rng, int], Shape | tuple[Shape, Parts]]] = {
    "civic_frame": civic_frame,
    "banner": _banner,
    "slogan": _slogan,
    "house_number": _house_number,
    "couplets": _couplets,
    "meter_box": _meter_box,
    "shop_awning": _shop_awning,
    "tricycle_parked": _tricycle_parked,
    "tricycle_empty": _tricycle_empty,
    "cafe_seats": _cafe_seats,
    "bus_stop": _bus_stop,
    "pole_flag": _pole_flag,
}
