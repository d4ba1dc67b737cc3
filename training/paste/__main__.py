"""Paste things into the photos that teach: `python -m training.paste --count 300`."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from training.collect import collect_parts, load_maps
from training.paste.layout import WEIGHTS_FILE, find_layout, load_segmenter
from training.paste.sets import PASTED, paste_set
from training.workspace import Workspace


def main(argv: list[str] | None = None) -> int:
    """Write the pasted set of this checkout; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.paste")
    parser.add_argument("--count", type=int, default=300, help="pictures in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="default: build/paste/train")
    chosen = parser.parse_args(argv)
    workspace = Workspace.beside(Path())
    categories, maps = load_maps(workspace)
    train = collect_parts(workspace, maps)["train"]
    segment = load_segmenter(workspace.weights / WEIGHTS_FILE)
    made = paste_set(
        [image for image in train if image.source != PASTED],
        chosen.out or workspace.pasted,
        count=chosen.count,
        seed=chosen.seed,
        categories=categories,
        find_layout=partial(
            find_layout, segment=segment, cache=workspace.build / "layout"
        ),
    )
    sys.stdout.write(f"{chosen.count} pictures, {dict(sorted(made.items()))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
