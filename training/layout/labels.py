"""The classes of a street's layout, and what other labels may be in those words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vision.errors import CatalogueError, InputError
from vision.strict_toml import Table, read_table

BoolArray = npt.NDArray[np.bool_]

ANY = "*"
"""In a map: any class, which teaches nothing."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a renderer's things are.

    Attributes:
        hidden: kinds that lie flat on something else and are left out.
        kinds: class by kind.
        materials: class by `kind/material`, for things of several classes.
    """

    hidden: frozenset[str]
    kinds: Mapping[str, str]
    materials: Mapping[str, str]

    def class_of(self, kind: str, material: str) -> str:
        """Return the class of a surface.

        Raises:
            InputError: the file does not know this kind.
        """
        named = f"{kind}/{material.partition(':')[0]}"
        found = self.materials.get(named) or self.kinds.get(kind)
        if found is None:
            msg = f"no class for the rendered {named}; add it to layout.toml"
            raise InputError(msg)
        return found


@dataclass(frozen=True, slots=True)
class LayoutLabels:
    """The file `datasets/layout.toml`.

    Attributes:
        names: our classes in the order of the network's channels.
        maps: by source, by its label in the order of its ids: the classes that it may
            be; all of them for a label that teaches nothing.
        rendered: of our renderer.
    """

    names: tuple[str, ...]
    maps: Mapping[str, Mapping[str, tuple[str, ...]]]
    rendered: Rendered

    def table(self, source: str) -> BoolArray:
        """Return bool `(L, C)`: which of our classes each label of a source may be."""
        rows = [
            [name in allowed for name in self.names]
            for allowed in self.maps[source].values()
        ]
        return np.array(rows, np.bool_)


def read_layout_labels(path: Path) -> LayoutLabels:
    """Read the classes and maps.

    Raises:
        CatalogueError: the file is missing or malformed, a class is there twice, or a
            map names one that is not there.
    """
    root = read_table(path)
    names = root.texts("names")
    if len(set(names)) < len(names):
        msg = f"{root.where}: names has a class twice; every class needs its own name"
        raise CatalogueError(msg)
    maps, table = {}, root.table("maps")
    sources = table.keys()
    for source in sources:
        rows = table.table(source)
        maps[source] = _all_classes(rows, names)
    table.close()
    rendered = root.table("rendered")
    out = Rendered(
        frozenset(rendered.texts("hidden")),
        _choices(rendered.table("kinds"), names),
        _choices(rendered.table("materials"), names),
    )
    rendered.close()
    root.close()
    return LayoutLabels(names, maps, out)


def _all_classes(rows: Table, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    told = rows.keys()
    return {label: _classes(rows, label, names) for label in told}


def _classes(rows: Table, label: str, names: tuple[str, ...]) -> tuple[str, ...]:
    allowed = rows.texts(label)
    if allowed == (ANY,):
        return names
    unknown = ", ".join(sorted(set(allowed) - set(names)))
    if unknown:
        msg = f"{rows.where}: {label} names {unknown}, which is no class of `names`"
        raise CatalogueError(msg)
    return allowed


def _choices(rows: Table, names: tuple[str, ...]) -> dict[str, str]:
    told = rows.keys()
    return {key: rows.choice(key, names) for key in told}
