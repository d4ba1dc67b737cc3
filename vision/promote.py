"""One model of the catalogue becomes the current one, or the one before it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from vision.catalogue import load_card, model_file, models_folder
from vision.errors import InputError
from vision.promotions import (
    Promotion,
    current_of,
    name_of,
    note,
    pile_of,
    read_promotions,
)


def promote(
    model_id: str,
    folder: Path | None,
    *,
    by: str,
    why: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> Promotion:
    """Make an installed detector the current one of its name, and note it.

    Args:
        model_id: `name@version`.
        folder: of models; None to find the checkout's or the installed one.
        by: who does it, for people.
        why: one sentence.
        now: with its time zone.
        facts: what it was decided by; plain JSON.

    Raises:
        NotFoundError: no such model is installed.
        CatalogueError: its card, its file or the record is damaged.
        InputError: it is the current one already.
        OutputError: the record cannot be written.
    """
    where = models_folder(folder)
    card = load_card(model_id, where)
    model_file(card)
    before = current_of(name_of(card.id), where)
    if before == card.id:
        msg = f"{card.id} is the current model already; nothing was noted"
        raise InputError(msg)
    act = Promotion(
        at=_text(now),
        act="promote",
        model=card.id,
        before=before,
        sha256=card.sha256,
        by=by,
        why=why,
        facts=facts or {},
    )
    note(act, where)
    return act


def roll_back(
    name: str, folder: Path | None, *, by: str, why: str, now: datetime
) -> Promotion:
    """Make the model current again that was so before the last promotion, and note it.

    Raises:
        InputError: there is nothing before it.
        NotFoundError: the model before it is not installed any more.
        CatalogueError: its card, its file or the record is damaged.
        OutputError: the record cannot be written.
    """
    where = models_folder(folder)
    pile = pile_of(name, read_promotions(where))
    if len(pile) < 2:
        now_is = f"{pile[-1].model} was the first" if pile else "none was promoted"
        msg = f"there is no model {name} to go back to ({now_is}); nothing was noted"
        raise InputError(msg)
    card = load_card(pile[-2].model, where)
    model_file(card)
    act = Promotion(
        at=_text(now),
        act="rollback",
        model=card.id,
        before=pile[-1].model,
        sha256=card.sha256,
        by=by,
        why=why,
    )
    note(act, where)
    return act


def _text(now: datetime) -> str:
    return now.isoformat(timespec="seconds").replace("+00:00", "Z")
