"""The teachers: public pretrained networks that box what our photos do not label.

Each takes a BGR picture and gives boxes in its fractions. They are never shipped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.types import Box
from training.yolo_env import load_yolo
from vision.types import Image

Teacher = Callable[[Image], tuple[Box, ...]]
FloatRows = npt.NDArray[np.float32]

COCO_CATEGORY = {
    0: "person",
    1: "bicycle",
    2: "car",
    3: "motorcycle",
    5: "bus",
    7: "truck",
    25: "umbrella",
}
COCO_FLOOR = 0.35
FACE_FLOOR = 0.7
PLATE_FLOOR = 0.45
COVER_FLOOR = 0.5
FACE_STRIDES = (8, 16, 32)
COVER_ROW = 9
"""The row of D50 (utility hole) among the teacher's ten kinds of road damage."""


def coco_teacher(weights: Path, *, floor: float = COCO_FLOOR) -> Teacher:
    """Return the teacher of traffic and people (YOLOv8s, COCO)."""
    model = load_yolo(weights)

    def teach(image: Image) -> tuple[Box, ...]:
        h, w = image.shape[:2]
        side = int(np.clip(np.ceil(max(h, w) / 32) * 32, 640, 800))
        result = model.predict(
            image, imgsz=side, conf=floor, classes=list(COCO_CATEGORY), verbose=False
        )[0]
        rows = result.boxes.data.numpy()
        return tuple(
            _box(COCO_CATEGORY[int(row[5])], row[:4], size=(w, h), confidence=row[4])
            for row in rows
        )

    return teach


def face_teacher(weights: Path, *, floor: float = FACE_FLOOR) -> Teacher:
    """Return the teacher of faces (YuNet), on pictures enlarged to 960 px."""
    import onnxruntime as ort  # noqa: PLC0415

    session = ort.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    feed = session.get_inputs()[0].name
    names = [f"{kind}_{s}" for s in FACE_STRIDES for kind in ("cls", "obj", "bbox")]

    def teach(image: Image) -> tuple[Box, ...]:
        canvas, scale = _letterbox(image, 960)
        blob = canvas[None].transpose(0, 3, 1, 2).astype(np.float32)
        found = session.run(names, {feed: np.ascontiguousarray(blob)})
        parts, scores = [], []
        for row, stride in enumerate(FACE_STRIDES):
            cls, obj, bbox = (found[3 * row + k][0] for k in range(3))
            side = 960 // stride
            cell = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1)
            centre = (cell.reshape(-1, 2) + bbox[:, :2]) * stride
            size = np.exp(bbox[:, 2:]) * stride
            parts.append(np.hstack([centre, size]))
            scores.append(np.sqrt(np.clip(cls * obj, 0, 1)).ravel())
        rows, score = np.vstack(parts), np.concatenate(scores)
        return _boxes_from_rows("face", rows, score, image, (scale, floor))

    return teach


def plate_teacher(weights: Path, *, floor: float = PLATE_FLOOR) -> Teacher:
    """Return the teacher of licence plates (a YOLOv5-face network, 640 px, RGB)."""
    import onnxruntime as ort  # noqa: PLC0415

    session = ort.InferenceSession(str(weights), providers=["CPUExecutionProvider"])

    def teach(image: Image) -> tuple[Box, ...]:
        canvas, scale = _letterbox(image, 640)
        blob = canvas[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32) / 255
        rows = session.run(None, {"input": np.ascontiguousarray(blob)})[0][0]
        score = rows[:, 4] * rows[:, 13:15].max(axis=1)
        return _boxes_from_rows("licence_plate", rows, score, image, (scale, floor))

    return teach


def cover_teacher(weights: Path, *, floor: float = COVER_FLOOR) -> Teacher:
    """Return the teacher of manhole covers, on two enlarged tiles of the lower half."""
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

    network = Interpreter(str(weights), num_threads=1)
    network.allocate_tensors()
    source = network.get_input_details()[0]["index"]
    sink = network.get_output_details()[0]["index"]

    def see(tile: Image) -> tuple[Box, ...]:
        canvas, scale = _letterbox(tile, 320)
        network.set_tensor(source, canvas[None, :, :, ::-1].astype(np.float32) / 255)
        network.invoke()
        rows = network.get_tensor(sink)[0].T.copy()
        rows[:, :4] *= 320
        sure = rows[:, 4 + COVER_ROW]
        return _boxes_from_rows("manhole_ok", rows, sure, tile, (scale, floor))

    def teach(image: Image) -> tuple[Box, ...]:
        h, w = image.shape[:2]
        top, side = int(h * 0.45), int(w * 0.55)
        found: list[Box] = []
        for left in (0, w - side):
            tile = image[top:, left : left + side]
            th, tw = tile.shape[:2]
            found.extend(
                Box(
                    b.category,
                    (left + b.x1 * tw) / w,
                    (top + b.y1 * th) / h,
                    (left + b.x2 * tw) / w,
                    (top + b.y2 * th) / h,
                    b.confidence,
                )
                for b in see(tile)
            )
        return tuple(found)

    return teach


def _letterbox(image: Image, side: int) -> tuple[Image, float]:
    h, w = image.shape[:2]
    scale = side / max(h, w)
    canvas = np.full((side, side, 3), 114, np.uint8)
    small = cv2.resize(image, (round(w * scale), round(h * scale)))
    canvas[: small.shape[0], : small.shape[1]] = small
    return canvas, scale


def _boxes_from_rows(
    category: str,
    rows: FloatRows,
    score: FloatRows,
    image: Image,
    scale_and_floor: tuple[float, float],
) -> tuple[Box, ...]:
    scale, floor = scale_and_floor
    keep = score >= floor
    centre, score = rows[keep, :4] / scale, score[keep]
    if not len(score):
        return ()
    corner = np.hstack([centre[:, :2] - centre[:, 2:] / 2, centre[:, 2:]])
    chosen = cv2.dnn.NMSBoxes(corner.tolist(), score.tolist(), floor, 0.5)
    h, w = image.shape[:2]
    return tuple(
        _box(
            category,
            np.array([x, y, x + bw, y + bh]),
            size=(w, h),
            confidence=float(score[row]),
        )
        for row in np.asarray(chosen).ravel()
        for x, y, bw, bh in [corner[row]]
    )


def _box(
    category: str, xyxy: FloatRows, *, size: tuple[int, int], confidence: float
) -> Box:
    w, h = size
    x1, x2 = np.clip(xyxy[[0, 2]] / w, 0, 1)
    y1, y2 = np.clip(xyxy[[1, 3]] / h, 0, 1)
    return Box(
        category,
        float(x1),
        float(y1),
        float(x2),
        float(y2),
        round(float(confidence), 4),
    )
