"""Stalls, small ads, graffiti and their look-alikes: variety, pools, boxes, size."""

import re

import numpy as np
import pytest

from training.synth import artwork_base, props, props_lookalikes
from training.synth.artwork import PAINTERS, painted
from training.synth.classes import CLASS_NAMES, SCORED_CLASSES
from training.synth.pools import VARIANTS
from training.synth.shapes import FloatArray

STALLS = ("stall_table", "stall_ground", "stall_tricycle", "stall_cart")
HUNG = ("poster", "poster_small", "pole_poster", "graffiti", "graffiti_small")
CABINS = ("kiosk", "bus_shelter", "notice_board", "utility_box", "traffic_sign")
LOOK_ALIKES = (*props_lookalikes.PLACES, *CABINS)
ADS = ("poster", "adcluster", "adspray", "adsticker")


def _box(kind: str, variant: int) -> FloatArray:
    prop = props.build(kind, variant)
    return prop.shape.points() if prop.extent is None else prop.extent


def _pictures(kind: str, pool: int) -> set[str]:
    shapes = (props.build(kind, v).shape for v in range(pool, VARIANTS, 2))
    return {m for s in shapes for m in s.materials if m.startswith("img:")}


@pytest.mark.parametrize("kind", [*STALLS, *HUNG])
@pytest.mark.parametrize("pool", [0, 1])
def test_each_pool_has_its_own_many_looks(kind: str, pool: int) -> None:
    looks = {
        (tuple(s.materials), round(float(np.ptp(s.points())), 3))
        for s in (props.build(kind, v).shape for v in range(pool, VARIANTS, 2))
    }

    assert len(looks) >= 24


@pytest.mark.parametrize("kind", [*STALLS, *HUNG, *LOOK_ALIKES])
def test_no_picture_is_in_both_pools(kind: str) -> None:
    assert not _pictures(kind, 0) & _pictures(kind, 1)


@pytest.mark.parametrize("kind", [*STALLS, *LOOK_ALIKES])
def test_every_variant_is_cheap_and_named_pictures_exist(kind: str) -> None:
    for variant in range(VARIANTS):
        shape = props.build(kind, variant).shape

        assert 0 < len(shape.faces) < 4000
        kinds = {m.split(":")[1] for m in shape.materials if m.startswith("img:")}
        assert kinds <= set(PAINTERS)


@pytest.mark.parametrize("kind", STALLS)
def test_a_stall_fits_its_ground_and_is_no_toy(kind: str) -> None:
    for variant in range(VARIANTS):
        size = np.ptp(_box(kind, variant), axis=0)

        assert np.abs(_box(kind, variant)[:, :2]).max() <= 2.05
        assert size[:2].max() >= 0.9
        assert size[2] <= 2.7


@pytest.mark.parametrize("kind", STALLS)
def test_a_parasol_over_a_stall_is_an_umbrella_too(kind: str) -> None:
    parts = [p for v in range(VARIANTS) for p in props.build(kind, v).parts]

    assert len(parts) >= 4
    for category, points in parts:
        assert category == "umbrella"
        assert points[:, 2].max() > 1.9


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_a_look_alike_has_no_scored_part(kind: str) -> None:
    for variant in range(0, VARIANTS, 5):
        categories = {c for c, _ in props.build(kind, variant).parts}

        assert categories <= set(CLASS_NAMES) - SCORED_CLASSES


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_no_look_alike_wears_an_ad_or_a_graffito(kind: str) -> None:
    for variant in range(0, VARIANTS, 5):
        worn = "".join(props.build(kind, variant).shape.materials)

        assert not any(f"img:{name}:" in worn for name in (*ADS, "graffiti"))


def test_an_ad_on_a_cabinet_stays_on_its_front() -> None:
    for variant in range(VARIANTS):
        ad = props.build("poster_small", variant).shape.points()
        cabinet = props.build("utility_box", variant).shape.points()

        assert np.abs(ad[:, 0]).max() <= 0.5
        assert ad[:, 2].min() >= 0.12
        assert ad[:, 2].max() <= 1.36
        # Nothing on the cabinet below its roof reaches in front of the paper.
        front = cabinet[(cabinet[:, 2] > 0.13) & (cabinet[:, 2] < 1.36)]
        assert front[:, 1].min() > ad[:, 1].max()


def test_graffiti_keeps_the_proportions_of_its_picture() -> None:
    for variant in range(24):
        size = np.ptp(props.build("graffiti", variant).shape.points(), axis=0)
        rows, cols = painted(f"graffiti:{variant}").shape[:2]

        assert size[0] / size[2] == pytest.approx(cols / rows, rel=1e-6)


@pytest.mark.parametrize("kind", [*ADS, "graffiti"])
def test_a_painting_fills_its_picture(kind: str) -> None:
    # What is clear at the rim would make every box too large.
    for variant in range(12):
        alpha = painted(f"{kind}:{variant}")[..., 3] > 30

        assert alpha[0].any()
        assert alpha[-1].any()
        assert alpha[:, 0].any()
        assert alpha[:, -1].any()


def test_numbers_to_call_belong_to_nobody() -> None:
    rng = np.random.default_rng(1)

    for _ in range(200):
        # Mobile numbers of China have eleven digits and start with 13 to 19.
        assert re.fullmatch(r"1[012]\d{9}", artwork_base.phone(rng))
