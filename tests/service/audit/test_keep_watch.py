"""A fixed camera's watch in the store: placed, counted once, cleared by a later one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.audit.keep_watch import SPOT_M, Post, keep_watch, post_of, record_of_watch
from service.findings import findings_across
from service.memory.street import Terms, Window, score_store
from service.records import KnownFinding
from service.roads import RoadNetwork, build_network
from service.scoring import load_standard
from service.store import Store
from service.types import Segment
from tests.service.findings.passes import ROLES
from tests.service.store.records import EYES
from tests.service.store.records import drive as drive_on
from tests.service.store.records import seen as seen_there
from tests.vision.detect.networks import make_card, red_box_network
from tests.vision.fixed.test_fixed_camera import NOON_S, boxes, file_text, ring
from tests.vision.fixed.test_homography import FRAME
from tests.vision.test_watch import CarAndFace, picture
from vision.card import Calibration, ModelCard, Rates
from vision.errors import InputError
from vision.fixed import Dwell, DwellWatch, Stretch, load_fixed_camera
from vision.taxonomy import WATCHED
from vision.types import Detections
from vision.watch import Watched, watch_camera

DAY_S = 86400.0


def street(east_m: float = -2.5, name: str = "s1") -> Segment:
    """Return a street of 7 m that runs north: the camera's lane is its carriageway."""
    line = np.array([[east_m, -50.0], [east_m, 100.0]])
    return Segment(name, "许由路", "2", FRAME.to_lonlat(line), 150.0, width_m=7.0)


@pytest.fixture
def network() -> RoadNetwork:
    return build_network([street(), street(-60.0, "s2")])


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    made = make_card(tmp_path, red_box_network())
    point = replace(made.operating["car"], real=Rates(0.9, 0.7))
    names = (*CarAndFace.names, "litter")
    return replace(
        made,
        names=names,
        operating=dict.fromkeys(names, point),
        calibration={"stall": Calibration(slope=1.0, intercept=-1.0)},
    )


def post(tmp_path: Path, card: ModelCard, network: RoadNetwork, text: str = "") -> Post:
    path = tmp_path / "gate.toml"
    path.write_text(text or file_text(), "utf-8")
    return post_of(load_fixed_camera(path), card, network, 2.0)


def zoned(
    surface: str, east: tuple[float, float], north: tuple[float, float]
) -> tuple[str, str]:
    """Return the camera's file with one zone alone, and with it before the others."""
    head, *zones = file_text().split("[[zone]]")
    own = f'\nname = "own"\nsurface = "{surface}"\n{ring(east, north)}\n'
    return f"{head}[[zone]]{own}", "[[zone]]".join([head, own, *zones])


@pytest.fixture
def gate(tmp_path: Path, card: ModelCard, network: RoadNetwork) -> Post:
    return post(tmp_path, card, network)


def stay(
    minutes: float,
    *,
    east: float = 3.0,
    north: float = 15.0,
    surface: str | None = "pavement",
    after_s: float = 0.0,
    **changes: Any,
) -> Dwell:
    lon, lat = (float(v) for v in FRAME.to_lonlat(np.array([east, north])))
    first_s = NOON_S + after_s
    last_s = first_s + 60 * minutes
    frames = round(30 * minutes) + 1
    dwell = Dwell(
        number=1,
        category="car",
        lon=lon,
        lat=lat,
        zone=surface,
        surface=surface,
        first_s=first_s,
        last_s=last_s,
        frames=frames,
        limit_s=240.0,
        confidence=0.8,
        unbroken=Stretch(first_s, last_s, frames),
    )
    return replace(dwell, **changes)


def watched(*dwells: Dwell, at_s: float = NOON_S, hours: float = 1.0) -> Watched:
    return Watched(
        dwells=list(dwells), pictures=2, first_s=at_s, last_s=at_s + 3600 * hours
    )


