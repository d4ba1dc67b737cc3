"""`liujing-train`: from pictures to a published model, one verb a step."""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from training import steps
from training.fit import FitSettings
from training.workspace import Workspace
from training.yolo_env import pin_environment
from vision.errors import AuditError

Step = Callable[[Workspace, argparse.Namespace], str]


def _distil(workspace: Workspace, _: argparse.Namespace) -> str:
    return f"{steps.make_pseudo_labels(workspace)} photos newly boxed by the teachers"


def _data(workspace: Workspace, _: argparse.Namespace) -> str:
    counts = steps.make_set(workspace)
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _fit(workspace: Workspace, args: argparse.Namespace) -> str:
    settings = FitSettings(minutes=args.minutes)
    if args.dry_run:
        settings = replace(settings, max_epochs=1, fraction=0.05)
        workspace = replace(workspace, run_name="dry")
    return f"checkpoint {steps.teach(workspace, settings)}"


def _export(workspace: Workspace, _: argparse.Namespace) -> str:
    return f"exported {steps.export(workspace)}"


def _evaluate(workspace: Workspace, args: argparse.Namespace) -> str:
    report = steps.evaluate(workspace, long_side_px=args.long_side_px)
    return f"measured, see {report}"


def _card(workspace: Workspace, args: argparse.Namespace) -> str:
    published = steps.publish(
        workspace,
        code_version=_code_version(workspace.datasets.parent),
        long_side_px=args.long_side_px,
    )
    return f"published {published.card} (torch against ONNX {published.parity:.1e})"


STEPS: dict[str, tuple[Step, str]] = {
    "distil": (_distil, "let the teachers box traffic, people, faces and plates"),
    "data": (_data, "gather, split and write the set for the trainer"),
    "fit": (_fit, "teach, for --minutes; goes on where it was cut"),
    "export": (_export, "write the checkpoint as ONNX"),
    "evaluate": (_evaluate, "measure on kept-back pictures, real and rendered apart"),
    "card": (_card, "put the model and its card into models/"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb, or all of them in a row; return the exit code."""
    args = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    workspace = Workspace.beside(args.root)
    if args.shared is not None:
        workspace = replace(workspace, shared=args.shared.resolve())
    names = list(STEPS) if args.verb == "first-model" else [args.verb]
    pin_environment(workspace.build / "yolo")
    for name in names:
        if args.dry_run and name != "fit":
            print(f"{name}: would {STEPS[name][1]}")
            continue
        try:
            print(f"{name}: {STEPS[name][0](workspace, args)}")
        except AuditError as error:
            print(f"liujing-train {name}: {error}", file=sys.stderr)
            return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="liujing-train",
        description="Teach the street detector from photos, teachers and renderings.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--root", type=Path, default=Path.cwd(), help="the checkout (default: here)"
    )
    common.add_argument(
        "--shared", type=Path, help="photos and teachers (default: ../shared)"
    )
    common.add_argument(
        "--minutes", type=float, default=40.0, help="time for teaching (default: 40)"
    )
    common.add_argument(
        "--long-side-px",
        type=int,
        default=steps.LONG_SIDE_PX,
        help=f"longer input side to measure at (default: {steps.LONG_SIDE_PX})",
    )
    common.add_argument(
        "--dry-run",
        action="store_true",
        help="teach one epoch on a twentieth of the set, only name the other steps",
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, (_, text) in STEPS.items():
        verbs.add_parser(name, help=text, description=text, parents=[common])
    text = "all of these in a row; goes on where it was cut"
    verbs.add_parser("first-model", help=text, description=text, parents=[common])
    return parser


def _code_version(root: Path) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", "-C", str(root), "rev-parse", "--short", "HEAD"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
