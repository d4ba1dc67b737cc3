"""Teach the layout network for a limited time, resumable."""

from __future__ import annotations

import json
import logging
import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.layout.batches import Batches
from training.layout.examples import class_weights, load
from training.layout.net import layout_network
from training.layout.sources import LayoutSet
from vision.errors import InputError, OutputError

logger = logging.getLogger(__name__)

SAVE_EVERY_S = 120.0
SAY_EVERY = 50
MEAN_DECAY = 0.995
"""Of the running mean of the weights, which is what is exported: some 200 steps."""
WEIGHING_PICTURES = 150
NOTE = "fit.json"


@dataclass(frozen=True, slots=True)
class LayoutSettings:
    """How to teach.

    Attributes:
        minutes: wall time; the learning rate falls to nothing within it.
        steps: at most so many steps, for a dry run; None for as time allows.
        batch: pictures a step.
        size_px: width and height of the windows, multiples of 32.
        learning_rate: peak, AdamW; the backbone learns at half of it.
        seed: of order and windows.
    """

    minutes: float = 40.0
    steps: int | None = None
    batch: int = 16
    size_px: tuple[int, int] = (448, 352)
    learning_rate: float = 0.0015
    seed: int = 5


def fit_layout(
    data: LayoutSet, folder: Path, settings: LayoutSettings, *, weights: Path | None
) -> Path:
    """Teach and return the checkpoint `folder/last.pt` (the running mean of weights).

    A run that was cut goes on from its last checkpoint, for the time that is left.

    Args:
        data: what teaches.
        folder: of the run.
        settings: how.
        weights: a YOLO11n checkpoint that the backbone begins from; None for noise.

    Raises:
        InputError: nothing to teach with.
        OutputError: the checkpoint cannot be written.
    """
    if not data.examples:
        msg = "no pictures teach the layout; see `liujing-train layout-render`"
        raise InputError(msg)
    import torch  # noqa: PLC0415

    cv2.setNumThreads(0)  # its threads do not live on in the process that loads
    torch.manual_seed(settings.seed)
    torch.set_num_threads(os.cpu_count() or 1)
    run = _Run(data, folder, settings, weights)
    saved = time.monotonic()
    for pixels, rows in _loaded(Batches(data, settings, start=run.step)):
        if run.done >= 1:
            break
        run.teach(pixels, rows)
        if time.monotonic() - saved > SAVE_EVERY_S:
            run.save()
            saved = time.monotonic()
    return run.save()


def _loaded(batches: Batches) -> Any:
    """Have another process make the batches."""
    from torch.utils import data  # noqa: PLC0415

    class Stream(data.IterableDataset):  # type: ignore[misc]
        def __iter__(self) -> Iterator[Any]:
            return iter(batches)

    return data.DataLoader(Stream(), batch_size=None, num_workers=1, prefetch_factor=4)


