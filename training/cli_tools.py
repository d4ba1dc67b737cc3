"""Verbs beside the recipe that take files: propose boxes, score videos."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.cold_start import FLOOR, propose, write_proposals
from training.evaluate import governance
from training.open_vocabulary import open_network


def _propose(args: argparse.Namespace) -> str:
    network = open_network(args.weights, text_encoder=args.text_encoder)
    found = propose(network, args.category, args.images, floor=args.floor)
    write_proposals(found, args.out)
    boxes = sum(len(picture.boxes) for picture in found.pictures)
    failed = f", {len(found.failed)} do not decode" if found.failed else ""
    return (
        f"{boxes} boxes of {args.category} proposed in {len(found.pictures)} pictures"
        f"{failed}; look at them before they teach: {args.out}"
    )


def _governance(args: argparse.Namespace) -> str:
    lines = [
        f"{video}: F1 {score.f1:.3f}, MOTA "
        + ("-" if score.mota is None else f"{score.mota:.3f}")
        + f" ({score.true} true, {score.false} false, {score.missed} missed, "
        f"{score.switches} switches)"
        for video, score in governance(args.truth, args.predicted).items()
    ]
    return "\n".join(lines)


TOOLS: dict[str, tuple[Callable[[argparse.Namespace], str], str]] = {
    "propose": (_propose, "let an open-vocabulary network propose boxes of a class"),
    "governance": (_governance, "F1 and MOTA per video of the city-governance track"),
}


def add_tools(verbs: Any) -> None:
    """Add the verbs to the program's subparsers."""
    parser = verbs.add_parser("propose", help=TOOLS["propose"][1])
    parser.add_argument("--weights", type=Path, required=True, help="YOLOE, YOLO-World")
    parser.add_argument("--text-encoder", type=Path, help="if prompts are not embedded")
    parser.add_argument("--category", required=True, help="id of the taxonomy")
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--out", type=Path, required=True, help="JSON to write")
    parser.add_argument("--floor", type=float, default=FLOOR, help="least confidence")
    parser = verbs.add_parser("governance", help=TOOLS["governance"][1])
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--predicted", type=Path, required=True)