def known(store: Store, segment_id: str = "s1") -> list[KnownFinding]:
    return findings_across(store.looks(segment_id), roles=ROLES)


def test_a_stay_lies_on_the_nearest_street_on_its_side(gate: Post) -> None:
    record = record_of_watch(watched(stay(40, after_s=60)), gate, {})

    (placed,) = record.sightings
    sighting = placed.sighting
    assert (placed.segment_id, placed.side) == ("s1", "right")
    assert placed.offset_m == pytest.approx(65, abs=0.1)
    assert sighting.lateral_m == pytest.approx(5.5, abs=0.1)
    assert (sighting.first_drive_s, sighting.last_drive_s) == (60, 2460)
    assert sighting.stationary_probability == 1
    assert sighting.surface_belief == {"pavement": 1}
    assert placed.zone_belief == {"pavement": 1}
    assert 0.5 <= sighting.sigma_m < 1
    assert (record.started_s, record.ended_s) == (NOON_S, NOON_S + 3600)
    assert {p.segment_id for p in record.passes} == {"s1"}
    assert record.vehicle is None


def test_the_eyes_are_those_that_look_for_what_stands(gate: Post) -> None:
    eyes = record_of_watch(watched(), gate, {}).seen_by

    assert set(eyes.names) == {"car", "stall"}
    assert eyes.recall == {"car": 0.7, "stall": 0.7}
    assert eyes.model_id == "tiny@1/standing"


def test_a_chance_is_calibrated_by_the_card(gate: Post) -> None:
    stall = stay(5, category="stall", confidence=0.5)

    (placed,) = record_of_watch(watched(stall), gate, {}).sightings

    assert placed.sighting.probability == pytest.approx(1 / (1 + np.e))


@pytest.mark.parametrize("surface", ["parking_bay", "market", None])
def test_lawful_places_and_what_lies_outside_all_zones_are_no_sighting(
    gate: Post, surface: str | None
) -> None:
    assert record_of_watch(watched(stay(90, surface=surface)), gate, {}).sightings == ()


def test_only_the_zones_ground_is_seen(gate: Post) -> None:
    """The zones reach from 8 to 30 m north; the street begins 50 m south."""
    pieces = {(p.zone, p.side): (p.from_m, p.to_m) for p in gate.coverage}

    assert {p.status for p in gate.coverage} == {"seen"}
    assert {p.segment_id for p in gate.coverage} == {"s1"}
    assert pieces == {
        ("carriageway", "left"): (58, 80),
        ("carriageway", "right"): (58, 80),
        ("pavement", "right"): (58, 80),
    }


def test_a_zone_beyond_the_picture_is_not_seen_there(
    tmp_path: Path, card: ModelCard, network: RoadNetwork
) -> None:
    wide, _ = zoned("pavement", (1.0, 6.0), (-40.0, 99.0))

    ground = post(tmp_path, card, network, wide).coverage

    (piece,) = (p for p in ground if p.zone == "pavement")
    assert 50 < piece.from_m < 60  # nearer the camera the picture ends
    # A metre is 10 px wide 90 m down the view: (90 - 6 sin 20°) / cos 20° = 93.6 m off.
    assert piece.to_m == 144


def test_a_lawful_zone_before_another_takes_its_ground(
    tmp_path: Path, card: ModelCard, network: RoadNetwork
) -> None:
    _, text = zoned("parking_bay", (-20.0, 20.0), (10.0, 20.0))

    pieces = [
        (p.from_m, p.to_m)
        for p in post(tmp_path, card, network, text).coverage
        if p.zone == "pavement"
    ]

    assert pieces == [(58, 60), (70, 80)]


def test_a_camera_beside_no_street_is_refused(tmp_path: Path, card: ModelCard) -> None:
    elsewhere = build_network([street(300.0)])

    with pytest.raises(InputError, match="show no ground beside a street"):
        post(tmp_path, card, elsewhere)


