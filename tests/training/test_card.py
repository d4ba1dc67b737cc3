from dataclasses import replace
from pathlib import Path

import pytest

from training.card import CardFacts, DataRow, read_licences, render_card
from training.evaluate import ClassReport, KindReport
from vision.catalogue import load_card

ROOT = Path(__file__).resolve().parents[2]
FACTS = CardFacts(
    model_id="street@9",
    sha256="0" * 64,
    trained_at="2026-01-31T12:00:00Z",
    code_version="abc1234",
    summary='Sees "litter" and faces.',
    limits=("Daylight only.",),
    long_side_px=960,
    names=("litter", "face"),
    data=(DataRow("litter_kerb", "CC-BY-4.0", 54, "train", "real", "taught"),),
)
REAL = KindReport(
    instances=212,
    groups=40,
    ap50=0.41,
    ap50_95=0.2,
    interval50=(0.35, 0.48),
    interval50_95=(0.15, 0.25),
    precision=0.7,
    recall=0.5,
    sizes={},
    lights={},
)
SEEN = ClassReport(
    confidence=0.3,
    chosen_by="score",
    score_error=0.8,
    slope=0.9,
    intercept=-0.2,
    calibrated_on="real",
    kinds={"real": REAL},
)
UNSEEN = replace(SEEN, kinds={}, confidence=0.2)


def test_a_card_is_read_by_the_catalogue_as_it_was_meant(tmp_path: Path) -> None:
    text = render_card(FACTS, {"litter": SEEN, "face": UNSEEN})
    (tmp_path / "street@9.toml").write_text(text, encoding="utf-8")

    card = load_card("street@9", tmp_path)

    assert card.summary == FACTS.summary
    assert card.names == ("litter", "face")
    assert card.long_side_px == 960
    assert card.operating["litter"].confidence == pytest.approx(0.3)
    assert card.measured["litter"].real is not None
    assert card.measured["litter"].real.instances == 212
    assert card.measured["litter"].real.ap50_low == pytest.approx(0.35)
    assert card.measured["litter"].real.ap50_high == pytest.approx(0.48)
    assert card.measured["litter"].real.ap50_95 == pytest.approx(0.2)
    assert card.measured["litter"].rendered is None
    assert "face" not in card.measured
    assert card.calibration["litter"].slope == pytest.approx(0.9)
    assert card.data[0].license == "CC-BY-4.0"


def test_faces_are_masked_far_below_the_point_where_they_count(tmp_path: Path) -> None:
    text = render_card(FACTS, {"litter": SEEN, "face": UNSEEN})
    (tmp_path / "street@9.toml").write_text(text, encoding="utf-8")

    face = load_card("street@9", tmp_path).operating["face"]

    assert face.mask_confidence is not None
    assert face.mask_confidence <= face.confidence / 2


def test_every_data_card_states_a_licence() -> None:
    licences = read_licences(ROOT / "datasets")

    assert licences["litter_kerb"] == "CC-BY-4.0"
    assert all(licences.values())


def test_what_lost_stands_on_the_card_too(tmp_path: Path) -> None:
    row = {
        "network": "yolov8s",
        "sha256": "1" * 64,
        "size": "960+tiles",
        "core_ms": 540.5,
        "real": {"ap50": 0.44, "ap50_95": 0.22, "classes": {"litter": 0.5}},
    }
    facts = replace(FACTS, compared=(row,))
    text = render_card(facts, {"litter": SEEN, "face": UNSEEN})
    (tmp_path / "street@9.toml").write_text(text, encoding="utf-8")

    (compared,) = load_card("street@9", tmp_path).compared

    assert (compared.network, compared.size) == ("yolov8s", "960+tiles")
    assert (compared.core_ms, compared.real_ap50) == (540.5, 0.44)
    assert compared.rendered_ap50 is None


def test_what_counts_from_very_low_is_masked_from_there_too(tmp_path: Path) -> None:
    low = replace(UNSEEN, confidence=0.03)
    text = render_card(FACTS, {"litter": SEEN, "face": low})
    (tmp_path / "street@9.toml").write_text(text, encoding="utf-8")

    face = load_card("street@9", tmp_path).operating["face"]

    assert face.mask_confidence == pytest.approx(0.03)
