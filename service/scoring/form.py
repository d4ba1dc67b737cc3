"""Reading and writing JSON forms: what is wrong is said in one sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from vision.errors import FormError, NotFoundError, OutputError

T = TypeVar("T")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is not JSON in UTF-8.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        msg = f"there is no file {path}; check the path"
        raise NotFoundError(msg) from error
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}; name a readable file"
        raise FormError(msg) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} is not JSON: {error}; correct the file"
        raise FormError(msg) from error


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole or not at all, UTF-8, Chinese left readable.

    Raises:
        OutputError: it cannot be written.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_text(text + "\n", encoding="utf-8")
        os.replace(partial, path)  # noqa: PTH105 - atomic on every system
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}; choose another place"
        raise OutputError(msg) from error


def checked(form: TypeAdapter[T], value: Any, *, where: str) -> T:
    """Return `value` as its form.

    Args:
        form: what it should be.
        value: as read.
        where: file and row, as people count them, e.g. `"coverage.json: row 3"`.

    Raises:
        FormError: names the place, the field and what was wrong with it.
    """
    try:
        return form.validate_python(value)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        text = str(problem["msg"]).removeprefix("Value error, ")
        field = ".".join(str(step) for step in problem["loc"])
        named = f", field {field}" if field else ""
        said = f"{text[0].lower()}{text[1:]}{_got(problem['input'])}"
        msg = f"{where}{named}: {said}; correct it"
        raise FormError(msg) from error


def _got(value: Any) -> str:
    if isinstance(value, str | int | float | bool) or value is None:
        return f", got {value!r}"
    return ""


def rows_of(value: Any, *, what: str, where: str) -> list[Any]:
    """Return a JSON list.

    Raises:
        FormError: it is something else.
    """
    if not isinstance(value, list):
        msg = (
            f"{where} must be a list of {what}, got {type(value).__name__}; correct it"
        )
        raise FormError(msg)
    return value
