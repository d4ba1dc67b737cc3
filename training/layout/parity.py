"""How far the exported network is from the taught one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np


def layout_parity(network: Any, onnx: Path, pictures: Sequence[Path]) -> float:
    """Return the largest difference of a class's probability, torch against ONNX.

    Args:
        network: the torch network.
        onnx: what was exported from it.
        pictures: real ones; each is cut to multiples of 32.
    """
    import onnxruntime as ort  # noqa: PLC0415
    import torch  # noqa: PLC0415

    session = ort.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    largest = 0.0
    for path in pictures:
        pixels = np.asarray(cv2.imread(str(path)))
        h, w = (side // 32 * 32 for side in pixels.shape[:2])
        rgb = pixels[:h, :w, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
        blob = np.ascontiguousarray(rgb)
        with torch.no_grad():
            taught = network(torch.from_numpy(blob)).numpy()
        (shipped,) = session.run(None, {session.get_inputs()[0].name: blob})
        gap = np.abs(_probabilities(taught) - _probabilities(shipped)).max()
        largest = max(largest, float(gap))
    return largest


def _probabilities(scores: Any) -> Any:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
