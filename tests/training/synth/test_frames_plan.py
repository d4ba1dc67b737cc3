"""What rendered frames are made of: pools, schedule, views, weather, optics."""

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.synth import props
from training.synth.__main__ import main
from training.synth.buildings import lot_shape
from training.synth.camera import Lens, project
from training.synth.classes import SCORED_CLASSES
from training.synth.optics import Optics, jpeg, photographed, random_optics
from training.synth.pools import SEEDS, VARIANTS, pooled
from training.synth.random_plan import random_plan
from training.synth.schedule import missing, of_shard, picture, schedule
from training.synth.truth import Box, is_plain
from training.synth.views import look_view, targets_for
from training.synth.weather import WEATHERS, random_look, relit
from vision.errors import InputError

RUN = {"pool": "teach", "seed_start": 1000, "looks": 30, "wides": 7}


# Scraps of paper on a heap and the bus shelters' bills are no signs of any class.
SHARED = ("img:paper:", "img:bill:")


def _pictures(materials: list[str]) -> set[str]:
    own = (m for m in materials if m.startswith(("img:", "bump:", "iron:")))
    return {m for m in own if not m.startswith(SHARED)}


@pytest.mark.parametrize("kind", props.kinds())
def test_no_picture_of_the_test_streets_teaches(kind: str) -> None:
    taught: set[str] = set()
    tested: set[str] = set()
    for k in range(0, VARIANTS, 4):
        taught |= _pictures(props.build(kind, pooled(k, "teach")).shape.materials)
        tested |= _pictures(props.build(kind, pooled(k, "test")).shape.materials)

    assert taught & tested == set()


def test_no_shop_front_of_the_test_streets_teaches() -> None:
    seen: dict[str, set[str]] = {"teach": set(), "test": set()}
    for kind in ("shops", "wall", "block"):
        for k in range(60):
            for pool, pictures in seen.items():
                variant = pooled(k, "test" if pool == "test" else "teach")
                pictures.update(_pictures(lot_shape(kind, variant, 14.0).materials))

    assert seen["teach"] & seen["test"] == set()
    assert len(seen["test"]) > 20


@pytest.mark.parametrize(("pool", "parity"), [("teach", 0), ("test", 1)])
def test_a_street_keeps_to_its_pool(pool: str, parity: int) -> None:
    plan = random_plan(SEEDS[pool].start, pool)

    assert {i.variant % 2 for i in plan.items} == {parity}
    assert {lot.variant % 2 for lot in plan.lots} == {parity}


def test_a_street_holds_every_scored_class() -> None:
    counts = Counter(
        i.category for seed in range(1000, 1006) for i in random_plan(seed).items
    )

    assert min(counts[c] for c in SCORED_CLASSES) >= 12


def test_the_schedule_holds_each_view_once() -> None:
    scenes = schedule(**RUN)
    shots = [s for shots in scenes for s in shots]

    assert Counter(s.kind for s in shots) == {"look": 30, "wide": 7}
    assert len({s.name for s in shots}) == 37
    assert all(len({s.seed for s in shots}) == 1 for shots in scenes)


def test_shards_share_the_schedule_out() -> None:
    scenes = schedule(**RUN)
    parts = [of_shard(scenes, (i, 2)) for i in range(2)]

    assert sorted(s for p in parts for s in (x[0].seed for x in p)) == sorted(
        x[0].seed for x in scenes
    )


def test_what_has_a_picture_is_not_made_again(tmp_path: Path) -> None:
    scenes = schedule(**RUN)
    done = scenes[0][0]
    picture(tmp_path, done).parent.mkdir()
    picture(tmp_path, done).write_bytes(b"")

    left = [s for shots in missing(tmp_path, scenes) for s in shots]

    assert len(left) == 36
    assert done not in left


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"looks": 0, "wides": 0}, id="nothing to make"),
        pytest.param({"looks": -1}, id="a negative count"),
        pytest.param({"seed_start": 50000}, id="a seed of the test streets"),
        pytest.param({"seed_start": 49998, "looks": 80}, id="running over into them"),
        pytest.param({"pool": "any"}, id="the sample drive's pool"),
    ],
)
def test_a_bad_run_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InputError):
        schedule(**{**RUN, **change})


