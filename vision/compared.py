"""What each network and input size gave that was measured, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from vision.strict_toml import Table


@dataclass(frozen=True, slots=True)
class Compared:
    """One network at one input size, on the pictures that measured the card's model.

    Attributes:
        network: its name, e.g. `yolov8s`.
        size: of its input: the long side in pixels, `+tiles` where the lower half was
            looked at closer.
        core_ms: median processor time a picture over all cores, milliseconds.
        real_ap50: mean over classes on real pictures; None if not measured.
        real_ap50_95: the same over IoU .50:.05:.95.
        rendered_ap50: mean over classes on rendered pictures; None if not measured.
        rendered_ap50_95: the same over IoU .50:.05:.95.
    """

    network: str
    size: str
    core_ms: float
    real_ap50: float | None
    real_ap50_95: float | None
    rendered_ap50: float | None
    rendered_ap50_95: float | None


def read_compared(root: Table) -> tuple[Compared, ...]:
    """Return the `[[compared]]` tables of a card; none if it has none.

    Raises:
        CatalogueError: a key is missing, unknown or out of its range.
    """
    if "compared" not in root:
        return ()
    return tuple(_read_row(row) for row in root.tables("compared"))


def _read_row(row: Table) -> Compared:
    compared = Compared(
        network=row.text("network"),
        size=row.text("size"),
        core_ms=row.number("core_ms", low=0, high=1e7),
        real_ap50=optional_fraction(row, "real_ap50"),
        real_ap50_95=optional_fraction(row, "real_ap50_95"),
        rendered_ap50=optional_fraction(row, "rendered_ap50"),
        rendered_ap50_95=optional_fraction(row, "rendered_ap50_95"),
    )
    row.close()
    return compared


def optional_fraction(table: Table, key: str) -> float | None:
    """Take a number in `[0, 1]`; None if it is not there."""
    return table.number(key, low=0, high=1) if key in table else None
