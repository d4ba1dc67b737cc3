"""What Liujing can name: the categories of datasets/taxonomy.toml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from vision.errors import CatalogueError
from vision.folders import datasets_folder
from vision.strict_toml import Table, read_table

Role = Literal["problem", "state", "context", "derived"]
Place = Literal["ground", "raised"]

WATCHED = frozenset({"car", "truck", "bus", "motorcycle", "bicycle", "stall"})
"""What may stand where it must not."""
_ROLES = ("problem", "state", "context", "derived")
_PLACES = ("ground", "raised")


@dataclass(frozen=True, slots=True)
class Category:
    """One thing that can be named.

    Attributes:
        id: the one name used from the TOML to the JSON, e.g. `garbage_pile`.
        zh: name for people who read Chinese.
        en: name for people who read English.
        role: `problem` is scored under a rule, `state` is recorded and scores nothing,
            `context` is never a find, `derived` is made by rule and never predicted.
        on: `ground`: its foot is where the box ends; `raised`: on a wall, pole or box.
        prompts: English words that an open-vocabulary detector is asked for; empty
            where none were written.
    """

    id: str
    zh: str
    en: str
    role: Role
    on: Place
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All categories, in the order of the file.

    Attributes:
        version: of the file, >= 1.
        categories: at least one, ids unique.

    Raises:
        CatalogueError: no category, or two of one id.
    """

    version: int
    categories: tuple[Category, ...]

    def __post_init__(self) -> None:
        """Refuse an empty list and ids given twice."""
        if not self.categories:
            msg = "the taxonomy names no category; add at least one"
            raise CatalogueError(msg)
        ids = self.ids
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            msg = f"the taxonomy names {', '.join(twice)} twice; keep one of each"
            raise CatalogueError(msg)

    def __iter__(self) -> Iterator[Category]:
        return iter(self.categories)

    def __len__(self) -> int:
        return len(self.categories)

    def __contains__(self, category_id: object) -> bool:
        return category_id in self.ids

    def category(self, category_id: str) -> Category:
        """Return the category of one id.

        Raises:
            CatalogueError: there is none of that id.
        """
        for category in self.categories:
            if category.id == category_id:
                return category
        msg = f"there is no category {category_id}; known are {', '.join(self.ids)}"
        raise CatalogueError(msg)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids in the order of the file."""
        return tuple(category.id for category in self.categories)

    def with_role(self, *roles: Role) -> tuple[Category, ...]:
        """Return the categories whose role is one of `roles`, in the file's order."""
        return tuple(c for c in self.categories if c.role in roles)

    @property
    def predictable(self) -> frozenset[str]:
        """The ids that a detector may have in its label map."""
        return frozenset(c.id for c in self.categories if c.role != "derived")


def load_taxonomy(folder: Path | None = None) -> Taxonomy:
    """Read taxonomy.toml.

    Args:
        folder: the datasets folder; None to find the checkout's or the installed one.

    Raises:
        CatalogueError: the file is missing, is not TOML, or lacks or misnames a field.
        NotFoundError: there is no datasets folder.
    """
    root = read_table(datasets_folder(folder) / "taxonomy.toml")
    version = root.integer("version", low=1, high=10_000)
    categories = tuple(_read_category(row) for row in root.tables("category"))
    root.close()
    return Taxonomy(version=version, categories=categories)


def _read_category(row: Table) -> Category:
    category = Category(
        id=row.text("id"),
        zh=row.text("zh"),
        en=row.text("en"),
        role=cast("Role", row.choice("role", _ROLES)),
        on=cast("Place", row.choice("on", _PLACES)),
        prompts=row.texts("prompts") if "prompts" in row else (),
    )
    row.close()
    return category
