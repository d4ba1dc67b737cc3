"""How well a layout reader agrees with labels, class by class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.layout.examples import LayoutExample
from training.layout.labels import LayoutLabels
from vision.errors import FootageError
from vision.scene import Layout
from vision.types import Image

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Pixels of one test.

    Attributes:
        names: the test's classes.
        confusion: int64 `(K, K + 1)`: labelled class by read class; the last column is
            what is none of the test's classes.
        pictures: int64 `(K,)`, pictures that show a class.
    """

    names: tuple[str, ...]
    confusion: IntArray
    pictures: IntArray

    def iou(self) -> dict[str, float]:
        """Return the intersection over union of each class that is labelled."""
        out = {}
        for row, name in enumerate(self.names):
            both = int(self.confusion[row, row])
            either = int(self.confusion[row].sum() + self.confusion[:, row].sum())
            if self.pictures[row]:
                out[name] = both / (either - both)
        return out

    def mean_iou(self) -> float:
        """Return the mean over the labelled classes."""
        return float(np.mean(list(self.iou().values())))


def translation(labels: LayoutLabels, source: str) -> npt.NDArray[np.uint8]:
    """Return uint8 `(C,)`: which label of a source each of our classes counts as.

    A class that two labels allow counts as the first; one that none allows is K, the
    number of labels. Labels that allow everything are none.
    """
    table = labels.table(source)
    table = table[~table.all(axis=1)]
    found = np.where(table.any(axis=0), table.argmax(axis=0), len(table))
    out: npt.NDArray[np.uint8] = found.astype(np.uint8)
    return out


def told_names(labels: LayoutLabels, source: str) -> tuple[str, ...]:
    """Return the source's labels that teach something, in the order of their ids."""
    rows = labels.maps[source].items()
    return tuple(name for name, allowed in rows if len(allowed) < len(labels.names))


def agree(
    examples: Iterable[LayoutExample],
    read: Callable[[Image], Layout],
    *,
    names: Sequence[str],
    counts_as: npt.NDArray[np.uint8],
) -> Agreement:
    """Compare what a reader reads with the examples' own label ids.

    Args:
        examples: their label ids are rows of `names`; others are not compared.
        read: a function of a picture to its layout at the picture's size.
        names: the test's classes.
        counts_as: uint8 `(C,)`, see `translation`.

    Raises:
        FootageError: a picture or its labels cannot be decoded.
    """
    classes = len(names)
    confusion = np.zeros((classes, classes + 1), np.int64)
    pictures = np.zeros(classes, np.int64)
    for example in examples:
        pixels = cv2.imread(str(example.picture))
        told = cv2.imread(str(example.rows), cv2.IMREAD_GRAYSCALE)
        if pixels is None or told is None:
            broken = example.picture if pixels is None else example.rows
            msg = f"{broken} cannot be decoded; remove it from the set"
            raise FootageError(msg)
        layout = read(np.asarray(pixels, np.uint8))
        seen = counts_as[layout.classes]
        known = told < classes
        pairs = told[known].astype(np.int64) * (classes + 1) + seen[known]
        counts = np.bincount(pairs, minlength=confusion.size)
        confusion += counts.reshape(confusion.shape)
        pictures += counts.reshape(confusion.shape).sum(axis=1) > 0
    return Agreement(tuple(names), confusion, pictures)
