"""Stalls that stand still: tables, tents, racks, stepped stands, seats at a grill."""

from __future__ import annotations

from training.synth.props_stalls_goods import (
    Pitch,
    awning,
    board,
    bunch,
    crate,
    face,
    sack,
    spread,
    stool,
    table,
    top,
    umbrella,
)


def shaded_table(p: Pitch) -> None:
    """Set up a table of goods under an umbrella, cartons beside it."""
    w = p.between(1.5, 2.3)
    table(p, (w, p.between(0.7, 1.0)))
    spread(p, (0, 0, 0.74), (w * 0.94, 0.72))
    p.out.box((w / 2 + 0.35, 0.3, 0.2), (0.5, 0.42, 0.4), "#b08a5a")
    umbrella(
        p, (p.between(-0.3, 0.3), 0.15, 0), p.between(1.1, 1.5), p.between(2.2, 2.5)
    )


def fruit_stand(p: Pitch) -> None:
    """Step crates of fruit up towards the back, three or four rows deep."""
    rows, cols = int(p.rng.integers(2, 5)), int(p.rng.integers(3, 6))
    for j in range(rows):
        z = 0.16 + 0.2 * j
        y = -0.55 + 0.42 * j
        p.out.box((0, y, z / 2), (cols * 0.46, 0.4, z), p.one_of("#8a6a44", "#6a6e72"))
        for i in range(cols):
            crate(p, ((i + 0.5 - cols / 2) * 0.46, y, z), (0.43, 0.38, 0.14))
    if p.chance(0.5):
        awning(p, (0, 0.1, 2.35), (cols * 0.46 + 0.4, 1.9), 0.3)
        if p.chance(0.5):
            board(p.out, (0, -0.9, 2.0), (1.5, 0.36), p.picture("stallsign"))
    elif p.chance(0.6):
        umbrella(p, (0.3, 0.3, 0), p.between(1.2, 1.6), 2.45)
    for x in (-cols * 0.23 - 0.3, cols * 0.23 + 0.3):
        sack(p, (x, -0.4, 0), 0.2, p.between(0.25, 0.45))


def tent(p: Pitch) -> None:
    """Put up a folding tent with a peak over one long table."""
    w, d, eave = p.between(1.9, 2.6), p.between(1.6, 2.0), 2.05
    mat, peak = p.one_of("#c8202c", "#1f57b0", "#e8e4d8", "#1e7d45", "#d8602a"), 2.65
    corners = [(-w / 2, -d / 2), (w / 2, -d / 2), (w / 2, d / 2), (-w / 2, d / 2)]
    for k, (x, y) in enumerate(corners):
        u, v = corners[(k + 1) % 4]
        p.out.add([(x, y, eave), (u, v, eave), (0, 0, peak)], [(0, 1, 2)], mat)
        low = eave - 0.22
        p.out.add(
            [(x, y, low), (u, v, low), (u, v, eave), (x, y, eave)], [(0, 1, 2, 3)], mat
        )
        p.out.tube((x, y, 0), (x, y, eave), (0.02, 0.02), "#c8ccce~")
    table(p, (w * 0.85, 0.75))
    if p.chance(0.5):
        top(p.out, (0, 0, 0.76), (w * 0.8, 0.7), p.picture("trinkets"))
        face(p.out, (0, 0.3, 0.76), (w * 0.7, 0.5), p.picture("trinkets"), 0.15)
    else:
        spread(p, (0, 0, 0.74), (w * 0.8, 0.7))
    if p.chance(0.6):
        board(p.out, (0, -d / 2 - 0.04, 1.7), (w * 0.7, 0.34), p.picture("stallsign"))


