"""Frames -> boxes, with the confidence and the chance of each."""

from vision.detect.base import Detector
from vision.detect.calibrate import probabilities, probability
from vision.detect.decode import Suppression
from vision.detect.draw import draw_detections, row_labels
from vision.detect.fake import FakeBox, FakeDetector
from vision.detect.onnx import DetectOptions, OnnxDetector, load_detector
from vision.detect.reach import select_reaching
from vision.detect.tiles import Tiling

__all__ = [
    "DetectOptions",
    "Detector",
    "FakeBox",
    "FakeDetector",
    "OnnxDetector",
    "Suppression",
    "Tiling",
    "draw_detections",
    "load_detector",
    "probabilities",
    "probability",
    "row_labels",
    "select_reaching",
]
