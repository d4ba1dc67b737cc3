"""What two public networks say of photos that nobody labelled.

One knows the 19 classes of Cityscapes, the other kerbs and markings. Where they
contradict each other, or the first is not sure, a pixel teaches nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.layout.labels import LayoutLabels
from vision.errors import NotFoundError
from vision.types import Image

logger = logging.getLogger(__name__)

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]
Teacher = Callable[[Image], FloatArray]
"""From a BGR picture to float32 `(L, h, w)` probabilities of the teacher's labels."""

CITY_FILE = "espnetv2_s2.0_city_512x256_in640x480.onnx"
ADAS_FILE = "road-segmentation-adas-0001.xml"
SURE = 0.6
"""Least probability of the first teacher's label."""
UNSAID = 255
_CITY_PX = (640, 480)
_ADAS_PX = (896, 512)
_MEAN = np.asarray((0.485, 0.456, 0.406), np.float32)
_SPREAD = np.asarray((0.229, 0.224, 0.225), np.float32)


def city_teacher(weights: Path) -> Teacher:
    """Return the network of the Cityscapes classes and its background.

    Raises:
        NotFoundError: the file is missing.
    """
    import onnxruntime as ort  # noqa: PLC0415

    _require(weights)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        str(weights), options, providers=["CPUExecutionProvider"]
    )

    def look(pixels: Image) -> FloatArray:
        small = cv2.resize(pixels, _CITY_PX, interpolation=cv2.INTER_AREA)
        rgb = np.asarray(small, np.float32)[..., ::-1] / 255
        blob = ((rgb - _MEAN) / _SPREAD).transpose(2, 0, 1)[None]
        scores = session.run(None, {"image": np.ascontiguousarray(blob)})[0][0]
        scores = np.exp(scores - scores.max(axis=0))
        return np.asarray(scores / scores.sum(axis=0), np.float32)

    return look


def kerb_teacher(weights: Path) -> Teacher:
    """Return the network of road, kerb and marking.

    Raises:
        NotFoundError: the file is missing.
    """
    import openvino  # noqa: PLC0415

    _require(weights)
    compiled = openvino.Core().compile_model(
        str(weights), "CPU", {"INFERENCE_NUM_THREADS": 1}
    )

    def look(pixels: Image) -> FloatArray:
        small = cv2.resize(pixels, _ADAS_PX, interpolation=cv2.INTER_AREA)
        blob = np.asarray(small, np.float32).transpose(2, 0, 1)[None]
        said = compiled(np.ascontiguousarray(blob))[0][0]
        return np.asarray(said, np.float32)

    return look


def _require(weights: Path) -> None:
    if not weights.is_file():
        msg = f"{weights} is missing; put the teachers below `shared/weights`"
        raise NotFoundError(msg)


def joint_table(labels: LayoutLabels) -> BoolArray:
    """Return bool `(L1 * L2, C)`: what both teachers together allow, row by row."""
    city, kerb = labels.table("cityscapes"), labels.table("adas")
    both = city[:, None] & kerb[None]
    both[~both.any(axis=2)] = True  # a contradiction teaches nothing
    out: BoolArray = both.reshape(-1, both.shape[2])
    return out


def write_pseudo(
    photos: Iterable[Path], target: Path, city: Teacher, kerb: Teacher
) -> Iterator[tuple[Path, Path]]:
    """Write each photo's joint labels as PNG, the size of the first teacher's output.

    Yields photo and PNG; photos that do not decode are named and left out, those that
    have a PNG are not looked at again.
    """
    target.mkdir(parents=True, exist_ok=True)
    for photo in photos:
        path = target / f"{photo.parent.parent.name}-{photo.stem}.png"
        if not path.is_file():
            read = cv2.imread(str(photo))
            if read is None:
                logger.warning("%s cannot be decoded; left out", photo)
                continue
            pixels = np.asarray(read, np.uint8)
            part = path.with_name(f".{path.name}")
            cv2.imwrite(str(part), joint_labels(city(pixels), kerb(pixels)))
            part.replace(path)
        yield photo, path


def joint_labels(city: FloatArray, kerb: FloatArray) -> npt.NDArray[np.uint8]:
    """Return uint8 `(h, w)` rows of `joint_table` at the first one's size."""
    h, w = city.shape[1:]
    first, second = city.argmax(axis=0), kerb.argmax(axis=0).astype(np.uint8)
    second = cv2.resize(second, (w, h), interpolation=cv2.INTER_NEAREST)
    rows = first * len(kerb) + second
    out: npt.NDArray[np.uint8] = np.where(
        city.max(axis=0) >= SURE, rows, UNSAID
    ).astype(np.uint8)
    return out
