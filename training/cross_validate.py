"""Hold back every photo once: what the photos' stage reaches on photos it never saw.

The parts `val` and `test` hold few scenes of some classes. Here all photos are parted
into folds by scene, a network is taught on the others of each fold, and what the
networks see on the photos kept from them is judged together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from training.assemble import assemble
from training.collect import gather, load_maps, near_bits_of
from training.evaluate.ap import ap50, ap50_95, intervals
from training.evaluate.run import open_eye
from training.evaluate.seen import Seen, see
from training.evaluate.tables import KindSeen, split_kinds
from training.export import export_onnx
from training.fit import FitSettings, fit
from training.folds import folds
from training.labels import RENDERED
from training.output import write_whole
from training.paste.sets import PASTED
from training.types import PARTS
from training.unmeasured import unmeasured_card
from training.workspace import Workspace

FOLDS_FILE = "folds.json"
FOLDS = 3
Row = dict[str, object]


def cross_validate(
    workspace: Workspace, settings: FitSettings, *, long_side_px: int
) -> Path:
    """Teach each fold that is not there yet, judge them together, return the table.

    Args:
        workspace: the folders; the folds' own go below `build/folds`.
        settings: how each fold is taught, with photos alone.
        long_side_px: input to measure at.

    Raises:
        NotFoundError: photos or start weights are missing.
        FormError: there are fewer scenes than folds.
        OutputError: a set, a checkpoint or the table cannot be written.
    """
    categories, maps = load_maps(workspace)
    gathered = gather(workspace, maps)
    photos = [
        image
        for part in PARTS
        for image in gathered.parts[part]
        if image.source not in (RENDERED, PASTED)
    ]
    looks = dict(zip((p.key for p in gathered.photos), gathered.hashes, strict=True))
    hashes = [looks[photo.key] for photo in photos]
    parted = folds(photos, hashes, k=FOLDS, near_bits=near_bits_of(maps))
    seen: list[Seen] = []
    for number, rows in enumerate(parted):
        kept = set(rows)
        own = replace(
            workspace,
            base=workspace.base / "folds" / str(number),
            run_name=f"fold-{number}",
        )
        assemble(
            {
                "train": [p for row, p in enumerate(photos) if row not in kept],
                "val": [photos[row] for row in rows],
                "test": [],
            },
            own.assembled,
            categories=categories,
            cut=frozenset(),
            rejected=[],
        )
        onnx = _teach(own, settings, categories)
        card = unmeasured_card(
            onnx, categories, network=own.run_name, long_side_px=long_side_px
        )
        eye = open_eye(card, str(long_side_px), memory=own.build / "looks")
        seen += see(eye, [photos[row] for row in rows])
    table = rows_of(split_kinds(seen, maps, categories)["real"])
    target = workspace.build / FOLDS_FILE
    text = {
        "folds": [len(rows) for rows in parted],
        "minutes_each": settings.minutes,
        "long_side_px": long_side_px,
        "rows": table,
    }
    write_whole(target, json.dumps(text, indent=1).encode())
    return target


def _teach(own: Workspace, settings: FitSettings, names: Sequence[str]) -> Path:
    checkpoint = fit(own, settings)
    onnx = own.build / f"{own.run_name}.onnx"
    return export_onnx(checkpoint, onnx, names=names, max_bytes=None)


def rows_of(seen: KindSeen) -> dict[str, Row]:
    """Return AP50, AP50-95, interval, instances and scenes by class."""
    out: dict[str, Row] = {}
    for name, matches in seen.matches.items():
        value, mean = ap50(matches), ap50_95(matches)
        if value is None or mean is None:
            continue
        out[name] = {
            "ap50": round(value, 3),
            "interval": intervals(matches, seen.group)[0],
            "ap50_95": round(mean, 3),
            "instances": matches.instances,
            "scenes": len(set(seen.group[matches.truth_picture].tolist())),
        }
    return out


def as_lines(table: Path) -> str:
    """Return the table for reading."""
    rows: Mapping[str, Mapping[str, object]] = json.loads(table.read_text("utf-8"))[
        "rows"
    ]
    return "\n".join(
        f"  {name:28} AP50 {row['ap50']} {row['interval']} AP50-95 {row['ap50_95']} "
        f"({row['instances']} in {row['scenes']} scenes)"
        for name, row in rows.items()
    )
