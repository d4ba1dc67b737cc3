"""Leave out boxes that were given for the mask alone."""

from __future__ import annotations

import numpy as np

from vision.card import ModelCard
from vision.types import Detections


def select_reaching(
    detections: Detections, card: ModelCard, *, confidence: float | None = None
) -> Detections:
    """Return the rows that count as seen.

    Args:
        detections: of the card's model.
        card: gives the confidence from which each class counts.
        confidence: counts for every class instead, `[0, 1]`.
    """
    floors = np.array(
        [
            card.operating[name].confidence if confidence is None else confidence
            for name in card.names
        ],
        np.float32,
    )
    reached = detections.confidence >= floors[detections.class_id]
    return detections.select(np.flatnonzero(reached))
