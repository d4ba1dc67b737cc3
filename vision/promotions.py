"""Which model of a name is the current one: `models/promotions.jsonl`, only added to.

One line an act, see docs/forms.md. Promotions lie on a pile: the last one counts, and a
rollback takes it off, so that what counted before it counts again.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from vision.errors import CatalogueError, InputError, OutputError

FILE = "promotions.jsonl"
Act = Literal["promote", "rollback"]


@dataclass(frozen=True, slots=True)
class Promotion:
    """One act.

    Attributes:
        at: UTC, ISO 8601.
        act: what was done.
        model: `name@version` that is current from then on.
        before: what was current until then; None for nothing.
        sha256: of the file of `model`.
        by: who did it, for people.
        why: one sentence.
        facts: what it was decided by; plain JSON.
    """

    at: str
    act: Act
    model: str
    before: str | None
    sha256: str
    by: str
    why: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name without the version."""
        return name_of(self.model)


def name_of(model_id: str) -> str:
    """Return the name of `name@version`."""
    return model_id.partition("@")[0]


def read_promotions(folder: Path) -> tuple[Promotion, ...]:
    """Return all acts of a models folder, the first first; empty if there were none.

    Raises:
        CatalogueError: a line is not of the form; it is named.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} cannot be read ({error}); put it back from a backup"
        raise CatalogueError(msg) from error
    return tuple(
        _read(line, f"{FILE} line {number} in {folder}")
        for number, line in enumerate(lines, 1)
        if line.strip()
    )


def pile_of(name: str, acts: Sequence[Promotion]) -> tuple[Promotion, ...]:
    """Return the promotions of a name that were not taken back, the current one last.

    Raises:
        CatalogueError: a rollback stands where nothing was promoted.
    """
    pile: list[Promotion] = []
    for act in acts:
        if act.name != name:
            continue
        if act.act == "promote":
            pile.append(act)
            continue
        if len(pile) < 2 or pile[-2].model != act.model:
            msg = f"{FILE}: the rollback of {act.at} does not follow from what is above"
            raise CatalogueError(msg + "; put the file back from a backup")
        pile.pop()
    return tuple(pile)


def current_of(name: str, folder: Path) -> str | None:
    """Return `name@version` of the current model of a name; None if none was promoted.

    Raises:
        CatalogueError: the record is damaged.
    """
    pile = pile_of(name, read_promotions(folder))
    return pile[-1].model if pile else None


def note(act: Promotion, folder: Path) -> None:
    """Add an act to the record; of two at once the second sees the first.

    Raises:
        InputError: something else became current meanwhile.
        OutputError: the folder cannot be written.
    """
    line = json.dumps(asdict(act), ensure_ascii=False) + "\n"
    try:
        with (folder / FILE).open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            now = current_of(act.name, folder)
            if now != act.before:
                msg = f"{now} became the current model meanwhile; look and say it again"
                raise InputError(msg)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        msg = (
            f"{folder / FILE} cannot be written ({error.strerror}); name a folder of "
            "models that is yours to write"
        )
        raise OutputError(msg) from error


def _read(line: str, where: str) -> Promotion:
    try:
        row = json.loads(line)
        act = Promotion(**row)
    except (ValueError, TypeError) as error:
        msg = f"{where} is no act of the record ({error}); put it back from a backup"
        raise CatalogueError(msg) from error
    texts = (act.at, act.model, act.sha256, act.by, act.why)
    sound = act.act in get_args(Act) and all(isinstance(one, str) for one in texts)
    if not sound or "@" not in act.model:
        msg = f"{where} is no act of the record; put it back from a backup"
        raise CatalogueError(msg)
    return act
