"""From a checkpoint to the shipped ONNX, and what other precisions would give."""

from training.export.onnx_file import export_onnx, sha256_of
from training.export.parity import Difference, parity, parity_on, spread

__all__ = [
    "Difference",
    "export_onnx",
    "parity",
    "parity_on",
    "sha256_of",
    "spread",
]