def clothes_rack(p: Pitch) -> None:
    """Hang clothes on one or two rails, shoes or a pile of shirts before them."""
    for j in range(int(p.rng.integers(1, 3))):
        w, y, h = p.between(1.4, 2.2), 0.55 * j, p.between(1.35, 1.75) + 0.2 * j
        p.out.tube((-w / 2, y, h), (w / 2, y, h), (0.018, 0.018), "#b0b4b6~")
        for x in (-w / 2, w / 2):
            p.out.tube((x, y, 0), (x, y, h), (0.02, 0.02), "#b0b4b6~")
            p.out.tube((x, y - 0.3, 0.03), (x, y + 0.3, 0.03), (0.02, 0.02), "#b0b4b6~")
        mat = p.picture("rack")
        for dy in (-0.12, 0.0, 0.12):
            face(p.out, (0, y + dy, h - 1.2), (w * 0.96, 1.2), mat)
    if p.chance(0.7):
        p.out.box((0, -0.75, 0.2), (1.7, 0.7, 0.04), "#8a8478")
        top(p.out, (0, -0.75, 0.23), (1.7, 0.7), p.picture("folded"))
        p.out.box((0, -0.75, 0.1), (1.5, 0.5, 0.2), "#b08a5a")
    if p.chance(0.35):
        umbrella(p, (0, -0.2, 0), 1.3, 2.4)


def seats(p: Pitch) -> None:
    """Set low tables and plastic stools before a grill."""
    for x in (-0.75, 0.75)[: int(p.rng.integers(1, 3))]:
        p.out.box((x, -0.4, 0.52), (0.7, 0.7, 0.04), p.one_of("#e8e4d8~", "#a8642a~"))
        for dx, dy in ((-0.28, -0.28), (0.28, 0.28), (-0.28, 0.28), (0.28, -0.28)):
            p.out.tube((x + dx, -0.4 + dy, 0), (x + dx, -0.4 + dy, 0.5), (0.016, 0.016),
                       "#707478~")  # fmt: skip
        p.out.tube((x, -0.4, 0.54), (x + 0.01, -0.4, 0.74), (0.035, 0.03), "#3a6a3a~")
        p.out.tube(
            (x + 0.15, -0.3, 0.54), (x + 0.15, -0.3, 0.57), (0.1, 0.12), "#f0f0ee~"
        )
        for dx, dy in ((-0.5, -0.4), (0.5, -0.4), (0.0, -0.95)):
            stool(p, x + dx, dy)
    p.out.box((0, 0.55, 0.8), (1.5, 0.34, 0.16), "#5a5e62~")
    top(p.out, (0, 0.55, 0.885), (1.4, 0.26), p.picture("food"))
    for x in (-0.65, 0.65):
        p.out.tube((x, 0.55, 0), (x, 0.55, 0.75), (0.025, 0.025), "#4a4e52~")
    if p.chance(0.55):
        umbrella(p, (0.2, 0.1, 0), p.between(1.2, 1.5), 2.4)
    else:
        board(p.out, (0, 0.85, 1.3), (1.5, 0.38), p.picture("stallsign"))
        for x in (-0.7, 0.7):
            p.out.tube((x, 0.87, 0), (x, 0.87, 1.7), (0.02, 0.02), "#707478~")


def flower_stand(p: Pitch) -> None:
    """Step buckets of flowers up on a stand."""
    for j in range(int(p.rng.integers(2, 4))):
        z, y = 0.25 * j, -0.4 + 0.38 * j
        if z:
            p.out.box((0, y, z / 2), (1.7, 0.36, z), p.one_of("#6a6e72~", "#8a6a44"))
        for i in range(5):
            bunch(p, (-0.72 + 0.36 * i, y, z), p.between(0.11, 0.16))
    if p.chance(0.4):
        umbrella(p, (0.0, 0.4, 0), 1.3, 2.4)


def low_table(p: Pitch) -> None:
    """Lay trinkets on a low table or an opened case, a price board behind."""
    h = p.between(0.35, 0.7)
    table(p, (1.5, 0.8), h)
    top(p.out, (0, 0, h + 0.012), (1.46, 0.76), p.picture("trinkets"))
    board(p.out, (p.between(-0.4, 0.4), 0.4, h), (0.5, 0.68), p.picture("menu"))
    stool(p, p.between(-0.5, 0.5), 0.85)
    if p.chance(0.5):
        for x in (-0.72, 0.72):
            p.out.tube((x, 0.38, h), (x, 0.38, h + 1.0), (0.012, 0.012), "#b0b4b6~")
        face(p.out, (0, 0.38, h + 0.1), (1.44, 0.9), p.picture("trinkets"))


TABLES = (
    shaded_table, fruit_stand, tent, clothes_rack, seats, flower_stand, low_table,
    fruit_stand,
)  # fmt: skip
