"""What a detector saw in labelled pictures, remembered between runs."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zipfile import BadZipFile

import cv2
import numpy as np
import numpy.typing as npt

from training.evaluate.light import LIGHTS, Light, light_of
from training.labels import RENDERED
from training.pixels import read_pixels
from training.split import perceptual_hash
from training.types import LabelledImage
from vision.detect import Detector
from vision.detect.onnx import LEAST_LONG_SIDE_PX
from vision.errors import FootageError
from vision.types import Frame, Image

logger = logging.getLogger(__name__)

Kind = Literal["real", "rendered"]
KINDS: tuple[Kind, ...] = ("real", "rendered")
FORM = 1
"""Of a remembered look; another number looks again."""


@dataclass(frozen=True, slots=True)
class Eye:
    """One network at one input size.

    Attributes:
        detector: gives boxes down to a confidence of about 0.01.
        network: its name in tables, e.g. `street@1`.
        sha256: of its file; the memory goes by it.
        size: `640`, `960`, or `960+tiles`.
        long_side_px: of the whole picture's input; smaller pictures are not enlarged.
        memory: folder of remembered looks; None to look anew each time.
    """

    detector: Detector
    network: str
    sha256: str
    size: str
    long_side_px: int
    memory: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture, its labels and what was found in it.

    Attributes:
        image: the picture and its labels.
        width_px: of the picture.
        height_px: of the picture.
        scale: pixels of the network's input a pixel of the picture.
        light: how it is lit.
        look: 64-bit perceptual hash.
        xyxy: float64 `(N, 4)`, pixels of the picture, most confident first.
        confidence: float64 `(N,)`.
        found_names: N categories.
        core_ms: processor time of the look over all cores.
    """

    image: LabelledImage
    width_px: int
    height_px: int
    scale: float
    light: Light
    look: int
    xyxy: npt.NDArray[np.float64]
    confidence: npt.NDArray[np.float64]
    found_names: tuple[str, ...]
    core_ms: float

    @property
    def kind(self) -> Kind:
        """Return whether the picture is real or rendered."""
        return "rendered" if self.image.source.startswith(RENDERED) else "real"


def see(eye: Eye, images: Iterable[LabelledImage]) -> list[Seen]:
    """Return what the eye sees; a picture that does not decode is named and skipped."""
    out: list[Seen] = []
    for image in images:
        try:
            out.append(_see(eye, image))
        except FootageError as error:
            logger.warning("picture skipped: %s", error)
    return out


def _see(eye: Eye, image: LabelledImage) -> Seen:
    kept = _remembered(eye, image)
    if kept is not None and kept.is_file():
        try:
            return _recall(eye, image, kept)
        except (OSError, KeyError, ValueError, BadZipFile):
            kept.unlink()
    seen = _look(eye, image)
    if kept is not None:
        _remember(kept, seen, eye.detector.names)
    return seen


def _look(eye: Eye, image: LabelledImage) -> Seen:
    pixels = read_pixels(image)
    h, w = pixels.shape[:2]
    before = time.process_time()
    found = eye.detector.detect(Frame(0, 0.0, 0.0, pixels, image.path.name))
    spent_ms = (time.process_time() - before) * 1000
    return Seen(
        image=image,
        width_px=w,
        height_px=h,
        scale=_scale(eye, w, h),
        light=light_of(_grey(pixels)),
        look=perceptual_hash(image),
        xyxy=found.xyxy.astype(np.float64),
        confidence=found.confidence.astype(np.float64),
        found_names=tuple(found.category(row) for row in range(len(found))),
        core_ms=spent_ms,
    )


def _grey(pixels: Image) -> Image:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)


def _scale(eye: Eye, width_px: int, height_px: int) -> float:
    longest_px = max(width_px, height_px)
    if "tiles" in eye.size:
        return 1.0
    return min(eye.long_side_px, max(longest_px, LEAST_LONG_SIDE_PX)) / longest_px


def _remembered(eye: Eye, image: LabelledImage) -> Path | None:
    if eye.memory is None:
        return None
    try:
        content = image.path.read_bytes()
    except OSError as error:
        msg = f"{image.path} cannot be read ({error.strerror}); remove it from the set"
        raise FootageError(msg) from error
    picture = hashlib.sha256(content).hexdigest()[:24]
    folder = eye.memory / f"{eye.sha256[:16]}-{eye.size}-{FORM}"
    return folder / f"{picture}.npz"


def _remember(path: Path, seen: Seen, names: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    ids = [names.index(name) for name in seen.found_names]
    with part.open("wb") as stream:
        np.savez(
            stream,
            size=np.array([seen.width_px, seen.height_px]),
            light=np.array(LIGHTS.index(seen.light)),
            look=np.array(seen.look, np.uint64),
            xyxy=seen.xyxy,
            confidence=seen.confidence,
            class_id=np.array(ids, np.int64),
            core_ms=np.array(seen.core_ms),
        )
    part.replace(path)


def _recall(eye: Eye, image: LabelledImage, path: Path) -> Seen:
    with np.load(path) as kept:
        w, h = (int(v) for v in kept["size"])
        return Seen(
            image=image,
            width_px=w,
            height_px=h,
            scale=_scale(eye, w, h),
            light=LIGHTS[int(kept["light"])],
            look=int(kept["look"]),
            xyxy=kept["xyxy"],
            confidence=kept["confidence"],
            found_names=tuple(eye.detector.names[i] for i in kept["class_id"]),
            core_ms=float(kept["core_ms"]),
        )
