"""`liujing-train`: from pictures to a published model, one verb a step."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from training import steps
from training.ablate import ablate, as_text
from training.call import Call
from training.candidates import candidate_lines, compare_candidates
from training.cli_tools import TOOLS, add_tools
from training.collect import load_maps
from training.cross_validate import FOLDS, as_lines, cross_validate
from training.few import link_few
from training.layout.cli import LAYOUT_STEPS
from training.learned import check_learned, has_all_epochs
from training.publish import MODEL_ID, publish
from training.recipe import FULL, TINY
from training.reviews.cli import LOOP, add_loop
from training.teach import teach
from training.trials import compare_networks, compare_precisions, measure_masking
from training.workspace import Workspace
from training.yolo_env import pin_environment
from vision.errors import AuditError, InputError, NotFoundError


def _render(call: Call) -> str:
    counts = steps.render_streets(call.workspace, call.recipe, call.blender_python)
    return ", ".join(f"{name} {count} pictures" for name, count in counts.items())


def _distil(call: Call) -> str:
    return f"{steps.make_pseudo_labels(call.workspace)} photos newly boxed by teachers"


def _paste(call: Call) -> str:
    return f"{steps.paste_in(call.workspace, call.recipe)} things pasted into photos"


def _data(call: Call) -> str:
    counts = steps.make_set(call.workspace)
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _fit(call: Call) -> str:
    if call.args.tiny and all(
        has_all_epochs(replace(call.workspace, run_name=stage.name), stage.settings)
        for stage in call.recipe.stages
    ):
        return "every epoch is taught already"
    _require_pictures(call.workspace.assembled)
    minutes = call.args.minutes
    return f"checkpoint {teach(call.workspace, call.recipe, minutes=minutes)}"


def _require_pictures(assembled: Path) -> None:
    """Refuse lists that name a picture that is not there.

    Raises:
        NotFoundError: a picture of a list is missing.
    """
    for listed in sorted(assembled.glob("*_*.txt")):
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line and not Path(line).is_file():
                msg = (
                    f"{listed} names {line}, which is not there; "
                    "run `liujing-train data` again"
                )
                raise NotFoundError(msg)


def _export(call: Call) -> str:
    return f"exported {steps.export(call.workspace)}"


def _learned(call: Call) -> str:
    first = next(s.settings for s in call.recipe.stages if s.settings is not None)
    return check_learned(call.workspace, first).as_text()


def _restore(call: Call) -> str:
    published = call.workspace.models / f"{call.args.model}.onnx"
    return f"checkpoint {steps.restore(call.workspace, call.recipe, published)}"


def _evaluate(call: Call) -> str:
    report = steps.evaluate(call.workspace, long_side_px=call.args.long_side_px)
    return f"measured, see {report}"


def _card(call: Call) -> str:
    published = publish(
        call.workspace,
        code_version=call.code_version,
        long_side_px=call.args.long_side_px,
    )
    return f"published {published.card} (torch against ONNX {published.parity:.1e})"


def _ablate(call: Call) -> str:
    table = ablate(call.workspace, call.recipe, long_side_px=call.args.long_side_px)
    return f"see {table}\n{as_text(table)}"


def _compare(call: Call) -> str:
    return f"see {compare_networks(call.workspace)}"


def _candidates(call: Call) -> str:
    px, wanted = call.args.long_side_px, call.args.candidate
    if not wanted:
        msg = "no candidates; name each by --candidate RUN+RUN or --candidate X.onnx"
        raise InputError(msg)
    figures = compare_candidates(call.workspace, wanted, long_side_px=px)
    return "AP50 on val/test\n" + "\n".join(candidate_lines(figures))


def _folds(call: Call) -> str:
    settings, minutes = call.recipe.fold, call.args.minutes
    if minutes is not None:
        settings = replace(settings, minutes=minutes / FOLDS)
    table = cross_validate(
        call.workspace, settings, long_side_px=call.args.long_side_px
    )
    return f"see {table}\n{as_lines(table)}"


def _masking(call: Call) -> str:
    lines = measure_masking(call.workspace, call.args.model)
    return f"{call.args.model} on val and test\n" + "\n".join(lines)


def _precision(call: Call) -> str:
    px = call.args.long_side_px
    return "\n".join(compare_precisions(call.workspace, long_side_px=px))


STEPS: dict[str, tuple[Callable[[Call], str], str]] = {
    "render": (_render, "render streets that teach and streets that test"),
    "distil": (_distil, "let the teachers box traffic, people, faces and plates"),
    "paste": (_paste, "paste covers and small ads into photos of `train`"),
    "data": (_data, "gather, split and write the set for the trainer"),
    "fit": (_fit, "teach, stage by stage; goes on where it was cut"),
    "export": (_export, "write the checkpoint as ONNX"),
    "evaluate": (_evaluate, "measure on kept-back pictures, real and rendered apart"),
    "card": (_card, "put the model and its card into models/"),
}
"""The recipe, in order."""

TRIALS: dict[str, tuple[Callable[[Call], str], str]] = {
    "ablate": (_ablate, "show what rendered and pasted pictures do for real photos"),
    "candidates": (_candidates, "measure networks and means of runs side by side"),
    "compare": (_compare, "teach each network for the same time, measure at each size"),
    "folds": (_folds, "hold back every photo once: the photos' stage by k-fold"),
    "masking": (_masking, "measure how many faces and plates the mask hides"),
    "precision": (_precision, "measure fp32, bf16 and int8 side by side"),
}
"""Beside the recipe: what it was decided by."""

CHECKS: dict[str, tuple[Callable[[Call], str], str]] = {
    "learned": (_learned, "show that the taught pictures are found better than before"),
}
"""What the tiny form asks after its export."""

AGAIN: dict[str, tuple[Callable[[Call], str], str]] = {
    "restore": (_restore, "put a published network back as a stage to go on from"),
}
"""For a checkout that has the model but not the runs it came from."""

VERBS = {**STEPS, **TRIALS, **CHECKS, **AGAIN, **LAYOUT_STEPS, **LOOP}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb, or the whole recipe in a row; return the exit code."""
    args = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    if args.verb in TOOLS:
        return _report(args.verb, lambda: TOOLS[args.verb][0](args))
    call = _call(args)
    for name in _names(args):
        step, text = VERBS[name]
        if args.dry_run:
            print(f"{name}: would {text}")
            continue
        pin_environment(call.workspace.build / "yolo")
        code = _report(name, partial(_run, step, call))
        if code:
            return code
    return 0


