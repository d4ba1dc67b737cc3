"""Teach the street detector on two cores, for a limited time, resumable."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from training.assemble import KINDS, KNOWN_FILE, write_yaml
from training.knowledge import read_knowledge
from training.labels import read_categories, read_label_maps
from training.masked import make_trainer
from training.workspace import Workspace
from training.yolo_env import best_device, import_ultralytics, pin_environment
from vision.errors import NotFoundError

logger = logging.getLogger(__name__)

SETTINGS_FILE = "fit.json"
STARTS = {
    "yolo11n": ("yolo11n.yaml", "yolo11n-seg.pt"),
    "yolov8s": ("yolov8s.yaml", "yolov8s.pt"),
}
"""Architecture and public weights of the networks that can be taught."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How to teach.

    Attributes:
        minutes: wall time; the learning-rate schedule is stretched to fit it.
        network: a key of `STARTS`.
        kinds: kinds of pictures to teach with, of `assemble.KINDS`.
        image_px: side of the square that a picture is fitted into.
        batch: pictures a step.
        freeze: number of first layers left as the start network has them.
        learning_rate: peak, AdamW, falling along a cosine.
        mosaic: chance that a picture is one of four in a mosaic.
        calm_epochs: epochs without mosaic at the end.
        scale: pictures are scaled by a factor between these two; the drive is looked at
            more closely than a photo is taught.
        after: name of an earlier run to start from; None for the public network.
        seed: of the pictures' order and the new class rows; averaged runs differ in it.
        max_epochs: for a dry run; None for as many as the time allows.
        fraction: of the pictures, for a dry run.
    """

    minutes: float = 40.0
    network: str = "yolo11n"
    kinds: tuple[str, ...] = KINDS
    image_px: int = 512
    batch: int = 16
    freeze: int = 0
    learning_rate: float = 0.00042
    mosaic: float = 1.0
    calm_epochs: int = 8
    scale: tuple[float, float] = (0.5, 1.9)
    frame_px: int | None = None
    after: str | None = None
    seed: int = 6
    max_epochs: int | None = None
    fraction: float = 1.0


def fit(workspace: Workspace, settings: FitSettings) -> Path:
    """Teach on the assembled set and return the newest checkpoint.

    A run that was cut goes on from its last epoch, for the time that is left of
    `minutes`.

    Raises:
        NotFoundError: nothing is assembled yet.
    """
    if not (workspace.assembled / "data.yaml").is_file():
        msg = f"{workspace.assembled} holds no set; run `liujing-train data` first"
        raise NotFoundError(msg)
    pin_environment(workspace.build / "yolo")
    last = workspace.run / "weights" / "last.pt"
    spent = _spent_minutes(workspace)
    if last.is_file() and spent >= settings.minutes:
        return last
    data = workspace.assembled / f"{workspace.run_name}.yaml"
    categories = read_categories(workspace.datasets / "taxonomy.toml")
    maps = read_label_maps(workspace.datasets / "label-maps.toml", categories)
    knowledge = read_knowledge(workspace.assembled / KNOWN_FILE, maps, categories)
    write_yaml(workspace.assembled, data, categories=categories, kinds=settings.kinds)
    yolo = import_ultralytics().YOLO
    if last.is_file():
        model, overrides = yolo(str(last)), {"resume": True}
    else:
        model, overrides = _start(workspace, settings, yolo), {}
    begun = time.monotonic()
    arguments = _arguments(workspace, data, settings, settings.minutes - spent)
    try:
        model.train(
            trainer=make_trainer(knowledge, settings.frame_px),
            **{**arguments, **overrides},
        )
    finally:
        _note(workspace, settings, spent + (time.monotonic() - begun) / 60)
    return last


def note_put_back(
    workspace: Workspace,
    settings: FitSettings,
    *,
    earlier: Sequence[float],
    published: str,
) -> None:
    """Note that a run's checkpoint is a published network put back: it is done.

    Args:
        workspace: of the run.
        settings: of the run that it stands for.
        earlier: minutes of each run that led to it, its own too.
        published: file name of the network.
    """
    own = replace(settings, after=None)
    more = {"restored_from": published, "runs": len(earlier)}
    _note(workspace, own, sum(earlier), **more)


def is_put_back(workspace: Workspace) -> bool:
    """Return whether the run's checkpoint is a published network put back."""
    note = workspace.run / SETTINGS_FILE
    held = note.is_file() and (workspace.run / "weights" / "last.pt").is_file()
    return held and "restored_from" in json.loads(note.read_text(encoding="utf-8"))


def _start(workspace: Workspace, settings: FitSettings, yolo: Any) -> Any:
    if settings.after is None:
        architecture, weights = STARTS[settings.network]
        return yolo(architecture).load(str(workspace.weights / weights))
    earlier = workspace.run.parent / settings.after / "weights" / "last.pt"
    if not earlier.is_file():
        msg = f"{earlier} is missing; there is no earlier run {settings.after}"
        raise NotFoundError(msg)
    return yolo(str(earlier))


def _arguments(
    workspace: Workspace, data: Path, settings: FitSettings, minutes: float
) -> dict[str, object]:
    limit: dict[str, object] = {"time": minutes / 60, "epochs": 100}
    if settings.max_epochs is not None:
        limit = {"epochs": settings.max_epochs}
    return {
        **limit,
        "data": str(data),
        "imgsz": settings.image_px,
        "batch": settings.batch,
        "nbs": settings.batch,
        "freeze": settings.freeze,
        "optimizer": "AdamW",
        "lr0": settings.learning_rate,
        "lrf": 0.02,
        "cos_lr": True,
        "warmup_epochs": 2,
        "warmup_bias_lr": 0.0,
        "weight_decay": 0.0005,
        "mosaic": settings.mosaic,
        "close_mosaic": settings.calm_epochs,
        "scale": settings.scale,
        "fraction": settings.fraction,
        "translate": 0.1,
        "hsv_h": 0.015,
        "hsv_s": 0.6,
        "hsv_v": 0.4,
        "fliplr": 0.5,
        "flipud": 0.0,
        "erasing": 0.0,
        "amp": False,
        "device": best_device(),
        "workers": 1,
        "cache": "ram",
        "val": False,
        "plots": False,
        "save": True,
        "deterministic": False,
        "seed": settings.seed,
        "exist_ok": True,
        "project": str(workspace.run.parent),
        "name": workspace.run.name,
        "verbose": False,
    }


def _spent_minutes(workspace: Workspace) -> float:
    note = workspace.run / SETTINGS_FILE
    if not note.is_file():
        return 0.0
    return float(json.loads(note.read_text(encoding="utf-8"))["spent_minutes"])


def _note(
    workspace: Workspace, settings: FitSettings, minutes: float, **more: object
) -> None:
    workspace.run.mkdir(parents=True, exist_ok=True)
    note = {**asdict(settings), "spent_minutes": minutes, **more}
    text = json.dumps(note, indent=1)
    (workspace.run / SETTINGS_FILE).write_text(text, encoding="utf-8")