def test_half_an_hour_proves_parking_and_a_later_watch_clears_it(
    gate: Post, tmp_path: Path
) -> None:
    store = Store(str(tmp_path / "city"))
    keep_watch(watched(stay(30)), gate, {}, store, tmp_path)

    (found,) = known(store)
    assert found.finding.category == "parking_motor"
    assert not found.finding.candidate

    for day in (1, 2):
        later = watched(at_s=NOON_S + day * DAY_S)
        assert keep_watch(later, gate, {}, store, tmp_path)
    (gone,) = known(store)
    assert gone.finding.state == "cleared"


def test_less_than_half_an_hour_is_a_candidate(gate: Post, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "city"))
    keep_watch(watched(stay(29)), gate, {}, store, tmp_path)

    assert known(store)[0].finding.candidate


def test_a_watch_of_other_ground_clears_nothing(gate: Post, tmp_path: Path) -> None:
    """A patrol saw a car 100 m along; the camera's zones end at 80 m."""
    store = Store(str(tmp_path / "city"))
    eyes = replace(EYES, recall={"car": 0.9}, names=("car", "litter"))
    parked = stay_of_patrol(100.0)
    patrol = drive_on(parked, at_s=NOON_S - DAY_S, seen_by=eyes, segments=(street(),))
    store.add_drive(patrol)
    keep_watch(watched(), gate, {}, store, tmp_path)

    (found,) = known(store)
    assert found.looked == 1
    assert found.finding.state == "raw"


def stay_of_patrol(offset_m: float) -> Any:
    lon, lat = (float(v) for v in FRAME.to_lonlat(np.array([3.0, offset_m - 50])))
    return seen_there(
        "car",
        offset_m=offset_m,
        lon=lon,
        lat=lat,
        zone="pavement",
        stationary_probability=0.95,
        surface_belief={"pavement": 1.0},
    )


def test_cars_at_the_lights_never_become_findings(gate: Post, tmp_path: Path) -> None:
    """Red 40 s, green 20 s, an hour long, three days: always somebody at the line."""
    store = Store(str(tmp_path / "city"))
    for day in range(3):
        at_s = NOON_S + day * DAY_S
        reds = [t for t in range(0, 3600, 2) if t % 60 < 40]
        seen = followed(gate, [(at_s + t, boxes(("car", 15.0, -2.0))) for t in reds])
        assert keep_watch(seen, gate, {}, store, tmp_path)

    assert len(store.looks("s1")) == 3
    assert known(store) == []


def test_a_car_that_never_leaves_a_lane_is_parked(gate: Post, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "city"))
    times = [NOON_S + t for t in range(0, 1900, 2)]
    seen = followed(gate, [(at_s, boxes(("car", 15.0, -2.0))) for at_s in times])
    keep_watch(seen, gate, {}, store, tmp_path)

    (found,) = known(store)
    assert (found.finding.category, found.finding.zone) == (
        "parking_motor",
        "carriageway",
    )
    assert not found.finding.candidate


def followed(gate: Post, pictures: list[tuple[float, Detections]]) -> Watched:
    watch = DwellWatch(gate.camera, WATCHED)
    gone = [d for at_s, row in pictures for d in watch.update(at_s, row, (1280, 720))]
    return Watched(
        dwells=gone,
        standing=watch.standing(),
        pictures=len(pictures),
        first_s=pictures[0][0],
        last_s=pictures[-1][0],
    )


def test_one_spot_is_one_thing_in_a_watch(gate: Post) -> None:
    short = stay(10)
    longer = stay(35, after_s=900, number=2, north=15 + 0.5 * SPOT_M)
    beside = stay(20, number=3, north=17.0)
    other = stay(5, after_s=3000, number=4, category="stall")

    record = record_of_watch(watched(short, longer, beside, other), gate, {})

    assert [p.sighting.id for p in record.sightings] == ["stay-2", "stay-3", "stay-4"]


