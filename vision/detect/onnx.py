"""A detector that runs an installed ONNX model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from vision.card import ModelCard
from vision.catalogue import model_file
from vision.detect.decode import (
    Boxes,
    Suppression,
    clip_boxes,
    decode_nms,
    decode_yolo,
    join_boxes,
    suppress,
)
from vision.detect.letterbox import (
    Letterbox,
    fit_fixed,
    fit_native,
    fit_rectangle,
    make_blob,
)
from vision.detect.tiles import Tiling, drop_cut_boxes, lay_windows
from vision.errors import CatalogueError, InputError
from vision.session import OrtErrors, open_session, session_device
from vision.types import Detections, Frame, Image

LEAST_LONG_SIDE_PX = 512
"""The card's size never enlarges a picture beyond its own pixels, except to this."""


@dataclass(frozen=True, slots=True)
class DetectOptions:
    """How closely a picture is looked at.

    Attributes:
        long_side_px: longer side of the network's input; None for the card's.
        confidence: lowest confidence of every class, `[0, 1]`; None for the card's own
            floor of each class. Classes that privacy masks keep the card's lower
            `mask_confidence` in both cases.
        tiling: windows to look at besides the whole picture; None for none.
        suppression: how doubles are removed.
    """

    long_side_px: int | None = None
    confidence: float | None = None
    tiling: Tiling | None = None
    suppression: Suppression = field(default_factory=Suppression)


def load_detector(
    card: ModelCard,
    *,
    device: str,
    long_side_px: int | None = None,
    confidence: float | None = None,
    tiling: Tiling | None = None,
) -> OnnxDetector:
    """Load an installed model.

    Args:
        card: which model; its file is checked against its checksum.
        device: `cpu`, `cuda`, or `auto` for CUDA where it works and else the CPU.
        long_side_px: longer side of the network's input; None for the card's.
        confidence: lowest confidence of every class, `[0, 1]`; None for the card's
            floors. Classes that privacy needs (faces, plates, persons, vehicles) are
            always given down to the card's `mask_confidence`, so that the mask sees
            them; `select_reaching` leaves out what is there for the mask alone.
        tiling: windows to look at besides the whole picture; None for none.

    Raises:
        CatalogueError: the file is missing, damaged, or not as the card says.
        DeviceError: CUDA was asked for and is not there.
        InputError: a number outside its range, or a size that a network with a fixed
            input cannot take.
    """
    options = DetectOptions(
        long_side_px=long_side_px, confidence=confidence, tiling=tiling
    )
    session = open_session(model_file(card), device=device, model_id=card.id)
    return OnnxDetector(card, session, options)


def confidence_floors(
    card: ModelCard, confidence: float | None
) -> npt.NDArray[np.float32]:
    """Return float32 `(C,)`: from which confidence each class is given.

    Raises:
        InputError: `confidence` is not in `[0, 1]`.
    """
    if confidence is not None and not 0 <= confidence <= 1:
        msg = f"confidence must be in [0, 1], got {confidence}"
        raise InputError(msg)
    floors = []
    for name in card.names:
        point = card.operating[name]
        floor = point.confidence if confidence is None else confidence
        if point.mask_confidence is not None:
            floor = min(floor, point.mask_confidence)
        floors.append(floor)
    # A score of exactly 0 is filling, never a box.
    return np.maximum(np.array(floors, np.float32), np.float32(1e-3))


