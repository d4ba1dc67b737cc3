"""Read TOML strictly: a key wanted is checked, a key left over is an error."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from vision.errors import CatalogueError


class Table:
    """One table of a catalogue file; each key is taken once, then `close()`.

    Args:
        data: the table as tomllib gives it.
        where: names the table in messages, e.g. `street@1.toml [input]`.
    """

    def __init__(self, data: Mapping[str, object], where: str) -> None:
        self._left = dict(data)
        self._where = where

    @property
    def where(self) -> str:
        """Name the table for a message."""
        return self._where

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def keys(self) -> tuple[str, ...]:
        """Return the keys not yet taken, in file order."""
        return tuple(self._left)

    def text(self, key: str) -> str:
        """Take a string that is not empty."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(key, "a text that is not empty", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of at least one string."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            raise self._wrong(key, "a list of texts", value)
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise self._wrong(key, "a list of texts", item)
        return tuple(value)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """Take a string that is one of `allowed`."""
        value = self._take(key)
        if not isinstance(value, str) or value not in allowed:
            raise self._wrong(key, "one of " + ", ".join(allowed), value)
        return value

    def number(self, key: str, *, low: float, high: float) -> float:
        """Take a number in `[low, high]`."""
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, "a number", value)
        if not low <= value <= high:
            raise self._wrong(key, f"in [{low:g}, {high:g}]", value)
        return float(value)

    def integer(self, key: str, *, low: int, high: int) -> int:
        """Take a whole number in `[low, high]`."""
        value = self.number(key, low=low, high=high)
        if value != int(value):
            raise self._wrong(key, "a whole number", value)
        return int(value)

    def constant(self, key: str, value: object) -> None:
        """Take `key` if it is there; it may have no other value than `value`."""
        if key in self._left and self._left.pop(key) != value:
            raise self._wrong(key, repr(value), "something else")

    def table(self, key: str) -> Table:
        """Take a sub-table."""
        value = self._take(key)
        if not isinstance(value, dict):
            raise self._wrong(key, "a table", value)
        if self._where.endswith("]"):
            return Table(value, f"{self._where[:-1]}.{key}]")
        return Table(value, f"{self._where} [{key}]")

    def tables(self, key: str) -> tuple[Table, ...]:
        """Take an array of at least one table."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            raise self._wrong(key, "an array of tables", value)
        for item in value:
            if not isinstance(item, dict):
                raise self._wrong(key, "an array of tables", item)
        return tuple(
            Table(item, f"{self._where} [[{key}]] number {number}")
            for number, item in enumerate(value, start=1)
        )

    def close(self) -> None:
        """Refuse the keys that nobody took."""
        if self._left:
            unknown = ", ".join(sorted(self._left))
            msg = f"{self._where}: unknown key {unknown}; remove it or correct its name"
            raise CatalogueError(msg)

    def _take(self, key: str) -> object:
        if key not in self._left:
            msg = f"{self._where}: the key {key} is missing; add it"
            raise CatalogueError(msg)
        return self._left.pop(key)

    def _wrong(self, key: str, wanted: str, got: object) -> CatalogueError:
        return CatalogueError(f"{self._where}: {key} must be {wanted}, got {got!r}")


def table_of(text: str, name: str) -> Table:
    """Return the root table of a TOML text.

    Args:
        text: what a file would hold.
        name: of the file, for messages.

    Raises:
        CatalogueError: it is not TOML.
    """
    try:
        return Table(tomllib.loads(text), name)
    except tomllib.TOMLDecodeError as error:
        msg = f"{name} is not TOML: {error}"
        raise CatalogueError(msg) from error


def read_table(path: Path) -> Table:
    """Return the root table of a TOML file.

    Raises:
        CatalogueError: the file cannot be read or is not TOML.
    """
    try:
        with path.open("rb") as stream:
            return Table(tomllib.load(stream), path.name)
    except OSError as error:
        msg = f"{path.name} cannot be read in {path.parent}: {error.strerror}"
        raise CatalogueError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path.name} in {path.parent} is not TOML: {error}"
        raise CatalogueError(msg) from error
