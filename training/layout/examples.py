"""Pictures with layouts, cut and lit at random.

A layout is kept as one number a pixel: the row of a table that says which classes the
pixel may be, see `labels`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from training.windows import shrunk
from vision.errors import FootageError
from vision.types import Image

Rows = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]

KEPT_PX = 960
SCALE = (0.6, 1.7)


@dataclass(frozen=True, slots=True)
class LayoutExample:
    """One picture and where its layout lies.

    Attributes:
        picture: the file.
        rows: 8-bit PNG of the picture's shape (another size is scaled): the source's
            own label ids.
        source: which kind it is, a key of the shares of a batch.
    """

    picture: Path
    rows: Path
    source: str


@dataclass(slots=True)
class AllowedTable:
    """Which classes each row may be, gathered from several sources.

    Attributes:
        classes: C.
        tables: bool `(L, C)` by source.
    """

    classes: int
    tables: list[BoolArray] = field(default_factory=list)
    starts: dict[str, int] = field(default_factory=dict)

    def add(self, source: str, table: BoolArray) -> None:
        """Put the rows of a source behind those that are there."""
        self.starts[source] = self.rows
        self.tables.append(table)

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return sum(len(table) for table in self.tables)

    @property
    def allowed(self) -> BoolArray:
        """Return bool `(R + 1, C)`; the last row allows all: it teaches nothing."""
        anything = np.ones((1, self.classes), np.bool_)
        return np.concatenate([*self.tables, anything])


def load(example: LayoutExample, table: AllowedTable) -> tuple[Image, Rows]:
    """Return the picture, uint8 BGR, and its rows in the table, same size.

    Raises:
        FootageError: one of them cannot be decoded.
    """
    pixels = cv2.imread(str(example.picture))
    rows = cv2.imread(str(example.rows), cv2.IMREAD_GRAYSCALE)
    if pixels is None or rows is None:
        broken = example.picture if pixels is None else example.rows
        msg = f"{broken} cannot be decoded; remove it from the set"
        raise FootageError(msg)
    pixels = shrunk(pixels, KEPT_PX)
    size = (pixels.shape[1], pixels.shape[0])
    rows = cv2.resize(rows, size, interpolation=cv2.INTER_NEAREST)
    moved = rows.astype(np.int64) + table.starts[example.source]
    wrong = rows >= len(table.tables[list(table.starts).index(example.source)])
    return pixels, np.where(wrong, table.rows, moved).astype(np.uint8)


def augmented(
    pixels: Image,
    rows: Rows,
    size_px: tuple[int, int],
    nothing: int,
    rng: np.random.Generator,
) -> tuple[Image, Rows]:
    """Return a window of a picture, scaled, mirrored and lit at random.

    Args:
        pixels: uint8 `(H, W, 3)`.
        rows: uint8 `(H, W)`.
        size_px: width and height of the window.
        nothing: the row for what lies outside the picture.
        rng: decides.
    """
    width, height = size_px
    h, w = rows.shape
    fits = min(1.0, max(width / w, height / h))
    scale = float(np.exp(rng.uniform(np.log(max(SCALE[0], fits)), np.log(SCALE[1]))))
    slack_x, slack_y = scale * w - width, scale * h - height
    x = rng.uniform(0, slack_x) if slack_x > 0 else slack_x / 2
    y = rng.uniform(0, slack_y) if slack_y > 0 else slack_y / 2
    matrix = np.array([[scale, 0, -x], [0, scale, -y]], np.float64)
    if rng.random() < 0.5:
        matrix[0] = [-scale, 0, width - 1 + x]
    seen = np.asarray(cv2.warpAffine(pixels, matrix, size_px), np.uint8)
    told = cv2.warpAffine(
        rows, matrix, size_px, flags=cv2.INTER_NEAREST, borderValue=nothing
    )
    return _lit(seen, rng), np.asarray(told, np.uint8)


def _lit(pixels: Image, rng: np.random.Generator) -> Image:
    """Change exposure, contrast, colour and sharpness, as weather and cameras do."""
    gamma = float(np.exp(rng.uniform(-0.6, 0.7)))
    gain = float(np.exp(rng.uniform(-0.35, 0.3)))
    tint = np.exp(rng.uniform(-0.12, 0.12, 3))
    ramp = (np.arange(256) / 255) ** gamma * gain
    table = (ramp[:, None] * tint * 255).clip(0, 255).astype(np.uint8)
    out = np.asarray(cv2.LUT(pixels, table[:, None]), np.uint8)
    if rng.random() < 0.3:
        grey = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        share = float(rng.uniform(0.3, 1.0))
        out = np.asarray(cv2.addWeighted(out, 1 - share, grey, share, 0), np.uint8)
    if rng.random() < 0.2:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.4)), np.uint8)
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(2, 9), out.shape)
        out = (out + noise).clip(0, 255).astype(np.uint8)
    return out


def class_weights(
    examples: Sequence[tuple[Image, Rows]], allowed: BoolArray
) -> npt.NDArray[np.float32]:
    """Return float32 `(C,)`: rarer classes weigh more, 1 in the mean over pixels.

    A pixel that may be several classes counts in equal parts. The weight falls with
    the 0.4th power of the share, within a factor of 25.
    """
    counts = np.zeros(len(allowed), np.float64)
    for _, rows in examples:
        counts += np.bincount(rows.ravel(), minlength=len(allowed))
    counts[-1] = 0.0
    shares = counts[:, None] * allowed / allowed.sum(axis=1, keepdims=True)
    one = shares.sum(axis=0) / max(shares.sum(), 1.0)
    weights = np.maximum(one, 3e-4) ** -0.4
    out: npt.NDArray[np.float32] = (weights / (weights * one).sum()).astype(np.float32)
    return out


def shared_out(batch: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Return how many examples of each source a batch has; they sum to `batch`."""
    total = sum(shares.values())
    exact = {name: batch * share / total for name, share in shares.items()}
    out = {name: int(value) for name, value in exact.items()}
    rest = sorted(exact, key=lambda name: out[name] - exact[name])
    for name in rest[: batch - sum(out.values())]:
        out[name] += 1
    return out
