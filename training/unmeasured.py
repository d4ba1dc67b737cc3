"""The card of a network that nobody has measured yet: enough to look through it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from training.export import sha256_of
from vision.card import ModelCard, Operating

LOOK_CONFIDENCE = 0.01


def unmeasured_card(
    onnx: Path, names: tuple[str, ...], *, network: str, long_side_px: int
) -> ModelCard:
    """Return a card with every operating point at 0.01 and nothing measured."""
    return ModelCard(
        id=network,
        task="detect",
        folder=onnx.parent,
        file=onnx.name,
        sha256=sha256_of(onnx),
        license="AGPL-3.0-or-later",
        trained_at=utc_now(),
        code_version="",
        summary="",
        names=names,
        limits=(),
        long_side_px=long_side_px,
        stride=32,
        output_kind="yolo",
        operating={name: Operating(confidence=LOOK_CONFIDENCE) for name in names},
        calibration={},
        measured={},
        data=(),
    )


def utc_now() -> str:
    """Return the time as cards write it."""
    return datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
