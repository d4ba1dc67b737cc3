"""The `data` step: gather, write the set, and report what is wrong or there twice."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from training.assemble import assemble
from training.collect import gather, near_bits_of
from training.dataset_cards import check_cards
from training.duplicates import find_duplicates, write_duplicates
from training.labels import RENDERED, LabelMap
from training.output import make_folder, write_whole
from training.types import Rejected
from training.workspace import Workspace

logger = logging.getLogger(__name__)

REJECTED_FILE = "rejected.json"
DUPLICATES_FILE = "duplicates.json"
LOGGED = 20
"""So many faults are logged; the file holds all."""


def write_set(
    workspace: Workspace, categories: tuple[str, ...], maps: Mapping[str, LabelMap]
) -> dict[str, int]:
    """Write the set for the trainer; return pictures by part and kind, then the faults.

    Beside the set, `rejected.json` names all that cannot be used, and
    `duplicates.json` the real photos that show the same, with the categories in which
    their labels contradict. Where a set is not what its data card says, the
    difference is logged and counted.

    Raises:
        NotFoundError: a folder or file of a set is missing.
        FormError: a set cannot be understood, or nothing of it can be used.
        OutputError: there is no room; running again goes on.
    """
    gathered = gather(workspace, maps)
    rejected = list(gathered.rejected)
    make_folder(workspace.build)
    twice = find_duplicates(
        gathered.photos, gathered.hashes, near_bits=near_bits_of(maps)
    )
    write_duplicates(workspace.build / DUPLICATES_FILE, twice)
    counts = assemble(
        gathered.parts,
        workspace.assembled,
        categories=categories,
        cut=frozenset({RENDERED}),
        rejected=rejected,
    )
    write_rejected(workspace.build / REJECTED_FILE, rejected)
    wrong = check_cards(workspace.datasets, gathered.sets)
    for difference in wrong:
        logger.warning("data card: %s", difference)
    return {
        **counts,
        "rejected": len(rejected),
        "exact duplicates": sum(d.exact for d in twice),
        "near duplicates": sum(not d.exact for d in twice),
        "label conflicts": sum(bool(d.conflicts) for d in twice),
        "differences from data cards": len(wrong),
    }


def write_rejected(target: Path, rejected: Sequence[Rejected]) -> None:
    """Write what cannot be used as JSON, whole or not at all; log the first.

    Raises:
        OutputError: the file cannot be written.
    """
    rows = [asdict(r) for r in rejected]
    text = json.dumps(rows, indent=1, ensure_ascii=False)
    write_whole(target, text.encode())
    for fault in rejected[:LOGGED]:
        logger.warning("left out: %s: %s", fault.path, fault.reason)
