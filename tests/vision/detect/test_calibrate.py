"""Confidence -> probability."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.vision.detect.networks import NAMES, make_card, red_box_network
from vision.card import Calibration, ModelCard, Operating
from vision.detect import probabilities, probability, select_reaching
from vision.errors import CatalogueError
from vision.types import Detections


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return make_card(
        tmp_path,
        red_box_network(),
        calibration={"litter": Calibration(slope=0.5, intercept=-1.0)},
        operating={"face": Operating(0.5, mask_confidence=0.1)},
    )


def detections(*rows: tuple[str, float]) -> Detections:
    n = len(rows)
    return Detections(
        frame_index=0,
        xyxy=np.tile(np.array([0, 0, 9, 9], np.float32), (n, 1)),
        confidence=np.array([c for _, c in rows], np.float32),
        class_id=np.array([NAMES.index(name) for name, _ in rows], np.int32),
        names=NAMES,
        model_id="tiny@1",
    )


def test_the_cards_numbers_are_applied_on_the_logit(card: ModelCard) -> None:
    # logit(0.8) = ln 4; 0.5 ln 4 - 1 = ln 2 - 1; sigmoid = 2 / (2 + e)
    assert probability("litter", 0.8, card) == pytest.approx(2 / (2 + math.e))


def test_a_class_without_numbers_keeps_its_confidence(card: ModelCard) -> None:
    assert probability("car", 0.37, card) == pytest.approx(0.37)


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_the_ends_stay_finite_and_inside(card: ModelCard, confidence: float) -> None:
    assert 0 < probability("litter", confidence, card) < 1


def test_more_confidence_is_never_less_chance(card: ModelCard) -> None:
    steps = [probability("litter", c, card) for c in np.linspace(0, 1, 101)]

    assert steps == sorted(steps)


def test_rows_together_are_rows_one_by_one(card: ModelCard) -> None:
    rows = [("litter", 0.8), ("car", 0.4), ("litter", 0.1)]

    together = probabilities(detections(*rows), card)

    assert together == pytest.approx(
        [probability(n, c, card) for n, c in rows], rel=1e-6
    )
    assert probabilities(detections(), card).shape == (0,)


def test_another_models_category_is_refused(card: ModelCard) -> None:
    with pytest.raises(CatalogueError, match="does not name graffiti"):
        probability("graffiti", 0.5, card)


@pytest.mark.parametrize(
    ("confidence", "kept"),
    [
        pytest.param(None, ["litter", "face"], id="the card's, class by class"),
        pytest.param(0.55, ["face"], id="one for all"),
        pytest.param(0.0, ["litter", "face", "face", "car"], id="all"),
    ],
)
def test_rows_given_for_the_mask_alone_are_left_out(
    card: ModelCard, confidence: float | None, kept: list[str]
) -> None:
    rows = detections(("litter", 0.5), ("face", 0.6), ("face", 0.2), ("car", 0.2))

    got = select_reaching(rows, card, confidence=confidence)

    assert [got.category(row) for row in range(len(got))] == kept
