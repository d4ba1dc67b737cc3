"""Data cards: what `datasets/NAME@1.toml` says a set holds, against what was read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.label_maps import read_toml
from training.types import LabelledImage
from vision.errors import FormError


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """The counts of one data card.

    Attributes:
        file: its name.
        images: pictures in the set.
        instances: boxes by category as people or the renderer labelled them; None where
            the card does not count them.
    """

    file: str
    images: int
    instances: Counter[str] | None


def read_dataset_cards(datasets: Path) -> dict[str, DatasetCard]:
    """Return the card of each set by its name without version.

    Raises:
        FormError: a card is no TOML, names another set, or its counts are no counts.
    """
    paths = sorted(datasets.glob("*@*.toml"))
    return {path.stem.split("@")[0]: _read_card(path) for path in paths}


def _read_card(path: Path) -> DatasetCard:
    table = read_toml(path)
    if table.get("id") != path.stem:
        msg = f"{path.name} has the id {table.get('id')!r}, not {path.stem!r}"
        raise FormError(msg)
    counts: dict[str, Any] = {"images": table.get("images")}
    instances = table.get("instances")
    if isinstance(instances, dict):
        counts |= {f"instances.{name}": count for name, count in instances.items()}
    for key, count in counts.items():
        if type(count) is not int or count < 0:
            msg = f"{path.name}: `{key}` must be a whole number, not {count!r}"
            raise FormError(msg)
    boxes = Counter(instances) if isinstance(instances, dict) else None
    return DatasetCard(path.name, counts["images"], boxes)


def check_cards(datasets: Path, images: Iterable[LabelledImage]) -> tuple[str, ...]:
    """Return each difference between the cards and what was read, as one sentence.

    Args:
        datasets: folder of the cards.
        images: the sets as they were read, before photos of two sets are joined and
            before teachers add boxes. Sets of which none is given are not compared.

    Raises:
        FormError: a card is damaged.
    """
    cards = read_dataset_cards(datasets)
    by_set: dict[str, list[LabelledImage]] = defaultdict(list)
    for image in images:
        by_set[image.source].append(image)
    wrong: list[str] = []
    for source, own in sorted(by_set.items()):
        card = cards.get(source)
        if card is None:
            wrong.append(f"{source} has no card; write datasets/{source}@1.toml")
            continue
        wrong.extend(_differences(card, own))
    return tuple(wrong)


def _differences(card: DatasetCard, images: list[LabelledImage]) -> list[str]:
    wrong: list[str] = []
    if card.images != len(images):
        wrong.append(
            f"{card.file} says images = {card.images}, but {len(images)} were read"
        )
    if card.instances is None:
        wrong.append(f"{card.file} does not count its boxes; add [instances]")
        return wrong
    read = Counter(box.category for image in images for box in image.boxes)
    wrong.extend(
        f"{card.file} says {name} = {card.instances[name]}, but {read[name]} were read"
        for name in sorted({*card.instances, *read})
        if card.instances[name] != read[name]
    )
    return wrong