class _Run:
    """The network on its way, its running mean and what it was taught so far."""

    def __init__(
        self,
        data: LayoutSet,
        folder: Path,
        settings: LayoutSettings,
        weights: Path | None,
    ) -> None:
        import torch  # noqa: PLC0415
        from torch.optim import swa_utils  # noqa: PLC0415

        self._checkpoint = folder / "last.pt"
        self._settings = settings
        self._allowed = torch.from_numpy(data.table.allowed)
        self._weight = torch.from_numpy(_weights(data))
        self._pictures = Counter(one.source for one in data.examples)
        self._losses: list[float] = []
        self._network = layout_network(data.table.classes, weights)
        self._mean = swa_utils.AveragedModel(
            self._network,
            multi_avg_fn=swa_utils.get_ema_multi_avg_fn(MEAN_DECAY),
            use_buffers=True,
        )
        backbone = list(self._network.backbone.parameters())
        known = {id(p) for p in backbone}
        own = [p for p in self._network.parameters() if id(p) not in known]
        self._optimizer = torch.optim.AdamW(
            [{"params": backbone, "share": 0.5}, {"params": own, "share": 1.0}],
            lr=settings.learning_rate,
            weight_decay=0.01,
        )
        self.step, spent_s = 0, 0.0
        if self._checkpoint.is_file():
            kept = torch.load(self._checkpoint, map_location="cpu", weights_only=False)
            self._network.load_state_dict(kept["network"])
            self._mean.load_state_dict(kept["mean"])
            self._optimizer.load_state_dict(kept["optimizer"])
            self.step, spent_s = kept["step"], kept["spent_s"]
        self._begun = time.monotonic() - spent_s

    @property
    def done(self) -> float:
        """Return the share of the teaching that is over; 1 or more at the end."""
        settings = self._settings
        share = (time.monotonic() - self._begun) / 60 / settings.minutes
        return max(share, self.step / settings.steps) if settings.steps else share

    def teach(self, pixels: Any, rows: Any) -> None:
        """Make one step."""
        import torch  # noqa: PLC0415

        for group in self._optimizer.param_groups:
            rate = self._settings.learning_rate * _rate(self.done)
            group["lr"] = rate * group["share"]
        self._network.train()
        image = pixels.to(torch.float32).div_(255)
        image = image.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = self._network(image)
        loss = set_loss(scores.float(), rows, self._allowed, self._weight)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
        self._optimizer.step()
        self._mean.update_parameters(self._network)
        self.step += 1
        self._losses.append(float(loss.detach()))
        if len(self._losses) == SAY_EVERY:
            told = (self.step, 100 * self.done, np.mean(self._losses))
            logger.info("step %d, %.0f %% of the time, loss %.3f", *told)
            self._losses.clear()

    def save(self) -> Path:
        """Write the checkpoint and the note beside it."""
        spent = {"step": self.step, "spent_s": time.monotonic() - self._begun}
        row = {
            "network": self._network.state_dict(),
            "mean": self._mean.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            **spent,
        }
        _write(row, self._checkpoint)
        taught = {"pictures": self._pictures}
        note = json.dumps({**asdict(self._settings), **spent, **taught}, indent=1)
        self._checkpoint.with_name(NOTE).write_text(note, encoding="utf-8")
        return self._checkpoint


def set_loss(scores: Any, rows: Any, allowed: Any, weight: Any) -> Any:
    """Return the mean loss of pixels that may be one of several classes.

    The loss of a pixel is minus the logarithm of the probability that the network
    gives to its allowed classes together.

    Args:
        scores: float `(B, C, h, w)`.
        rows: uint8 `(B, H, W)`, a row of `allowed` each; H and W are multiples of h, w.
        allowed: bool `(R, C)`; a row that allows all teaches nothing.
        weight: float `(C,)`; a pixel weighs as the lightest class that it may be.
    """
    import torch  # noqa: PLC0415

    step = rows.shape[1] // scores.shape[2] // 2
    scores = torch.nn.functional.interpolate(
        scores, scale_factor=2.0, mode="bilinear", align_corners=False
    )
    told = rows[:, step // 2 :: step, step // 2 :: step].long()
    every = allowed.all(dim=1)
    lightest = torch.where(allowed, weight, torch.inf).amin(dim=1)
    heavy = torch.where(every, 0.0, lightest)
    taught = ~every[told]
    flat = scores.permute(0, 2, 3, 1)[taught]
    said = told[taught]
    log = torch.log_softmax(flat, dim=1)
    inside = torch.logsumexp(log.masked_fill(~allowed[said], -1e4), dim=1)
    share = heavy[said]
    return -(inside * share).sum() / share.sum().clamp(min=1.0)


def _weights(data: LayoutSet) -> Any:
    examples = data.examples
    step = max(1, len(examples) // WEIGHING_PICTURES)
    return class_weights(
        [load(one, data.table) for one in examples[::step]], data.table.allowed
    )


def _rate(done: float) -> float:
    """Return the learning rate's share: a short rise, then a cosine to nothing."""
    rise = 0.03
    if done < rise:
        return max(done / rise, 0.05)
    return 0.5 * (1 + math.cos(math.pi * (done - rise) / (1 - rise))) * 0.99 + 0.01


def _write(row: Mapping[str, object], target: Path) -> None:
    import torch  # noqa: PLC0415

    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        torch.save(row, part)
        part.replace(target)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        msg = f"{target} cannot be written ({error}); make room and run it again"
        raise OutputError(msg) from error
