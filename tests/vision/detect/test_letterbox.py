"""The way into the network and back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vision.detect.letterbox import fit_fixed, fit_native, fit_rectangle, make_blob


@pytest.mark.parametrize(
    ("picture", "into", "inner", "offset"),
    [
        pytest.param((1920, 1080), (640, 384), (640, 360), (0, 12), id="16:9"),
        pytest.param((1280, 720), (640, 384), (640, 360), (0, 12), id="16:9, smaller"),
        pytest.param((640, 480), (640, 480), (640, 480), (0, 0), id="4:3 as it is"),
        pytest.param((1080, 1920), (384, 640), (360, 640), (12, 0), id="upright"),
        pytest.param((400, 120), (640, 192), (640, 192), (0, 0), id="wide, enlarged"),
        pytest.param((500, 500), (640, 640), (640, 640), (0, 0), id="square"),
        pytest.param((5000, 10), (640, 32), (640, 1), (0, 15), id="a thread"),
    ],
)
def test_input_is_the_pictures_own_shape(
    picture: tuple[int, int],
    into: tuple[int, int],
    inner: tuple[int, int],
    offset: tuple[int, int],
) -> None:
    box = fit_rectangle(*picture, long_side_px=640, stride=32)

    assert (box.input_px, box.inner_px, box.offset_px) == (into, inner, offset)


def test_a_long_side_off_the_stride_is_rounded_up() -> None:
    assert fit_rectangle(100, 100, long_side_px=600, stride=32).input_px == (608, 608)


@pytest.mark.parametrize("picture", [(1920, 1080), (377, 911), (400, 120), (33, 2000)])
def test_corners_come_back_exactly(picture: tuple[int, int]) -> None:
    width, height = picture
    for box in (
        fit_rectangle(width, height, long_side_px=640, stride=32),
        fit_fixed(width, height, input_px=(640, 384)),
        fit_native(width, height, stride=32),
    ):
        left, top = box.offset_px
        inner_width, inner_height = box.inner_px
        corners = np.array(
            [[left, top, left + inner_width, top + inner_height]], np.float32
        )

        back = box.to_picture(corners)

        assert back[0] == pytest.approx([0, 0, width, height], abs=1e-3)
        assert 0 <= left <= box.input_px[0] - inner_width
        assert 0 <= top <= box.input_px[1] - inner_height


def test_blob_is_what_training_feeds() -> None:
    # Written out: resize, pad with 114, BGR -> RGB, /255, HWC -> NCHW.
    image = np.random.default_rng(1).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    box = fit_rectangle(160, 90, long_side_px=320, stride=32)
    padded = cv2.copyMakeBorder(
        cv2.resize(image, (320, 180), interpolation=cv2.INTER_LINEAR),
        6, 6, 0, 0, cv2.BORDER_CONSTANT, value=(114, 114, 114),
    )  # fmt: skip
    wanted = padded[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255

    blob = make_blob(image, box)

    assert blob.shape == (1, 3, 192, 320)
    assert blob.dtype == np.float32
    assert blob == pytest.approx(wanted, abs=1e-6)


def test_blob_leaves_the_picture_alone() -> None:
    image = np.full((64, 64, 3), 7, np.uint8)

    make_blob(image, fit_rectangle(64, 64, long_side_px=64, stride=32))

    assert (image == 7).all()
