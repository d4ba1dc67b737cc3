"""A fixed camera's pictures become dwells, with a masked picture of what outstayed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision.detect.networks import make_card, red_box_network
from tests.vision.fixed.test_fixed_camera import NOON_S, boxes, file_text
from vision.card import ModelCard
from vision.detect import Detector
from vision.errors import InputError
from vision.fixed import FixedCamera, load_fixed_camera
from vision.footage import LiveGap, LivePicture
from vision.types import Detections, Frame, Image
from vision.watch import CameraWatch, Watched, watch_camera

FACE = (600, 100, 640, 150)


class Sink:
    def __init__(self) -> None:
        self.pictures: dict[str, Image] = {}

    def save(self, name: str, jpeg: bytes) -> str:
        decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        self.pictures[name] = np.asarray(decoded, np.uint8)
        return f"evidence/{name}"

    def keep_only(self, names: set[str]) -> None:
        raise AssertionError(names)


class CarAndFace:
    """Sees a car that stands on the pavement, and somebody's face."""

    device = "cpu"
    names = ("car", "stall", "person", "face")
    model_id = "tiny@1"

    def __init__(self, face: tuple[float, ...] = FACE) -> None:
        self._face = face

    def detect(self, frame: Frame) -> Detections:
        car = boxes(("car", 15.0, 3.0))
        return Detections(
            frame_index=frame.index,
            xyxy=np.vstack([car.xyxy, np.array([self._face], np.float32)]),
            confidence=np.array([0.9, 0.9], np.float32),
            class_id=np.array([0, 3], np.int32),
            names=self.names,
            model_id=self.model_id,
        )


@pytest.fixture
def camera(tmp_path: Path) -> FixedCamera:
    path = tmp_path / "gate.toml"
    path.write_text(file_text(), "utf-8")
    return load_fixed_camera(path)


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    made = make_card(tmp_path, red_box_network())
    points = dict.fromkeys(CarAndFace.names, made.operating["car"])
    return replace(made, names=CarAndFace.names, operating=points)


def picture(at_s: float) -> LivePicture:
    rng = np.random.default_rng(int(at_s))
    return LivePicture(at_s, rng.integers(0, 255, (720, 1280, 3)).astype(np.uint8))


def whole(
    camera: FixedCamera,
    card: ModelCard,
    events: list[LivePicture | LiveGap],
    sink: Sink,
) -> Watched:
    detector: Detector = CarAndFace()
    *_, last = watch_camera(
        events, camera=camera, detector=detector, card=card, sink=sink
    )
    return last


def test_what_outstays_its_limit_is_shown_once_and_masked(
    camera: FixedCamera, card: ModelCard
) -> None:
    sink = Sink()
    events: list[LivePicture | LiveGap] = [picture(NOON_S + 10 * k) for k in range(16)]

    seen = whole(camera, card, events, sink)

    (dwell,) = seen.standing
    (over,) = seen.outstayed
    assert dwell.dwell_s == 150.0
    assert over.dwell.dwell_s == 130.0  # the first picture beyond two minutes
    assert list(sink.pictures) == ["0001.jpg", "0001-crop.jpg"]
    assert over.evidence.image == "evidence/0001.jpg"
    assert over.evidence.drive_s == 130.0
    x1, y1, _x2, _y2 = FACE
    face = sink.pictures["0001.jpg"][y1 + 10 : y1 + 14, x1 + 10 : x1 + 14]
    noise = sink.pictures["0001.jpg"][600:604, 200:204]
    assert face.std() < 12 < noise.std()


def test_the_crop_is_masked_too(camera: FixedCamera, card: ModelCard) -> None:
    sink = Sink()
    x1, y1, x2, y2 = (float(v) for v in boxes(("car", 15.0, 3.0)).xyxy[0])
    face = (x1 + 10, y1 - 5, x2 - 10, y1 + 15)
    *_, seen = watch_camera(
        [picture(NOON_S + 10 * k) for k in range(16)],
        camera=camera,
        detector=CarAndFace(face),
        card=card,
        sink=sink,
    )

    crop = sink.pictures["0001-crop.jpg"]
    height, width = crop.shape[:2]
    top = round(height / 2 - (y2 - y1) / 2)
    inside = crop[top + 4 : top + 8, width // 2 - 2 : width // 2 + 2]
    assert seen.outstayed[0].evidence.crop == "evidence/0001-crop.jpg"
    assert inside.std() < 12 < crop[:6, :6].std()


def test_gaps_and_bad_pictures_are_told(camera: FixedCamera, card: ModelCard) -> None:
    black = LivePicture(NOON_S + 5, np.zeros((720, 1280, 3), np.uint8))
    gap = LiveGap(NOON_S + 5, NOON_S + 40, "the stream ended")

    seen = whole(
        camera, card, [picture(NOON_S), black, gap, picture(NOON_S + 40)], Sink()
    )

    assert seen.gaps == [gap]
    assert seen.dropped == {"dark": 1}
    assert (seen.pictures, seen.first_s, seen.last_s) == (3, NOON_S, NOON_S + 40)
    assert [d.dwell_s for d in seen.standing] == [40.0]


def test_a_watch_that_is_stopped_has_told_what_stands(
    camera: FixedCamera, card: ModelCard
) -> None:
    events = [picture(NOON_S + 10 * k) for k in range(16)]
    watching = watch_camera(
        events, camera=camera, detector=CarAndFace(), card=card, sink=Sink()
    )

    for _ in range(7):
        seen = next(watching)
    watching.close()

    assert [d.dwell_s for d in seen.standing] == [60.0]


def test_a_gap_is_told_when_it_happens(camera: FixedCamera, card: ModelCard) -> None:
    gap = LiveGap(NOON_S, NOON_S + 40, "the stream ended")
    watching = watch_camera(
        [gap], camera=camera, detector=CarAndFace(), card=card, sink=Sink()
    )

    assert next(watching).gaps == [gap]


def test_a_watch_that_another_process_takes_up_sees_what_one_alone_sees(
    camera: FixedCamera, card: ModelCard
) -> None:
    events: list[LivePicture | LiveGap] = [picture(NOON_S + 10 * k) for k in range(8)]
    events.append(LiveGap(NOON_S + 70, NOON_S + 120, "refused"))
    events += [picture(NOON_S + 120 + 10 * k) for k in range(12)]
    parts = {"camera": camera, "detector": CarAndFace(), "card": card}
    alone = Sink()
    *_, undisturbed = watch_camera(events, sink=alone, **parts)

    halves = Sink()
    watch = CameraWatch(sink=halves, **parts)
    for number, event in enumerate(events):
        if number % 3 == 0:
            watch = CameraWatch(sink=halves, state=watch.state(), **parts)
        watch.see(event)

    assert watch.seen == undisturbed
    assert halves.pictures.keys() == alone.pictures.keys()
    assert undisturbed.gaps
    assert undisturbed.outstayed


def test_a_state_has_no_picture_in_it(camera: FixedCamera, card: ModelCard) -> None:
    watch = CameraWatch(camera=camera, detector=CarAndFace(), card=card, sink=Sink())
    for k in range(4):
        watch.see(picture(NOON_S + 10 * k))

    assert len(watch.state()) < 4000  # one row of the picture has as many


def test_a_damaged_state_is_refused(camera: FixedCamera, card: ModelCard) -> None:
    with pytest.raises(InputError, match="state of the work cannot be read"):
        CameraWatch(
            camera=camera, detector=CarAndFace(), card=card, sink=Sink(), state=b"x"
        )