def _names(args: argparse.Namespace) -> list[str]:
    """Return the verbs to run, in order."""
    if args.verb == "layout":
        return list(LAYOUT_STEPS)
    if args.verb != "model":
        return [args.verb]
    names = list(STEPS)
    if args.tiny:
        after = names.index("export") + 1
        names[after:after] = list(CHECKS)
    return names


def _run(step: Callable[[Call], str], call: Call) -> str:
    """Run a step; the tiny form gets a few photos of each set."""
    per_set = call.workspace.photos_per_set
    themselves = {own for own, _ in (*LAYOUT_STEPS.values(), *LOOP.values())}
    if per_set is None or step in themselves:
        return step(call)  # these count their photos themselves
    few = call.workspace.base / "shared"
    _, maps = load_maps(call.workspace)
    link_few(call.workspace.shared, few, maps, per_set=per_set)
    return step(replace(call, workspace=replace(call.workspace, shared=few)))


def _report(name: str, step: Callable[[], str]) -> int:
    """Run a step, say what came of it, and return the exit code."""
    try:
        print(f"{name}: {step()}", flush=True)
    except AuditError as error:
        print(f"liujing-train {name}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _call(args: argparse.Namespace) -> Call:
    root = args.root.resolve()
    workspace = Workspace.beside(root)
    if args.shared is not None:
        workspace = replace(workspace, shared=args.shared.resolve())
    recipe = TINY if args.tiny else FULL
    if recipe.photos_per_set is not None:
        workspace = workspace.tiny(photos_per_set=recipe.photos_per_set)
    workspace = replace(workspace, run_name=recipe.last.name)
    return Call(root, workspace, recipe, args)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="liujing-train",
        description="Teach the street detector from photos, teachers and renderings.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = _common()
    for name, (_, text) in VERBS.items():
        if name in LOOP:
            continue
        verbs.add_parser(name, help=text, description=text, parents=[common])
    add_tools(verbs)
    add_loop(verbs, common)
    text = "all of these in a row; goes on where it was cut"
    verbs.add_parser("model", help=text, description=text, parents=[common])
    text = "all `layout-` verbs in a row; goes on where it was cut"
    verbs.add_parser("layout", help=text, description=text, parents=[common])
    return parser


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--root", type=Path, default=Path.cwd(), help="the checkout (default: here)"
    )
    common.add_argument(
        "--shared", type=Path, help="photos and teachers (default: ../shared)"
    )
    common.add_argument(
        "--tiny",
        action="store_true",
        help="a handful of pictures, below build/tiny: shows that the steps work",
    )
    common.add_argument(
        "--minutes", type=float, help="time for teaching in all (default: the recipe's)"
    )
    common.add_argument(
        "--long-side-px",
        type=int,
        default=steps.LONG_SIDE_PX,
        help=f"longer input side to measure at (default: {steps.LONG_SIDE_PX})",
    )
    common.add_argument(
        "--blender-python",
        type=Path,
        help="the Python that has bpy (default: .venv-synth/bin/python)",
    )
    common.add_argument(
        "--model",
        default=MODEL_ID,
        metavar="NAME@V",
        help=f"published network that `restore` takes (default: {MODEL_ID})",
    )
    common.add_argument(
        "--candidate",
        action="append",
        metavar="RUN+RUN|ONNX",
        help="what `candidates` measures: the mean of runs, or a network; repeat it",
    )
    common.add_argument(
        "--without-research-data",
        action="store_true",
        help="teach the layout without the sets that are for research alone",
    )
    common.add_argument(
        "--dry-run", action="store_true", help="only say what would be done"
    )
    return common


if __name__ == "__main__":
    sys.exit(main())
