"""The catalogue of installed models: list, load and verify them.

A model is a card `<name>@<version>.toml` and the ONNX file that the card names; the
form is in models/README.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from vision.card import ModelCard, read_card
from vision.errors import CatalogueError, NotFoundError
from vision.folders import datasets_folder, models_folder
from vision.layout_card import LayoutCard, read_layout_card
from vision.promotions import current_of, name_of
from vision.strict_toml import read_table
from vision.taxonomy import load_taxonomy

__all__ = [
    "LayoutCard",
    "ModelCard",
    "current_model",
    "datasets_folder",
    "list_layouts",
    "list_models",
    "load_card",
    "load_layout_card",
    "model_file",
    "models_folder",
]


def list_models(folder: Path | None = None) -> tuple[ModelCard, ...]:
    """Return the cards of all installed detectors, by id; empty if there are none.

    Args:
        folder: the models folder; None to find the checkout's or the installed one.

    Raises:
        CatalogueError: a card is damaged.
        NotFoundError: there is no such folder.
    """
    cards = sorted(models_folder(folder).glob("*@*.toml"))
    known = load_taxonomy().predictable
    return tuple(read_card(path, known=known) for path in cards if not _layout(path))


def list_layouts(folder: Path | None = None) -> tuple[LayoutCard, ...]:
    """Return the cards of all installed layout networks, by id.

    Args:
        folder: the models folder; None to find the checkout's or the installed one.

    Raises:
        CatalogueError: a card is damaged.
        NotFoundError: there is no such folder.
    """
    cards = sorted(models_folder(folder).glob("*@*.toml"))
    return tuple(read_layout_card(path) for path in cards if _layout(path))


def _newest(name: str, installed: Iterable[str]) -> str:
    """Return the model of a name with the highest version: no record says which."""
    versions = [one.rpartition("@") for one in installed if name_of(one) == name]
    numbers = [int(version) for *_, version in versions if version.isdecimal()]
    return f"{name}@{max(numbers)}" if numbers else name


def _layout(card: Path) -> bool:
    root = read_table(card)
    return "task" in root and root.text("task") == "layout"


def load_card(model_id: str, folder: Path | None = None) -> ModelCard:
    """Return the card of one model.

    Args:
        model_id: name@version, e.g. `street@1`; a name alone is the current model of
            that name, or its highest version where none was promoted.
        folder: the models folder; None to find the checkout's or the installed one.

    Raises:
        NotFoundError: no such model is installed; the message names those that are.
        CatalogueError: its card is damaged, or the record of promotions.
    """
    path = _installed(model_id, folder)
    return read_card(path, known=load_taxonomy().predictable)


def current_model(name: str, folder: Path | None = None) -> str | None:
    """Return `name@version` of the model promoted last; None if none of the name was.

    Args:
        name: without a version, e.g. `street`.
        folder: the models folder; None to find the checkout's or the installed one.

    Raises:
        CatalogueError: the record of promotions is damaged.
        NotFoundError: there is no such folder.
    """
    return current_of(name, models_folder(folder))


def load_layout_card(model_id: str, folder: Path | None = None) -> LayoutCard:
    """Return the card of one layout network; arguments and errors as `load_card`."""
    return read_layout_card(_installed(model_id, folder))


def _installed(model_id: str, folder: Path | None) -> Path:
    where = models_folder(folder)
    if "@" not in model_id:
        model_id = current_of(model_id, where) or model_id
    installed = {path.stem: path for path in sorted(where.glob("*@*.toml"))}
    if "@" not in model_id:
        model_id = _newest(model_id, installed)
    if model_id not in installed:
        names = ", ".join(installed) or "none"
        msg = f"there is no model {model_id} in {where}; installed: {names}"
        raise NotFoundError(msg)
    return installed[model_id]


def model_file(card: ModelCard | LayoutCard) -> Path:
    """Return the path of the card's ONNX file after checking it.

    Raises:
        CatalogueError: the file is missing, or is not the one the card describes.
    """
    path = card.folder / card.file
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        msg = (
            f"model {card.id}: {card.file} cannot be read in {card.folder} "
            f"({error.strerror}); install the model again"
        )
        raise CatalogueError(msg) from error
    if found != card.sha256:
        msg = (
            f"model {card.id}: {card.file} in {card.folder} is damaged (its SHA-256 "
            f"starts with {found[:8]}, not {card.sha256[:8]}); install the model again"
        )
        raise CatalogueError(msg)
    return path
