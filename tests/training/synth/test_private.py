"""Streets of faces and plates: plans, plates, views."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from training.synth import props
from training.synth.__main__ import main
from training.synth.artwork import painted
from training.synth.camera import project
from training.synth.close_views import PRIVATE, close_view, private_items
from training.synth.pools import PRIVATE_SEEDS, SEEDS
from training.synth.private_plan import private_plan
from training.synth.props_plates import crooked_plate
from training.synth.schedule import schedule
from training.synth.shapes import place
from training.synth.streets import street
from training.synth.weather import night_look, relit
from vision.errors import InputError
from vision.taxonomy import load_taxonomy

FIRST = PRIVATE_SEEDS["teach"].start


def test_a_private_street_has_plates_of_all_sizes_and_faces_but_no_problems() -> None:
    kinds: Counter[str] = Counter()
    categories: set[str | None] = set()
    for seed in range(FIRST, FIRST + 6):
        plan = private_plan(seed)
        kinds.update(item.kind for item in private_items(plan))
        categories |= {item.category for item in plan.items}

    assert kinds["car_plated"] > 20
    assert min(kinds[k] for k in ("truck_plated", "ebike_plated", "person")) > 5
    problems = {c.id for c in load_taxonomy().with_role("problem", "state")}
    assert not categories & problems


def test_some_private_streets_are_seen_by_night() -> None:
    weathers = Counter(
        private_plan(seed).look.weather for seed in range(FIRST, FIRST + 30)
    )

    assert 3 <= weathers["night"] <= 18


def test_a_night_is_dark_and_may_be_wet() -> None:
    looks = [night_look(np.random.default_rng(k)) for k in range(20)]

    assert {look.weather for look in looks} == {"night"}
    assert {look.wet > 0 for look in looks} == {True, False}
    again = relit(looks[0], np.random.default_rng(99))
    assert max(max(tone) for tone in again.sky) < 0.1


def test_a_seed_stands_for_one_kind_of_street() -> None:
    assert "car_plated" in {i.kind for i in street(FIRST, "teach").items}
    ordinary = {i.kind for i in street(SEEDS["teach"].start, "teach").items}
    assert "car_plated" not in ordinary


@pytest.mark.parametrize("kind", ["car_plated", "truck_plated", "ebike_plated"])
def test_a_plate_hangs_on_its_vehicle_and_looks_outwards(kind: str) -> None:
    for variant in range(0, 20, 2):
        prop = props.build(kind, variant)
        box = prop.shape.points()
        for _, plate in prop.parts:
            assert (plate.min(axis=0) >= box.min(axis=0) - 1e-6).all()
            assert (plate.max(axis=0) <= box.max(axis=0) + 1e-6).all()
            normal = np.cross(plate[1] - plate[0], plate[3] - plate[0])
            assert np.sign(normal[1]) == np.sign(plate[:, 1].mean())


def test_a_tilted_plate_keeps_its_size() -> None:
    corners = crooked_plate((0.44, 0.14), (-2.0, 0.6), 12.0, 20.0)

    assert np.linalg.norm(corners[1] - corners[0]) == pytest.approx(0.44)
    assert np.linalg.norm(corners[3] - corners[0]) == pytest.approx(0.14)
    assert corners[1, 2] > corners[0, 2]


def test_plates_come_in_the_colours_of_the_road() -> None:
    tones = {
        tuple(np.median(painted(f"plate:{k}")[..., :3].reshape(-1, 3), axis=0) // 64)
        for k in range(48)
    }

    assert len(tones) >= 5
    assert painted("plate_double:0").shape == (88, 176, 4)
    assert painted("plate_small:0").shape == (70, 110, 4)


def test_a_close_view_shows_what_it_is_aimed_at_small_as_often_as_large() -> None:
    plan = private_plan(FIRST)
    rng = np.random.default_rng(5)
    items = private_items(plan)
    heights = []
    for _ in range(300):
        target = items[int(rng.integers(len(items)))]
        view = close_view(plan, target, rng)
        if view is None:
            continue
        parts = [
            place(points * target.scale, plan.item_xyz(target), target.heading_deg)
            for category, points in props.build(target.kind, target.variant).parts
            if category in PRIVATE
        ]
        seen = [project(points, view.lens, view.pose) for points in parts]
        inside = [
            pixels
            for pixels, depth in seen
            if (depth > 0).all()
            and (pixels.mean(axis=0) > 0).all()
            and (pixels.mean(axis=0) < (view.lens.width_px, view.lens.height_px)).all()
        ]
        assert inside, target.kind
        heights.append(max(float(np.ptp(pixels[:, 1])) for pixels in inside))

    small = sum(8 < h < 25 for h in heights)
    large = sum(25 <= h < 90 for h in heights)
    assert len(heights) > 80
    assert small > 0.2 * len(heights)
    assert large > 0.2 * len(heights)


def test_close_views_have_streets_of_their_own() -> None:
    run = {"pool": "test", "seed_start": SEEDS["test"].start, "looks": 8, "wides": 0}
    plain = schedule(**run)
    more = schedule(**run, closes=20)

    assert more[: len(plain)] == plain
    shots = [shot for shots in more[len(plain) :] for shot in shots]
    assert {s.kind for s in shots} == {"close"}
    assert len(shots) == 20
    assert {s.seed in PRIVATE_SEEDS["test"] for s in shots} == {True}


def test_close_views_alone_are_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    args = ["frames", "--out", "nowhere", "--looks", "0", "--wides", "0", "--dry-run"]

    assert main([*args, "--closes", "16"]) == 0
    assert "2 scenes" in capsys.readouterr().out
    assert not Path("nowhere").exists()
    with pytest.raises(InputError):
        schedule(pool="teach", seed_start=1000, looks=0, wides=0, closes=0)
