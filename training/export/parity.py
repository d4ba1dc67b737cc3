"""Do two forms of one network say the same of the same real pictures?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.pixels import read_pixels
from training.types import LabelledImage
from training.yolo_env import import_ultralytics
from vision.detect.letterbox import fit_fixed, make_blob
from vision.errors import FootageError, InputError
from vision.types import Image

logger = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]
Engine = Callable[[Floats], Floats]
"""float32 `(1, 3, H, W)` -> float32 `(1, 4 + C, A)`, boxes in input pixels."""

SHAPES = ((544, 960), (384, 640), (640, 480))
"""Input sizes (height, width) at which two networks are compared."""
SEEN = 0.1
"""Boxes are compared where a score of either network reaches this."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two networks are apart over all pictures and shapes.

    Attributes:
        pictures: how many were looked at, each in every shape.
        score_max: largest difference of a class score, `[0, 1]`.
        score_mean: mean difference of all scores of anchors that see something.
        box_max_px: largest difference of a box edge of such an anchor, input pixels.
        box_mean_px: mean of those; both None where no anchor saw anything.
        anchors: how many anchors saw something.
    """

    pictures: int
    score_max: float
    score_mean: float | None
    box_max_px: float | None
    box_mean_px: float | None
    anchors: int


def spread(images: Sequence[LabelledImage], count: int) -> list[Image]:
    """Return the pixels of up to `count` pictures, spread evenly over all sources.

    A picture that does not decode is named and skipped.
    """
    ordered = sorted(images, key=lambda image: image.key)
    wanted = np.linspace(0, len(ordered) - 1, min(count, len(ordered))).round()
    out: list[Image] = []
    for number in wanted.astype(int):
        try:
            out.append(read_pixels(ordered[number]))
        except FootageError as error:
            logger.warning("picture skipped: %s", error)
    return out


def blobs(
    pictures: Iterable[Image], shapes: Sequence[tuple[int, int]] = SHAPES
) -> Iterable[Floats]:
    """Yield every picture letterboxed into every (height, width)."""
    for picture in pictures:
        height_px, width_px = picture.shape[:2]
        for height, width in shapes:
            box = fit_fixed(width_px, height_px, input_px=(width, height))
            yield make_blob(picture, box)


def parity_on(
    reference: Engine,
    other: Engine,
    pictures: Sequence[Image],
    *,
    shapes: Sequence[tuple[int, int]] = SHAPES,
) -> Difference:
    """Return how far `other` is from `reference` on pictures.

    Raises:
        InputError: no picture was given.
    """
    if not pictures:
        msg = "two networks cannot be compared without a picture; give at least one"
        raise InputError(msg)
    score_max = 0.0
    scores: list[Floats] = [np.zeros(0, np.float32)]
    edges: list[Floats] = [np.zeros(0, np.float32)]
    anchors = 0
    for blob in blobs(pictures, shapes):
        ours, theirs = reference(blob)[0], other(blob)[0]
        apart = np.abs(ours[4:] - theirs[4:])
        score_max = max(score_max, float(apart.max()))
        seen = np.maximum(ours[4:], theirs[4:]).max(axis=0) >= SEEN
        anchors += int(seen.sum())
        scores.append(apart[:, seen].ravel())
        edges.append(np.abs(_xyxy(ours[:4, seen]) - _xyxy(theirs[:4, seen])).ravel())
    score, edge = np.concatenate(scores), np.concatenate(edges)
    return Difference(
        pictures=len(pictures),
        score_max=score_max,
        score_mean=float(score.mean()) if len(score) else None,
        box_max_px=float(edge.max()) if len(edge) else None,
        box_mean_px=float(edge.mean()) if len(edge) else None,
        anchors=anchors,
    )


def _xyxy(rows: Floats) -> Floats:
    half = rows[2:] / 2
    return np.vstack([rows[:2] - half, rows[:2] + half])


def torch_engine(checkpoint: Path) -> Engine:
    """Return a checkpoint as it was taught, fp32."""
    ultralytics = import_ultralytics()
    import torch  # noqa: PLC0415

    network = ultralytics.YOLO(str(checkpoint)).model.float().eval()

    def run(blob: Floats) -> Floats:
        with torch.inference_mode():
            output: Floats = network(torch.from_numpy(blob))[0].numpy()
        return output

    return run


def parity(
    checkpoint: Path, onnx_file: Path, pictures: Sequence[Image] | None = None
) -> float:
    """Return the largest difference of a class score between torch and ONNX.

    Args:
        checkpoint: as taught.
        onnx_file: as exported.
        pictures: real ones; None for smooth noise, which says less, since a network
            sees nothing in it.
    """
    from training.export.engines import onnx_engine  # noqa: PLC0415

    looked_at = list(pictures) if pictures else _noise()
    engine = onnx_engine(onnx_file, threads=2)
    return parity_on(torch_engine(checkpoint), engine, looked_at).score_max


def _noise() -> list[Image]:
    rng = np.random.default_rng(6)
    small = rng.integers(0, 255, (34, 60, 3), np.uint8)
    return [small.repeat(16, axis=0).repeat(16, axis=1)]
