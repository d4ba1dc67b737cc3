"""From a network's confidence to the chance that the thing is there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.card import ModelCard
from vision.errors import CatalogueError
from vision.types import Detections

_LEAST = 1e-6


def probability(category: str, confidence: float, card: ModelCard) -> float:
    """Return the calibrated chance in `(0, 1)` of one box.

    `sigmoid(slope * logit(confidence) + intercept)` with the card's numbers for the
    class; a class that was never calibrated keeps its confidence.

    Args:
        category: one of the card's names.
        confidence: of the box, `[0, 1]`.
        card: of the model that gave the box.

    Raises:
        CatalogueError: the model does not name this category.

    Source:
        Platt (1999), on the logit of the score.
    """
    slope, intercept = _numbers(category, card)
    return float(_calibrated(np.array(confidence, np.float64), slope, intercept))


def probabilities(detections: Detections, card: ModelCard) -> npt.NDArray[np.float64]:
    """Return float64 `(N,)`: the calibrated chance of each row, as `probability`.

    Raises:
        CatalogueError: the model of the card does not name a category of the rows.
    """
    numbers = np.array(
        [_numbers(detections.category(row), card) for row in range(len(detections))],
        np.float64,
    ).reshape(-1, 2)
    confidence = detections.confidence.astype(np.float64)
    return _calibrated(confidence, numbers[:, 0], numbers[:, 1])


def _numbers(category: str, card: ModelCard) -> tuple[float, float]:
    if category not in card.names:
        msg = f"model {card.id} does not name {category}; use the card of its own model"
        raise CatalogueError(msg)
    calibration = card.calibration.get(category)
    if calibration is None:
        return 1.0, 0.0
    return calibration.slope, calibration.intercept


def _calibrated(
    confidence: npt.NDArray[np.float64],
    slope: float | npt.NDArray[np.float64],
    intercept: float | npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    inner = confidence.clip(_LEAST, 1 - _LEAST)
    logit = np.log(inner) - np.log1p(-inner)
    chance: npt.NDArray[np.float64] = 1 / (1 + np.exp(-(slope * logit + intercept)))
    return chance