def test_a_dry_run_says_what_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["frames", "--out", str(tmp_path), "--looks", "30", "--wides", "7"]

    assert main([*args, "--dry-run"]) == 0

    assert "37 views, 37 to render" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_seed_ends_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["frames", "--out", str(tmp_path), "--pool", "test", "--seed-start", "1000"]

    assert main([*args, "--dry-run"]) == 2

    assert "--seed-start" in capsys.readouterr().err


def test_turns_aim_at_every_scored_class() -> None:
    plan = random_plan(1000)
    aims = [
        targets_for(plan, turn, np.random.default_rng(turn))[0] for turn in range(36)
    ]

    assert {item.category for item in aims} == SCORED_CLASSES | {None}


def test_a_look_has_its_target_in_the_middle_two_thirds() -> None:
    plan = random_plan(1001)
    rng = np.random.default_rng(5)
    seen = 0
    for item in (i for i in plan.items if i.category in SCORED_CLASSES):
        centre = np.array(plan.item_xyz(item))
        view = look_view(plan, item, {item.item_id: centre}, rng)
        if view is None or abs(view.pose.pitch_deg) >= 49:
            continue
        pixels, depth = project(centre[None], view.lens, view.pose)
        seen += 1
        share = pixels[0] / (view.lens.width_px, view.lens.height_px)
        assert (share > 0.08).all()
        assert (share < 0.92).all()
        assert 1.5 < depth[0] < 15.0
        leg = plan.legs[item.leg_id]
        height = view.pose.xyz[2] - leg.ground_z_m(leg.wall_m)
        assert 0.9 < height < 2.9
    assert seen > 30


@pytest.mark.parametrize(
    ("size", "plain"),
    [
        pytest.param((13.0, 6.0), True, id="12.8 by 5.8 is enough"),
        pytest.param((12.0, 6.0), False, id="too short"),
        pytest.param((40.0, 5.0), False, id="too thin"),
    ],
)
def test_a_label_grows_with_the_picture(
    size: tuple[float, float], *, plain: bool
) -> None:
    box = Box("a", "litter", (0.0, 0.0, *size), 1.0, 1.0)

    assert is_plain(box, Lens(1280, 720, 900.0)) is plain


def test_every_weather_has_its_light() -> None:
    looks = [random_look(np.random.default_rng(k)) for k in range(60)]

    assert {look.weather for look in looks} == set(WEATHERS)
    assert all((look.wet > 0) == (look.weather == "wet") for look in looks)
    for look in looks:
        again = relit(look, np.random.default_rng(1))
        assert (again.paving, again.wet) == (look.paving, look.wet)
        assert again.sun_azimuth_deg != look.sun_azimuth_deg


def _edge() -> np.ndarray:
    shown = np.full((60, 80, 3), 40, np.uint8)
    shown[:, 40:] = 200
    return shown


def test_a_camera_without_flaws_changes_nothing() -> None:
    out = photographed(_edge(), Optics(), np.random.default_rng(1))

    assert np.abs(out.astype(int) - _edge()).max() <= 1


def test_no_flaw_moves_an_edge() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        optics = random_optics(rng, "clear")
        out = photographed(_edge(), optics, rng).astype(float).mean(axis=(0, 2))
        step = np.abs(np.diff(np.convolve(out, np.ones(3) / 3, "same")))[4:-4]
        assert 33 <= 4 + int(step.argmax()) <= 45


def test_exposure_is_a_factor_of_light() -> None:
    out = photographed(_edge(), Optics(gain=0.5), np.random.default_rng(1))

    # 200 * 0.5 ** (1 / 2.2) = 146
    assert int(out[30, 60, 0]) == pytest.approx(146, abs=1)


def test_a_picture_comes_back_from_its_file() -> None:
    with Image.open(io.BytesIO(jpeg(_edge(), 95))) as image:
        back = np.asarray(image).astype(int)

    assert np.abs(back - _edge()).mean() < 3


def test_the_views_can_be_written_down() -> None:
    plan = random_plan(1002)
    item = next(i for i in plan.items if i.category == "stall")
    centres = {item.item_id: np.array(plan.item_xyz(item))}
    rng = np.random.default_rng(2)
    views = (look_view(plan, item, centres, rng) for _ in range(100))
    view = next(v for v in views if v)

    json.dumps([view.pose.xyz, view.pose.heading_deg, view.pose.roll_deg])