def test_two_at_once_stay_two_however_near(gate: Post) -> None:
    both = (stay(10), stay(10, number=2, north=15.7))

    assert len(record_of_watch(watched(*both), gate, {}).sightings) == 2


def test_a_watch_is_no_pass_and_says_nothing_of_litter(
    gate: Post, tmp_path: Path
) -> None:
    store = Store(str(tmp_path / "city"))
    litter = replace(seen_there(offset_m=65), side="right", zone_belief=None)
    store.add_drive(drive_on(litter, at_s=NOON_S - DAY_S, segments=(street(),)))
    for day in (0, 1):
        seen = watched(stay(40, after_s=day * DAY_S), at_s=NOON_S + day * DAY_S)
        keep_watch(seen, gate, {}, store, tmp_path)
    window = Window(NOON_S - 3 * DAY_S, NOON_S + 3 * DAY_S)
    terms = Terms(load_standard("xuchang@1"), ROLES)

    (found,) = score_store(store, window=window, terms=terms)

    states = {k.finding.category: k.finding.state for k in found.findings}
    assert states == {"litter": "raw", "parking_motor": "raw"}
    assert found.looks == 1
    assert found.last_s == NOON_S - DAY_S + 20
    assert found.working is not None
    assert "parking_motor" not in found.working.score.not_assessed
    assert "litter" not in found.working.score.not_assessed
    assert len({p for p in found.coverage if p.segment_id == "s1"}) == 8


def test_a_street_that_cameras_alone_saw_has_findings_and_no_score(
    gate: Post, tmp_path: Path
) -> None:
    store = Store(str(tmp_path / "city"))
    keep_watch(watched(stay(40)), gate, {}, store, tmp_path)
    window = Window(NOON_S - DAY_S, NOON_S + DAY_S)

    (found,) = score_store(
        store, window=window, terms=Terms(load_standard("xuchang@1"), ROLES)
    )

    assert (found.status, found.working) == ("not_passed", None)
    assert len(found.findings) == 1


def test_the_same_watch_counts_once_and_another_time_again(
    gate: Post, tmp_path: Path
) -> None:
    store = Store(str(tmp_path / "city"))

    assert keep_watch(watched(stay(5)), gate, {}, store, tmp_path)
    assert not keep_watch(watched(stay(5)), gate, {}, store, tmp_path)
    assert keep_watch(watched(hours=2.0), gate, {}, store, tmp_path)
    assert keep_watch(watched(), gate, {"a.mp4": "ab"}, store, tmp_path)
    assert not keep_watch(watched(), gate, {"b.mp4": "ab"}, store, tmp_path)


def test_what_outstayed_keeps_its_masked_pictures(
    gate: Post, card: ModelCard, tmp_path: Path
) -> None:
    class Folder:
        def save(self, name: str, jpeg: bytes) -> str:
            (tmp_path / name).write_bytes(jpeg)
            return name

        def keep_only(self, names: set[str]) -> None:
            raise AssertionError(names)

    store = Store(str(tmp_path / "city"))
    *_, seen = watch_camera(
        [picture(NOON_S + 10 * k) for k in range(16)],
        camera=gate.camera,
        detector=CarAndFace(),
        card=card,
        sink=Folder(),
    )
    keep_watch(seen, gate, {}, store, tmp_path)

    ((_, placed),) = store.looks("s1")[0].sightings
    (kept,) = placed.sighting.evidence
    assert store.blobs.get(kept.image) == (tmp_path / "0001.jpg").read_bytes()
    assert store.blobs.get(kept.crop) == (tmp_path / "0001-crop.jpg").read_bytes()
    assert kept.drive_s == 130


def test_no_picture_is_nothing_to_keep(gate: Post) -> None:
    with pytest.raises(InputError, match="no picture came from camera gate"):
        record_of_watch(Watched(), gate, {})
