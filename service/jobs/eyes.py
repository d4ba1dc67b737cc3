"""The detector and the roads that all watches of a worker share."""

from __future__ import annotations

import threading
from pathlib import Path

from service.cameras.register import roads_of
from service.roads import RoadNetwork, load_roads
from service.settings import Settings
from vision.card import ModelCard
from vision.catalogue import load_card
from vision.detect import Detector, load_detector
from vision.types import Detections, Frame


class Eyes:
    """Opened once for all watches of a process.

    One picture is looked at at a time, so that many cameras together keep no more than
    one detector busy beside the drive at hand.

    Args:
        settings: where models run, and the road file.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._known: dict[str, tuple[ModelCard, Detector]] = {}
        self._network: tuple[Path, int, RoadNetwork] | None = None

    def of(self, model: str) -> tuple[ModelCard, Detector]:
        """Return a model's card and its detector."""
        with self._lock:
            if model not in self._known:
                jobs = self._settings.jobs
                card = load_card(model, jobs.models)
                detector = load_detector(card, device=jobs.device)
                self._known[model] = card, _InTurn(detector)
            return self._known[model]

    def roads(self) -> RoadNetwork:
        """Return the city's roads, read again where their file changed."""
        with self._lock:
            return roads_of(self._settings, self._read)

    def _read(self, path: Path) -> RoadNetwork:
        changed_ns = path.stat().st_mtime_ns if path.is_file() else 0
        if self._network is None or self._network[:2] != (path, changed_ns):
            self._network = path, changed_ns, load_roads(path)
        return self._network[2]


class _InTurn:
    """A detector that several threads share; a `Detector`."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._lock = threading.Lock()
        self.model_id = detector.model_id
        self.device = detector.device
        self.names = detector.names

    def detect(self, frame: Frame) -> Detections:
        """Return the boxes of a frame, when it is its turn."""
        with self._lock:
            return self._detector.detect(frame)
