"""Did the teaching teach? The taught pictures, found before and after.

This is asked of the pictures that were taught, so it says nothing of quality; a broken
loss, labels that went astray or weights that were not kept show here all the same.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from training.collect import collect_parts, load_maps
from training.evaluate import open_eye, see
from training.evaluate.ap import ap50
from training.evaluate.tables import split_kinds
from training.export import export_onnx
from training.fit import STARTS, FitSettings
from training.label_maps import TAUGHT_CATEGORIES
from training.publish import MODEL_ID
from training.types import LabelledImage
from training.unmeasured import unmeasured_card
from training.workspace import Workspace
from training.yolo_env import import_ultralytics
from vision.errors import AuditError, NotFoundError

LEAST_INSTANCES = 6
"""A class that was shown less often is left out of the mean."""

LEAST_GAIN = 0.2
"""In mean AP50 on the taught pictures."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The taught pictures before and after.

    Attributes:
        before: AP50 by class of the start network with a new, untaught head.
        after: AP50 by class of the exported network.
        losses: mean loss of the first and of the last epoch.
    """

    before: dict[str, float]
    after: dict[str, float]
    losses: tuple[float, float]

    @property
    def gain(self) -> float:
        """Return how much the mean AP50 rose."""
        rise = [self.after[name] - self.before[name] for name in self.before]
        return float(np.mean(rise))

    def as_text(self) -> str:
        """Return what was found, for people."""
        each = ", ".join(
            f"{name} {self.before[name]:.3f} to {self.after[name]:.3f}"
            for name in self.before
        )
        return (
            f"AP50 on the taught pictures themselves (no measure of quality): {each}; "
            f"mean {np.mean(list(self.before.values())):.3f} to "
            f"{np.mean(list(self.after.values())):.3f}; "
            f"loss {self.losses[0]:.2f} to {self.losses[1]:.2f}"
        )


def check_learned(workspace: Workspace, settings: FitSettings) -> Learned:
    """Compare the exported network with the one it started from.

    Args:
        workspace: the folders; fitted and exported.
        settings: of the run that started from public weights.

    Raises:
        NotFoundError: nothing was exported yet.
        AuditError: the loss did not fall or the taught pictures are hardly found
            better than before.
    """
    categories, maps = load_maps(workspace)
    onnx = workspace.build / f"{MODEL_ID}.onnx"
    if not onnx.is_file():
        msg = f"{onnx} is missing; run `liujing-train export` first"
        raise NotFoundError(msg)
    folder = workspace.build / "untaught"
    start = _untaught(workspace, settings, categories, folder / "street.pt")
    untaught = export_onnx(start, folder / "untaught.onnx", names=categories)
    taught = [i for i in collect_parts(workspace, maps)["train"] if i.path.is_file()]
    before, after = (
        _precision(replace(workspace, models=file.parent), file, taught, settings)
        for file in (untaught, onnx)
    )
    learned = Learned(before, after, _losses(workspace.run / "results.csv"))
    require_gain(learned, workspace.run)
    return learned


def require_gain(learned: Learned, run: Path) -> None:
    """Refuse a training that taught nothing.

    Raises:
        AuditError: the loss did not fall or the taught pictures are hardly found
            better than before.
    """
    if learned.gain < LEAST_GAIN or learned.losses[1] >= learned.losses[0]:
        msg = f"nothing was learned: {learned.as_text()}; look at {run}"
        raise AuditError(msg)


def _untaught(
    workspace: Workspace,
    settings: FitSettings,
    categories: tuple[str, ...],
    target: Path,
) -> Path:
    """Save the start network with a new head, as the trainer has it at its start."""
    ultralytics = import_ultralytics()
    import torch  # noqa: PLC0415
    from ultralytics.nn.tasks import DetectionModel  # noqa: PLC0415

    architecture, weights = STARTS[settings.network]
    torch.manual_seed(settings.seed)
    network = ultralytics.YOLO(architecture)
    network.model = DetectionModel(architecture, nc=len(categories), verbose=False)
    network.load(str(workspace.weights / weights))
    network.model.names = dict(enumerate(categories))
    network.ckpt = {"train_args": {"task": "detect"}}  # not those of the public weights
    target.parent.mkdir(parents=True, exist_ok=True)
    network.save(str(target))
    return target


def _precision(
    workspace: Workspace,
    onnx: Path,
    pictures: list[LabelledImage],
    settings: FitSettings,
) -> dict[str, float]:
    """Return AP50 by class of a network on real pictures.

    Classes that the start network brings along are left out.
    """
    categories, maps = load_maps(workspace)
    px = settings.image_px
    card = unmeasured_card(onnx, categories, network=onnx.stem, long_side_px=px)
    eye = open_eye(card, str(px), memory=workspace.build / "looks")
    matches = split_kinds(see(eye, pictures), maps, eye.detector.names)["real"].matches
    return {
        name: ap50(found) or 0.0
        for name, found in matches.items()
        if "+" not in name
        and name not in TAUGHT_CATEGORIES
        and found.instances >= LEAST_INSTANCES
    }


def has_all_epochs(workspace: Workspace, settings: FitSettings | None) -> bool:
    """Return whether a run that is bounded by epochs has taught and kept them all.

    The table's line is written before the checkpoint, so a checkpoint older than its
    table lacks the last epoch.
    """
    if settings is None or settings.max_epochs is None:
        return False
    table = workspace.run / "results.csv"
    last = workspace.run / "weights" / "last.pt"
    if not table.is_file() or not last.is_file():
        return False
    if last.stat().st_mtime_ns < table.stat().st_mtime_ns:
        return False
    return max(_epoch_losses(table), default=0) >= settings.max_epochs


def _losses(table: Path) -> tuple[float, float]:
    """Return the loss of the first and of the last epoch of a run's table."""
    rows = _epoch_losses(table)
    return rows[min(rows)], rows[max(rows)]


def _epoch_losses(table: Path) -> dict[int, float]:
    """Return the summed training losses by epoch; of one taught twice, the second."""
    with table.open(encoding="utf-8") as lines:
        return {
            int(row["epoch"]): sum(
                float(v) for k, v in row.items() if k.startswith("train/")
            )
            for row in csv.DictReader(lines, skipinitialspace=True)
        }
