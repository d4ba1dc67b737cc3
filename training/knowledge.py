"""What is known of each picture of the assembled set, for the loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.labels import LabelMap


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Class ids by picture.

    Attributes:
        known: by picture stem, classes of which every instance is boxed.
        either: by source, pairs (a, b): one label stands for both there, so inside a
            box of b nothing is said about a.
    """

    known: Mapping[str, list[int]]
    either: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def of(self, file: str) -> list[int]:
        """Return the known class ids of a picture file.

        Raises:
            KeyError: the picture is not of the assembled set.
        """
        return self.known[Path(file).stem]

    def either_of(self, file: str) -> tuple[tuple[int, int], ...]:
        """Return the pairs of the picture's source."""
        return self.either.get(Path(file).stem.partition("--")[0], ())


def read_knowledge(
    path: Path, maps: Mapping[str, LabelMap], categories: tuple[str, ...]
) -> Knowledge:
    """Return what `assemble` wrote to `path`, with the pairs of the label maps."""
    row = {name: number for number, name in enumerate(categories)}
    return Knowledge(
        known=json.loads(path.read_text(encoding="utf-8")),
        either={
            source: tuple((row[a], row[b]) for a, b in label_map.same.items())
            for source, label_map in maps.items()
            if label_map.same
        },
    )
