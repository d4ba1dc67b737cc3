"""Teach windows of pictures at the size at which an audit looks at them.

The trainer shrinks every picture to the side of its input and then enlarges it again
at random: what is small in a street has lost its detail before the network sees it.
Here pictures keep the size of the audit's frames. A mosaic still joins four shrunken
ones; every other picture is a window of the frame, most often around something
labelled.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.yolo_env import import_ultralytics

AROUND_A_BOX = 0.8
"""Share of the windows that are laid around a labelled box, if there is one."""
OFF_CENTRE = 0.4
"""How far the box may lie from the window's middle, in sides of the window."""
SCALE = (0.6, 1.4)
"""Magnification; no window is wider than its picture, unless the picture is small."""


def shrunk(picture: Any, long_side_px: int) -> Any:
    """Return a uint8 `(H, W, 3)` picture made to fit; never enlarged."""
    height_px, width_px = picture.shape[:2]
    ratio = long_side_px / max(height_px, width_px)
    if ratio >= 1:
        return picture
    size = (max(1, round(width_px * ratio)), max(1, round(height_px * ratio)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def window_middle(
    size_px: tuple[int, int],
    window_px: float,
    boxes: npt.NDArray[np.floating[Any]],
    draw: Callable[[], float] = random.random,
) -> tuple[float, float]:
    """Return the middle of a window, pixels of the picture, x and y.

    Args:
        size_px: width and height of the picture.
        window_px: side of the window, in pixels of the picture.
        boxes: `(N, 4)` xyxy pixels.
        draw: returns numbers from 0 to 1.

    The window stays inside the picture where it fits.
    """
    if len(boxes) and draw() < AROUND_A_BOX:
        box = boxes[min(int(draw() * len(boxes)), len(boxes) - 1)]
        near = [
            float(low + high) / 2 + (2 * draw() - 1) * OFF_CENTRE * window_px
            for low, high in zip(box[:2], box[2:], strict=True)
        ]
    else:
        near = [draw() * side for side in size_px]
    half = window_px / 2
    x, y = (
        side / 2 if side <= window_px else min(max(at, half), side - half)
        for at, side in zip(near, size_px, strict=True)
    )
    return x, y


def teach_windows(dataset: Any, frame_px: int) -> None:
    """Let a trainer's dataset, not yet cached, keep frames and show windows of them.

    Args:
        dataset: of the detection task, with augmentation.
        frame_px: longer side at which pictures are kept; never enlarged.
    """
    import_ultralytics()
    from ultralytics.utils.patches import imread  # noqa: PLC0415

    class Frames(type(dataset)):  # type: ignore[misc]
        """Keep frames as they are."""

        def load_image(
            self, i: int, *_: object, **__: object
        ) -> tuple[Any, tuple[int, int], tuple[int, int]]:
            if self.ims[i] is None:
                whole = imread(self.im_files[i], flags=self.cv2_flag)
                kept = shrunk(whole, frame_px)
                return kept, whole.shape[:2], kept.shape[:2]
            return self.ims[i], self.im_hw0[i], self.im_hw[i]

        def build_transforms(self, hyp: Any = None) -> Any:
            steps = super().build_transforms(hyp)
            _show_windows(steps.transforms, int(self.imgsz))
            return steps

    dataset.__class__ = Frames
    _show_windows(dataset.transforms.transforms, int(dataset.imgsz))


def _show_windows(steps: list[Any], input_px: int) -> None:
    """Let mosaics shrink what they join, and the rest be windows."""
    from ultralytics.data.augment import Mosaic, RandomPerspective  # noqa: PLC0415

    for step in steps:
        if isinstance(step, RandomPerspective):
            step.__class__ = _windows_of(type(step))
        elif isinstance(step, Mosaic):
            step.__class__ = _joining_small(type(step))
            step.pre_transform, step.buffer_enabled = partial(_fit, input_px), False
        elif hasattr(step, "transforms") and isinstance(step.transforms, list):
            _show_windows(step.transforms, input_px)


def _fit(input_px: int, labels: dict[str, Any]) -> dict[str, Any]:
    labels["img"] = shrunk(labels["img"], input_px)
    labels["resized_shape"] = labels["img"].shape[:2]
    return labels


def _joining_small(mosaic: Any) -> Any:
    """Return the kind of mosaic that also shrinks the picture it starts from."""

    class Shrunk(mosaic):  # type: ignore[misc]
        def get_params(self, labels: dict[str, Any]) -> dict[str, Any]:
            params: dict[str, Any] = super().get_params(_fit(self.imgsz, labels))
            return params

    return Shrunk


def _windows_of(perspective: Any) -> Any:
    """Return the kind of affine step that takes windows but of mosaics."""

    class Windows(perspective):  # type: ignore[misc]
        def get_params(self, labels: dict[str, Any]) -> dict[str, Any]:
            input_px = self.size[0]
            height_px, width_px = labels["img"].shape[:2]
            if (height_px, width_px) == (2 * input_px, 2 * input_px):  # a mosaic
                params: dict[str, Any] = super().get_params(labels)
                return params
            fills = min(1.0, input_px / max(height_px, width_px))
            scale = random.uniform(max(SCALE[0], fills), SCALE[1])  # noqa: S311
            instances = labels["instances"]
            instances.convert_bbox(format="xyxy")
            instances.denormalize(width_px, height_px)
            x, y = window_middle(
                (width_px, height_px), input_px / scale, instances.bboxes
            )
            shift = (input_px / 2 - scale * x, input_px / 2 - scale * y)
            matrix = [[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]]
            return {
                "M": np.array(matrix, np.float32),
                "scale": scale,
                "orig_shape": (height_px, width_px),
                "size": (input_px, input_px),
            }

    return Windows
