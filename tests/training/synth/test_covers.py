"""Manhole covers: their box, their size, their variety, what opens in them."""

import numpy as np
import pytest

from training.synth import artwork_covers, props, props_covers, props_covers_beside

STATES = ("manhole_ok", "manhole_damaged", "manhole_missing")
VARIANTS = 96


@pytest.mark.parametrize("state", STATES)
def test_the_box_is_the_cover_and_not_its_surroundings(state: str) -> None:
    for variant in range(VARIANTS):
        prop = props.build(state, variant)
        assert prop.extent is not None

        size = np.ptp(prop.extent, axis=0)
        # 0.28 m is a valve's cover, 2.6 m a double one pushed off its frame.
        assert 0.28 <= size[0] <= 2.6
        assert 0.28 <= size[1] <= 2.6
        # Nothing is higher than a tipped lid: branches and poles are left out.
        assert size[2] <= 0.5


def test_extent_is_no_further_box() -> None:
    assert props.build("manhole_ok", 1).parts == ()


@pytest.mark.parametrize("state", STATES)
def test_a_cover_is_cheap(state: str) -> None:
    assert max(len(props.build(state, v).shape.faces) for v in range(VARIANTS)) < 1500


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("pool", [0, 1])
def test_each_pool_has_its_own_many_looks(state: str, pool: int) -> None:
    own = {
        tuple(props.build(state, v).shape.materials) for v in range(pool, VARIANTS, 2)
    }
    other = {
        tuple(props.build(state, v).shape.materials)
        for v in range(1 - pool, VARIANTS, 2)
    }

    assert len(own) >= 24
    assert not own & other


@pytest.mark.parametrize("pool", [0, 1])
def test_every_way_of_damage_is_in_both_pools(pool: int) -> None:
    tall = flat = 0
    for variant in range(pool, 24, 2):
        extent = props.build("manhole_damaged", variant).extent
        assert extent is not None
        tall += bool(np.ptp(extent[:, 2]) > 0.08)
        flat += bool(np.ptp(extent[:, 2]) < 0.03)

    # Tipped lids stand up; broken, sunken, cracked and collapsed ones lie flat.
    assert tall >= 2
    assert flat >= 6


def test_a_sound_cover_has_no_opening_and_a_missing_one_has() -> None:
    for variant in range(VARIANTS):
        sound = props.build("manhole_ok", variant).shape.materials
        gone = props.build("manhole_missing", variant).shape.materials

        assert not any(m.startswith("pit:") for m in sound)
        assert any(m.startswith("pit:") for m in gone)
        assert not any(m.startswith("iron:") for m in gone)


def test_every_damaged_cover_shows_an_opening() -> None:
    for variant in range(VARIANTS):
        mats = props.build("manhole_damaged", variant).shape.materials

        assert any(m.startswith("pit:") for m in mats)


@pytest.mark.parametrize("form", ["round", "square", "double"])
def test_a_rim_is_convex_and_as_wide_as_asked(form: str) -> None:
    ring = np.asarray(props_covers.outline(form, (0.4, 0.4), 0.05))

    assert np.abs(ring).max() == pytest.approx(0.45, rel=0.01)
    turn = np.cross(
        np.c_[np.roll(ring, -1, 0) - ring, np.zeros(36)],
        np.c_[np.roll(ring, -2, 0) - np.roll(ring, -1, 0), np.zeros(36)],
    )[:, 2]
    assert (turn > -1e-9).all()


@pytest.mark.parametrize("pattern", artwork_covers.PATTERNS)
def test_every_pattern_has_relief(pattern: str) -> None:
    heights = artwork_covers.face(5, pattern, "iron", "round")[..., 3]

    assert int(np.ptp(heights)) > 90
    assert float(heights.std()) > 12


@pytest.mark.parametrize("kind", props_covers_beside.BUILDERS)
def test_what_is_no_cover_lies_low_has_no_box_and_varies(kind: str) -> None:
    built = [props.build(kind, v) for v in range(24)]

    assert all(p.parts == () and p.extent is None for p in built)
    assert max(float(p.shape.points()[:, 2].max()) for p in built) < 0.2
    assert max(len(p.shape.faces) for p in built) < 1500
    assert len({p.shape.points().tobytes() for p in built}) == 24
