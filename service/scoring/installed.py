"""Which scoring standards are installed, and reading one of them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from service.scoring.standard import Standard
from vision.errors import FormError, NotFoundError

_SUFFIX = ".toml"


def list_standards(folder: Path | None = None) -> list[Standard]:
    """Return the standards in a folder, by id.

    Args:
        folder: None = the standards that travel with the package.

    Raises:
        NotFoundError: there is no such folder.
        FormError: one of the files is damaged.
    """
    found = _standard_files(folder)
    return [_read_standard(found[name], name) for name in sorted(found)]


def load_standard(standard_id: str, folder: Path | None = None) -> Standard:
    """Read and check one standard.

    Args:
        standard_id: `name@version`, e.g. `"xuchang@1"`.
        folder: None = the standards that travel with the package.

    Raises:
        NotFoundError: it is not installed; the message names those that are.
        FormError: its file is damaged; the message names the rule and the field.
    """
    found = _standard_files(folder)
    if standard_id not in found:
        installed = ", ".join(sorted(found)) or "none"
        msg = (
            f"no scoring standard is called {standard_id!r}; "
            f"choose one that is installed: {installed}"
        )
        raise NotFoundError(msg)
    return _read_standard(found[standard_id], standard_id)


def _standard_files(folder: Path | None) -> dict[str, Traversable]:
    home: Traversable = folder or files("service.scoring").joinpath("standards")
    if not home.is_dir():
        msg = f"{folder} is no folder; name one that holds standards as TOML files"
        raise NotFoundError(msg)
    return {
        entry.name.removesuffix(_SUFFIX): entry
        for entry in home.iterdir()
        if entry.name.endswith(_SUFFIX)
    }


def _read_standard(file: Traversable, standard_id: str) -> Standard:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"standard {standard_id} is no TOML file: {error}; correct {file.name}"
        raise FormError(msg) from error
    try:
        standard = Standard.model_validate(raw)
    except ValidationError as error:
        where = _first_problem(error, raw)
        msg = f"standard {standard_id}: {where}; correct {file.name}"
        raise FormError(msg) from error
    if standard.id != standard_id:
        msg = (
            f"standard {standard_id}: the file says it is {standard.id}; "
            f"rename {file.name} or correct its name and version"
        )
        raise FormError(msg)
    return standard


def _first_problem(error: ValidationError, raw: dict[str, Any]) -> str:
    problem = error.errors()[0]
    text = str(problem["msg"]).removeprefix("Value error, ")
    names: list[str] = []
    here: Any = raw
    for step in problem["loc"]:
        here = _inside(here, step)
        if isinstance(step, int) and isinstance(here, dict) and "id" in here:
            names[-1] = f"{names[-1]} {here['id']}"
        else:
            names.append(str(step))
    if not names:
        return text
    *parts, field = names
    place = ", ".join([*parts, f"field {field}"])
    return f"{place}: {text[0].lower()}{text[1:]}"


def _inside(here: Any, step: int | str) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    if isinstance(here, list) and isinstance(step, int):
        return here[step]
    return None
