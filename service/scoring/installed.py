"""Which standards and monthly sheets are installed, and reading one of them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from service.scoring.checklist import Checklist
from service.scoring.month import Sheet
from service.scoring.standard import Standard
from service.scoring.toml_lines import line_of
from vision.errors import FormError, NotFoundError

_SUFFIX = ".toml"
_Form = TypeVar("_Form", Standard, Sheet, Checklist)


def list_standards(folder: Path | None = None) -> list[Standard]:
    """Return the standards in a folder, by id.

    Args:
        folder: None = the standards that travel with the package.

    Raises:
        NotFoundError: there is no such folder.
        FormError: one of the files is damaged.
    """
    found = _files(folder, "standards")
    return [_read(found[name], name, Standard, "standard") for name in sorted(found)]


def load_standard(standard_id: str, folder: Path | None = None) -> Standard:
    """Read and check one standard.

    Args:
        standard_id: `name@version`, e.g. `"xuchang@1"`.
        folder: None = the standards that travel with the package.

    Raises:
        NotFoundError: it is not installed; the message names those that are.
        FormError: its file is damaged; the message names the rule and the field.
    """
    found = _files(folder, "standards")
    return _load(found, standard_id, Standard, "scoring standard")


def read_standard(path: Path) -> Standard:
    """Read and check a standard that is not installed: a draft, by its file.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is damaged; the message names the line, the rule and the field.
    """
    if not path.is_file():
        msg = f"there is no standard {path}; name a TOML file, or an installed one"
        raise NotFoundError(msg)
    return _checked(path, path.name, Standard, "standard")


def load_sheet(sheet_id: str, folder: Path | None = None) -> Sheet:
    """Read and check one monthly sheet; arguments and errors as `load_standard`."""
    return _load(_files(folder, "sheets"), sheet_id, Sheet, "monthly sheet")


def list_checklists(folder: Path | None = None) -> list[Checklist]:
    """Return the yes-or-no standards; arguments and errors as `list_standards`."""
    found = _files(folder, "checklists")
    return [_read(found[name], name, Checklist, "standard") for name in sorted(found)]


def load_checklist(checklist_id: str, folder: Path | None = None) -> Checklist:
    """Read and check a yes-or-no standard; arguments and errors as `load_standard`."""
    found = _files(folder, "checklists")
    return _load(found, checklist_id, Checklist, "yes-or-no standard")


def _load(
    found: dict[str, Traversable], wanted: str, form: type[_Form], what: str
) -> _Form:
    if wanted not in found:
        installed = ", ".join(sorted(found)) or "none"
        msg = (
            f"no {what} is called {wanted!r}; choose one that is installed: {installed}"
        )
        raise NotFoundError(msg)
    return _read(found[wanted], wanted, form, what.rpartition(" ")[2])


def _files(folder: Path | None, kind: str) -> dict[str, Traversable]:
    home: Traversable = folder or files("service.scoring").joinpath(kind)
    if not home.is_dir():
        msg = f"{folder} is no folder; name one that holds {kind} as TOML files"
        raise NotFoundError(msg)
    return {
        entry.name.removesuffix(_SUFFIX): entry
        for entry in home.iterdir()
        if entry.name.endswith(_SUFFIX)
    }


def _read(file: Traversable, wanted: str, form: type[_Form], what: str) -> _Form:
    read = _checked(file, wanted, form, what)
    if read.id != wanted:
        msg = (
            f"{what} {wanted}: the file says it is {read.id}; "
            f"rename {file.name} or correct its name and version"
        )
        raise FormError(msg)
    return read


def _checked(file: Traversable, wanted: str, form: type[_Form], what: str) -> _Form:
    try:
        written = file.read_text(encoding="utf-8")
        raw = tomllib.loads(written)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{what} {wanted} is no TOML file: {error}; correct {file.name}"
        raise FormError(msg) from error
    try:
        return form.model_validate(raw)
    except ValidationError as error:
        problem = _first_problem(error, raw)
        line = line_of(written, problem.partition(":")[0])
        at = "" if line is None else f", line {line}"
        msg = f"{what} {wanted}{at}: {problem}; correct {file.name}"
        raise FormError(msg) from error


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
