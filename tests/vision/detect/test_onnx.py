"""The ONNX detector, on networks whose answer is known exactly."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from tests.vision.detect.networks import (
    NAMES,
    RED_BGR,
    constant_network,
    make_card,
    red_box_network,
)
from vision.card import Operating, OutputKind
from vision.detect import Tiling, load_detector
from vision.errors import AuditError, CatalogueError, DeviceError, InputError
from vision.types import Frame

SIZES = [(1920, 1080), (1280, 720), (640, 480), (720, 1280), (400, 120), (333, 777)]


def frame_with_red(width: int, height: int, box: tuple[int, int, int, int]) -> Frame:
    image = np.full((height, width, 3), 90, np.uint8)
    x1, y1, x2, y2 = box
    image[y1:y2, x1:x2] = RED_BGR
    return Frame(index=3, pts_s=0.0, drive_s=0.0, image=image, source="made.png")


@pytest.mark.parametrize("fixed_px", [None, (640, 384)], ids=["dynamic", "static"])
@pytest.mark.parametrize("output_kind", ["yolo", "nms"])
@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_a_known_box_is_found_where_it_is(
    tmp_path: Path,
    size: tuple[int, int],
    output_kind: OutputKind,
    fixed_px: tuple[int, int] | None,
) -> None:
    width, height = size
    box = (width // 4, height // 3, width // 2, height * 3 // 4)
    card = make_card(
        tmp_path, red_box_network(output_kind, fixed_px), output_kind=output_kind
    )
    # Half a pixel of the network's input, in pixels of the picture, and rounding.
    into = fixed_px or (640, 640)
    grain_px = max(1.0, width / into[0], height / into[1])

    found = load_detector(card, device="cpu").detect(frame_with_red(*size, box))

    assert found.frame_index == 3
    assert [found.category(row) for row in range(len(found))] == ["litter"]
    assert found.confidence == pytest.approx([0.9])
    assert found.xyxy[0] == pytest.approx(box, abs=grain_px)


def test_an_empty_picture_gives_no_rows(tmp_path: Path) -> None:
    detector = load_detector(make_card(tmp_path, red_box_network()), device="cpu")

    found = detector.detect(frame_with_red(320, 240, (0, 0, 0, 0)))

    assert len(found) == 0
    assert found.xyxy.shape == (0, 4)


def test_the_chosen_size_is_the_networks_input(tmp_path: Path) -> None:
    # A 6 px square in 1920 px is 2 px at 640: found to the pixel only at 1920.
    card = make_card(tmp_path, red_box_network())
    box = (901, 503, 907, 509)

    found = load_detector(card, device="cpu", long_side_px=1920).detect(
        frame_with_red(1920, 1080, box)
    )

    assert found.xyxy[0] == pytest.approx(box, abs=0.01)


def test_masked_classes_are_given_below_the_confidence_of_the_others(
    tmp_path: Path,
) -> None:
    # Anchors: litter .5, litter .2, face .2, face .05, person .35
    output = np.zeros((1, 4 + len(NAMES), 5), np.float32)
    for anchor, (name, score) in enumerate(
        [
            ("litter", 0.5),
            ("litter", 0.2),
            ("face", 0.2),
            ("face", 0.05),
            ("person", 0.35),
        ]
    ):
        output[0, :4, anchor] = (40 + 100 * anchor, 100, 30, 30)
        output[0, 4 + NAMES.index(name), anchor] = score
    card = make_card(
        tmp_path,
        constant_network(output),
        operating={
            "litter": Operating(0.3),
            "face": Operating(0.4, mask_confidence=0.1),
            "person": Operating(0.4, mask_confidence=0.2),
        },
    )
    frame = frame_with_red(640, 384, (0, 0, 0, 0))

    usual = load_detector(card, device="cpu").detect(frame)
    strict = load_detector(card, device="cpu", confidence=0.9).detect(frame)

    assert [usual.category(row) for row in range(len(usual))] == [
        "litter",
        "person",
        "face",
    ]
    assert [strict.category(row) for row in range(len(strict))] == ["person", "face"]


def test_tiles_find_at_native_scale_what_the_whole_picture_blurs(
    tmp_path: Path,
) -> None:
    card = make_card(tmp_path, red_box_network())
    # At 640 only every third pixel is looked at, 1501 and 1504 but not 1502.
    box = (1502, 803, 1503, 804)
    frame = frame_with_red(1920, 1080, box)

    whole = load_detector(card, device="cpu").detect(frame)
    tiled = load_detector(card, device="cpu", tiling=Tiling()).detect(frame)

    assert len(whole) == 0
    assert tiled.xyxy[0] == pytest.approx(box, abs=0.01)


def test_a_thing_in_both_tiles_and_the_whole_is_one_thing(tmp_path: Path) -> None:
    card = make_card(tmp_path, red_box_network())
    frame = frame_with_red(1280, 720, (620, 500, 660, 540))

    found = load_detector(card, device="cpu", tiling=Tiling()).detect(frame)

    assert len(found) == 1
    assert found.xyxy[0] == pytest.approx((620, 500, 660, 540), abs=2)


def test_a_thing_cut_by_a_tile_counts_only_whole(tmp_path: Path) -> None:
    # It reaches above the tiles and out of the left one: only the whole picture has it.
    card = make_card(tmp_path, red_box_network())
    frame = frame_with_red(1280, 720, (200, 200, 1100, 600))

    found = load_detector(card, device="cpu", tiling=Tiling()).detect(frame)

    assert len(found) == 1
    assert found.xyxy[0] == pytest.approx((200, 200, 1100, 600), abs=2)


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_the_device_in_use_is_reported(tmp_path: Path, device: str) -> None:
    providers = onnxruntime.get_available_providers()
    wanted = {"cpu"}
    if device == "auto" and "CUDAExecutionProvider" in providers:
        wanted = {"cpu", "cuda"}

    detector = load_detector(make_card(tmp_path, red_box_network()), device=device)

    assert detector.device in wanted


def test_cuda_that_is_not_there_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_card(tmp_path, red_box_network())
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"]
    )

    with pytest.raises(DeviceError, match="the extra cuda"):
        load_detector(card, device="cuda")


def test_cuda_that_does_not_start_is_refused_and_auto_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A build that offers CUDA on a machine without a driver falls back by itself.
    card = make_card(tmp_path, red_box_network())
    real = onnxruntime.InferenceSession
    monkeypatch.setattr(
        onnxruntime,
        "get_available_providers",
        lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"],
    )
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    monkeypatch.setattr(
        onnxruntime,
        "InferenceSession",
        lambda path, options, **_: real(
            path, options, providers=["CPUExecutionProvider"]
        ),
    )

    with pytest.raises(DeviceError, match="does not start"):
        load_detector(card, device="cuda")
    assert load_detector(card, device="auto").device == "cpu"


def test_an_unknown_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="auto, cpu, cuda"):
        load_detector(make_card(tmp_path, red_box_network()), device="tpu")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param({"confidence": 1.2}, "confidence must be in", id="confidence"),
        pytest.param({"long_side_px": 8}, "long_side_px must be in", id="too small"),
    ],
)
def test_options_out_of_range_are_refused(
    tmp_path: Path, wanted: dict[str, float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        load_detector(make_card(tmp_path, red_box_network()), device="cpu", **wanted)


def test_a_fixed_input_takes_no_other_size(tmp_path: Path) -> None:
    card = make_card(tmp_path, red_box_network(fixed_px=(640, 384)))

    with pytest.raises(InputError, match="fixed input of 640x384"):
        load_detector(card, device="cpu", long_side_px=1280)


def one_sentence(error: AuditError) -> bool:
    return "\n" not in str(error) and ". " not in str(error)


def test_a_file_that_is_no_network_is_refused_in_one_sentence(tmp_path: Path) -> None:
    card = make_card(tmp_path, red_box_network())
    (tmp_path / card.file).write_bytes(b"not a network")
    card = replace(card, sha256=hashlib.sha256(b"not a network").hexdigest())

    with pytest.raises(CatalogueError, match="install the model again") as caught:
        load_detector(card, device="cpu")
    assert one_sentence(caught.value)


def test_a_damaged_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    card = make_card(tmp_path, red_box_network())
    data = (tmp_path / card.file).read_bytes()
    (tmp_path / card.file).write_bytes(data[: len(data) // 2])

    with pytest.raises(CatalogueError, match="is damaged") as caught:
        load_detector(card, device="cpu")
    assert one_sentence(caught.value)


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        pytest.param((1, 4 + 3, 9), "yolo", id="too few classes"),
        pytest.param((1, 9, 6), "yolo", id="rows where columns should be? 9 = 4 + 5"),
        pytest.param((1, 9, 7), "nms", id="seven columns"),
        pytest.param((9, 6), "nms", id="no batch"),
    ],
)
def test_an_output_that_the_card_does_not_describe_is_refused(
    tmp_path: Path, shape: tuple[int, ...], kind: OutputKind
) -> None:
    card = make_card(tmp_path, constant_network(np.zeros(shape)), output_kind=kind)
    if shape == (1, 9, 6):
        assert load_detector(card, device="cpu").names == NAMES
        return
    with pytest.raises(CatalogueError, match="the network's output has shape"):
        load_detector(card, device="cpu")


def test_an_input_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    network = constant_network(np.zeros((1, 9, 1)), input_shape=(1, 1, "H", "W"))

    with pytest.raises(CatalogueError, match="input must be one float32 tensor"):
        load_detector(make_card(tmp_path, network), device="cpu")
