"""A new network that may be promoted becomes a version of the catalogue: current."""

from __future__ import annotations

from datetime import UTC, datetime

from training.card import KNOWN_LIMITS, CardFacts, DataRow, render_card
from training.export import sha256_of
from training.reviews.judge import Taught, facts_of
from training.unmeasured import utc_now
from training.workspace import Workspace
from vision.catalogue import list_models
from vision.errors import OutputError
from vision.promote import promote
from vision.promotions import Promotion, name_of


def publish_taught(
    workspace: Workspace, taught: Taught, *, code_version: str, by: str
) -> Promotion:
    """Write the next version's network and card, promote it, and return the act.

    Raises:
        OutputError: the catalogue cannot be written.
    """
    model_id = _next_version(workspace, name_of(taught.current.id))
    onnx = workspace.models / f"{model_id}.onnx"
    facts = CardFacts(
        model_id=model_id,
        sha256=sha256_of(taught.onnx),
        trained_at=utc_now(),
        code_version=code_version,
        summary=taught.current.summary,
        limits=_limits(taught),
        long_side_px=taught.current.long_side_px,
        names=taught.current.names,
        data=_data(taught),
    )
    try:
        onnx.write_bytes(taught.onnx.read_bytes())
        card = workspace.models / f"{model_id}.toml"
        card.write_text(render_card(facts, taught.report.classes), encoding="utf-8")
    except OSError as error:
        msg = (
            f"{model_id} cannot be written into {workspace.models} "
            f"({error.strerror}); make it writable and run it again"
        )
        raise OutputError(msg) from error
    return promote(
        model_id,
        workspace.models,
        by=by,
        why=f"Taught on from {taught.current.id} with {taught.data.id}.",
        now=datetime.now(UTC),
        facts=facts_of(taught),
    )


def _next_version(workspace: Workspace, name: str) -> str:
    versions = [
        int(card.id.partition("@")[2])
        for card in list_models(workspace.models)
        if name_of(card.id) == name and card.id.partition("@")[2].isdecimal()
    ]
    return f"{name}@{max(versions, default=0) + 1}"


def _limits(taught: Taught) -> tuple[str, ...]:
    counts = {name: len(own) for name, own in taught.reviewed.parts.items()}
    taught_on = (
        f"Taught on from {taught.current.id} with {counts['train']} frames that "
        f"reviewers judged ({taught.data.id}); {counts['test']} kept-back ones and "
        f"{len(taught.reviewed.gold)} of known answers measured it."
    )
    masked = (
        "What the mask hides was asked as recall of faces, plates and people on the "
        "frozen pictures only; measure it with `liujing-train masking`."
    )
    return (*KNOWN_LIMITS, taught_on, masked)


def _data(taught: Taught) -> tuple[DataRow, ...]:
    before = tuple(
        DataRow(row.name, row.license, row.images, row.role, row.kind, row.note or "")
        for row in taught.current.data
    )
    licence = "not for publication"
    own = (
        ("train", "train", "frames that reviewers judged"),
        ("val", "test", "chose operating points and calibration"),
        ("test", "test", "kept back from teaching and from choosing"),
    )
    rows = [
        DataRow(taught.data.id, licence, len(images), role, "real", note)
        for part, role, note in own
        if (images := taught.reviewed.parts[part])  # type: ignore[index]
    ]
    if taught.reviewed.gold:
        count = len(taught.reviewed.gold)
        note = "gold: answers known beforehand"
        rows.append(DataRow(taught.data.id, licence, count, "test", "real", note))
    return before + tuple(rows)