class OnnxDetector:
    """An installed model, ready to look; satisfies `Detector`.

    Args:
        card: what the network names and how its output is laid out.
        session: the network.
        options: how closely to look.

    Raises:
        CatalogueError: the network's input or output is not as the card says.
        InputError: an option outside its range.
    """

    def __init__(
        self, card: ModelCard, session: ort.InferenceSession, options: DetectOptions
    ) -> None:
        self._card = card
        self._session = session
        self._options = options
        self._floors = confidence_floors(card, options.confidence)
        self._fixed_px = _fixed_input(card, session)
        self._long_side_px = self._choose_long_side(options.long_side_px)
        self._input_name: str = session.get_inputs()[0].name
        self._output_name: str = session.get_outputs()[0].name

    @property
    def model_id(self) -> str:
        """Name@version of the model."""
        return self._card.id

    @property
    def device(self) -> str:
        """What it really runs on: `cpu` or `cuda`."""
        return session_device(self._session)

    @property
    def names(self) -> tuple[str, ...]:
        """Category ids by class id."""
        return self._card.names

    def detect(self, frame: Frame) -> Detections:
        """Return the boxes in pixels of `frame.image`, most confident first.

        Raises:
            CatalogueError: the network fails or gives another shape than the card says.
        """
        height_px, width_px = frame.image.shape[:2]
        boxes = self._look(frame.image, self._fit(width_px, height_px))
        tiling = self._options.tiling
        if tiling is not None:
            parts = [boxes, *self._look_closer(frame.image, tiling)]
            boxes = suppress(join_boxes(parts), self._options.suppression)
        boxes = clip_boxes(boxes, width_px, height_px)
        return Detections(
            frame_index=frame.index,
            xyxy=boxes.xyxy,
            confidence=boxes.confidence,
            class_id=boxes.class_id,
            names=self._card.names,
            model_id=self._card.id,
        )

    def _look_closer(self, image: Image, tiling: Tiling) -> list[Boxes]:
        height_px, width_px = image.shape[:2]
        found = []
        for window in lay_windows(width_px, height_px, tiling):
            left, top, right, bottom = window
            letterbox = self._fit_closely(right - left, bottom - top, tiling)
            boxes = self._look(image[top:bottom, left:right], letterbox)
            shift = np.array([left, top, left, top], np.float32)
            there = Boxes(boxes.xyxy + shift, boxes.confidence, boxes.class_id)
            found.append(drop_cut_boxes(there, window, width_px=width_px))
        return found

    def _look(self, image: Image, letterbox: Letterbox) -> Boxes:
        output = self._run(make_blob(image, letterbox))
        if self._card.output_kind == "yolo":
            boxes = decode_yolo(output, self._floors, self._options.suppression)
        else:
            boxes = decode_nms(output, self._floors)
        return Boxes(letterbox.to_picture(boxes.xyxy), boxes.confidence, boxes.class_id)

    def _run(self, blob: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        try:
            output = self._session.run([self._output_name], {self._input_name: blob})[0]
        except OrtErrors as error:
            msg = f"model {self._card.id} failed on an input of shape {blob.shape}"
            raise CatalogueError(msg) from error
        _check_output(self._card, tuple(output.shape))
        return np.asarray(output, np.float32)

    def _fit(self, width_px: int, height_px: int) -> Letterbox:
        if self._fixed_px is not None:
            return fit_fixed(width_px, height_px, input_px=self._fixed_px)
        long_side_px = self._long_side_px
        if self._options.long_side_px is None:
            longest_px = max(width_px, height_px, LEAST_LONG_SIDE_PX)
            long_side_px = min(long_side_px, longest_px)
        return fit_rectangle(
            width_px,
            height_px,
            long_side_px=long_side_px,
            stride=self._card.stride,
        )

    def _fit_closely(self, width_px: int, height_px: int, tiling: Tiling) -> Letterbox:
        if self._fixed_px is not None:
            return fit_fixed(width_px, height_px, input_px=self._fixed_px)
        stride = self._card.stride
        if max(width_px, height_px) <= tiling.longest_px:
            return fit_native(width_px, height_px, stride=stride)
        return fit_rectangle(
            width_px, height_px, long_side_px=tiling.longest_px, stride=stride
        )

    def _choose_long_side(self, wanted_px: int | None) -> int:
        if wanted_px is None:
            return self._card.long_side_px
        if not 64 <= wanted_px <= 4096:
            msg = f"long_side_px must be in [64, 4096], got {wanted_px}"
            raise InputError(msg)
        if self._fixed_px is not None and wanted_px != max(self._fixed_px):
            width, height = self._fixed_px
            msg = (
                f"model {self._card.id} has a fixed input of {width}x{height}, "
                f"so long_side_px cannot be {wanted_px}"
            )
            raise InputError(msg)
        return wanted_px


def _fixed_input(
    card: ModelCard, session: ort.InferenceSession
) -> tuple[int, int] | None:
    """Return (width, height) of a static export, None of a dynamic one."""
    inputs = session.get_inputs()
    first = inputs[0]
    good = len(inputs) == 1 and first.type == "tensor(float)" and len(first.shape) == 4
    if not good or (isinstance(first.shape[1], int) and first.shape[1] != 3):
        msg = (
            f"model {card.id}: the network's input must be one float32 tensor "
            f"(1, 3, H, W), got {first.type} {first.shape}; export it again"
        )
        raise CatalogueError(msg)
    _check_output(card, tuple(session.get_outputs()[0].shape))
    height, width = first.shape[2:]
    if isinstance(height, int) and isinstance(width, int):
        return width, height
    return None


def _check_output(card: ModelCard, shape: tuple[object, ...]) -> None:
    """Refuse an output of another form than the card's; names stand for any size."""
    wanted: tuple[int | str, int | str, int | str] = (1, 4 + len(card.names), "A")
    if card.output_kind == "nms":
        wanted = (1, "K", 6)
    fits = len(shape) == len(wanted) and all(
        got == want
        for got, want in zip(shape, wanted, strict=True)
        if isinstance(got, int) and isinstance(want, int)
    )
    if not fits:
        msg = (
            f"model {card.id}: the network's output has shape {list(shape)}, "
            f"the card's kind {card.output_kind} needs {list(wanted)}"
        )
        raise CatalogueError(msg)
