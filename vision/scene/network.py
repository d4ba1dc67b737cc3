"""A layout reader that runs an installed ONNX model."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from vision.catalogue import LayoutCard, model_file
from vision.errors import CatalogueError, InputError
from vision.scene.layout import Layout
from vision.session import OrtErrors, open_session
from vision.types import Image

SCORES_STRIDE = 4
"""Pixels of the input to one of the scores."""

FloatArray = npt.NDArray[np.float32]


def load_layout(
    card: LayoutCard, *, device: str, long_side_px: int | None = None
) -> OnnxLayout:
    """Load an installed layout network.

    Args:
        card: which; its file is checked against its checksum.
        device: `cpu`, `cuda`, or `auto` for CUDA where it works and else the CPU.
        long_side_px: longer side of the network's input; None for the card's.

    Raises:
        CatalogueError: the file is missing, damaged, or not as the card says.
        DeviceError: CUDA was asked for and is not there.
        InputError: `long_side_px` is less than one stride.
    """
    wanted = long_side_px or card.long_side_px
    if wanted < card.stride:
        msg = f"long_side_px must be at least {card.stride}, got {wanted}"
        raise InputError(msg)
    session = open_session(model_file(card), device=device, model_id=card.id)
    return OnnxLayout(card, session, wanted)


class OnnxLayout:
    """An installed layout network; satisfies `LayoutReader`."""

    def __init__(
        self, card: LayoutCard, session: ort.InferenceSession, long_side_px: int
    ) -> None:
        self._card = card
        self._session = session
        self._long_side_px = long_side_px
        self._input = session.get_inputs()[0].name

    @property
    def model_id(self) -> str:
        """name@version."""
        return self._card.id

    @property
    def names(self) -> tuple[str, ...]:
        """The classes, in the order of the channels."""
        return self._card.names

    def read(self, pixels: Image) -> Layout:
        """Return the layout at half the size of the network's input.

        A picture is never enlarged, except to the next multiple of the stride.

        Raises:
            CatalogueError: the network cannot be run or has other classes.
        """
        width, height = self._input_size(pixels)
        return self._layout(pixels, (width // 2, height // 2))

    def read_whole(self, pixels: Image) -> Layout:
        """Return the layout at the picture's own size; for showing and measuring."""
        return self._layout(pixels, (pixels.shape[1], pixels.shape[0]))

    def _layout(self, pixels: Image, size: tuple[int, int]) -> Layout:
        scores = self._scores(pixels)
        large = np.stack(
            [cv2.resize(s, size, interpolation=cv2.INTER_LINEAR) for s in scores]
        )
        classes = large.argmax(axis=0)
        top = np.take_along_axis(large, classes[None], axis=0)[0]
        with np.errstate(under="ignore"):
            sure = 1.0 / np.exp(large - top).sum(axis=0)
        return Layout(classes.astype(np.uint8), sure.astype(np.float32), self.names)

    def _scores(self, pixels: Image) -> FloatArray:
        small = cv2.resize(
            pixels, self._input_size(pixels), interpolation=cv2.INTER_AREA
        )
        blob = small[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
        try:
            (scores,) = self._session.run(
                None, {self._input: np.ascontiguousarray(blob)}
            )
        except OrtErrors as error:
            msg = f"model {self._card.id} cannot be run on {small.shape} ({error})"
            raise CatalogueError(msg) from error
        if scores.shape[1] != len(self.names):
            msg = (
                f"model {self._card.id} gives {scores.shape[1]} classes, its card "
                f"names {len(self.names)}; install the model again"
            )
            raise CatalogueError(msg)
        out: FloatArray = scores[0]
        return out

    def _input_size(self, pixels: Image) -> tuple[int, int]:
        height, width = pixels.shape[:2]
        ratio = min(1.0, self._long_side_px / max(height, width))
        stride = self._card.stride
        return (
            max(1, round(width * ratio / stride)) * stride,
            max(1, round(height * ratio / stride)) * stride,
        )
