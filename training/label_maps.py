"""Label maps: every source's classes -> our taxonomy, and what a missing box means."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.sources.registry import FORMS
from vision.errors import FormError, NotFoundError

TAUGHT_CATEGORIES = frozenset(
    {
        "car",
        "truck",
        "bus",
        "motorcycle",
        "bicycle",
        "person",
        "umbrella",
        "face",
        "licence_plate",
    }
)
"""What the teachers know well enough to make a missing box mean something."""


@dataclass(frozen=True, slots=True)
class LabelMap:
    """How one source becomes ours.

    Attributes:
        source: id of the set.
        folder: where it lies below the shared folder; empty for drawn pictures.
        images: name of the folder of pictures.
        classes: source class name -> category id; empty where nobody labelled.
        known: categories boxed completely in every picture of the set.
        taught: the teachers label these pictures too.
        join: set whose boxes are added where both hold the same photo.
        scene: regular expression; what it matches of a file's stem is the scene.
        near_bits: near-duplicates differ in at most so many bits of 64.
        same: finds of the key count as the value there, when measuring.
        form: how the labels are written, one of `FORMS`.
        labels: name of the folder or file of labels; None for the form's usual one.
        values: grey value -> source class name, for masks.
        label_each: the set promises a label file for every picture; a missing one is
            recorded.
    """

    source: str
    folder: str
    images: str
    classes: Mapping[str, str]
    known: frozenset[str]
    taught: bool
    join: str | None = None
    scene: str = ".*"
    near_bits: int = 8
    same: Mapping[str, str] = field(default_factory=dict)
    form: str = "yolo"
    labels: str | None = None
    values: Mapping[int, str] = field(default_factory=dict)
    label_each: bool = False


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is no TOML in UTF-8; the line is named.
    """
    if not path.is_file():
        msg = f"{path} is missing; it belongs to the repository"
        raise NotFoundError(msg)
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        msg = f"{path.name} is not UTF-8; save it as UTF-8"
        raise FormError(msg) from error
    except tomllib.TOMLDecodeError as error:
        end = f"at the end, line {len(text.splitlines())}"
        reason = str(error).replace("at end of document", end)
        msg = f"{path.name} is not TOML: {reason}"
        raise FormError(msg) from error


def read_label_maps(path: Path, categories: tuple[str, ...]) -> dict[str, LabelMap]:
    """Return the label map of each source, checked against the taxonomy.

    Raises:
        NotFoundError: there is no such file.
        FormError: it is no TOML, or a set lacks a key, has one that does not exist, or
            one whose value cannot be; set and key are named.
    """
    sets = read_toml(path).get("sets")
    if not isinstance(sets, dict) or not sets:
        msg = f"{path.name} has no tables [sets.NAME]; every source needs one"
        raise FormError(msg)
    for source, row in sets.items():
        where = f"{path.name}, set {source}"
        _check_keys(row, where)
        _check_categories(row, categories, where)
        if row.get("join", source) not in sets:
            msg = f"{where}: `join` names {row['join']!r}, which is no set"
            raise FormError(msg)
    return {source: _label_map(source, row, categories) for source, row in sets.items()}


def _label_map(
    source: str, row: Mapping[str, Any], categories: tuple[str, ...]
) -> LabelMap:
    known = frozenset(categories if row["known"] == ["*"] else row["known"])
    values = {int(grey): name for grey, name in row.get("values", {}).items()}
    return LabelMap(
        source=source,
        folder=row["folder"],
        images=row.get("images", "images"),
        classes=row["map"],
        known=known | TAUGHT_CATEGORIES if row["taught"] else known,
        taught=row["taught"],
        values=values,
        **{key: row[key] for key in PLAIN if key in row},
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_name_list(value: object) -> bool:
    return isinstance(value, list) and all(_is_name(v) for v in value)


def _is_name_table(value: object) -> bool:
    return isinstance(value, dict) and all(_is_name(v) for v in value.values())


def _is_grey_table(value: object) -> bool:
    if not isinstance(value, dict) or not _is_name_table(value):
        return False
    return all(k.isdecimal() and int(k) <= 65535 for k in value)


def _is_bits(value: object) -> bool:
    return type(value) is int and 0 <= value <= 64


def _is_form(value: object) -> bool:
    return isinstance(value, str) and value in FORMS


def _is_pattern(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


Check = tuple[Callable[[object], bool], str]
REQUIRED: Mapping[str, Check] = {
    "folder": (_is_text, "a text; empty for drawn pictures"),
    "known": (_is_name_list, 'a list of categories, or ["*"]'),
    "taught": (_is_flag, "true or false"),
    "map": (_is_name_table, "a table: class of the source -> category, none empty"),
}
OPTIONAL: Mapping[str, Check] = {
    "images": (_is_name, "the name of a folder"),
    "labels": (_is_name, "the name of a folder or file"),
    "form": (_is_form, f"one of {', '.join(FORMS)}"),
    "values": (_is_grey_table, "a table: grey value -> class of the source"),
    "label_each": (_is_flag, "true or false"),
    "join": (_is_name, "the name of another set"),
    "scene": (_is_pattern, "a regular expression"),
    "near_bits": (_is_bits, "a whole number from 0 to 64"),
    "same": (_is_name_table, "a table: category -> category"),
}
PLAIN = ("labels", "form", "label_each", "join", "scene", "near_bits", "same")
"""Optional keys that the label map holds as they are written."""


def _check_keys(row: object, where: str) -> None:
    if not isinstance(row, dict):
        msg = f"{where} is no table; write it as [sets.NAME]"
        raise FormError(msg)
    checks = {**REQUIRED, **OPTIONAL}
    for key in REQUIRED:
        if key not in row:
            msg = f"{where} lacks the key `{key}` ({REQUIRED[key][1]})"
            raise FormError(msg)
    for key, value in row.items():
        if key not in checks:
            msg = f"{where} has the key `{key}`, which does not exist; there are "
            raise FormError(msg + ", ".join(checks))
        fits, wanted = checks[key]
        if not fits(value):
            msg = f"{where}: `{key}` must be {wanted}, not {value!r}"
            raise FormError(msg)
    form = row.get("form", "yolo")
    if form != "yolo" and not row["map"]:
        msg = f"{where}: `map` is empty, but labels of the form {form} need classes"
        raise FormError(msg)
    if form == "masks" and not row.get("values"):
        msg = f"{where} lacks the key `values` ({OPTIONAL['values'][1]})"
        raise FormError(msg)


def _check_categories(
    row: Mapping[str, Any], categories: Sequence[str], where: str
) -> None:
    named: dict[str, set[str]] = {
        "known": set(row["known"]) - ({"*"} if row["known"] == ["*"] else set()),
        "map": set(row["map"].values()),
        "same": {*row.get("same", {}), *row.get("same", {}).values()},
    }
    for key, names in named.items():
        strange = sorted(names - set(categories))
        if strange:
            msg = f"{where}: `{key}` names {strange}, not in the taxonomy"
            raise FormError(msg)
