"""A trainer that ignores what is not known, and computes in bfloat16.

Our sets label different things: a photo of a pothole says nothing about its posters.
For each picture the classification loss of the unknown classes is dropped wherever no
box claims them. Mosaics join pictures of which the same is known, so that one mask
holds for the whole.

The classes are made in functions because importing ultralytics has side effects.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from training.checkpoint import SafeCheckpoints
from training.knowledge import Knowledge
from training.places import anchors_at, in_places, with_places
from training.windows import teach_windows
from training.yolo_env import import_ultralytics

_LABEL_PARTS = ("cls", "bboxes", "batch_idx")


def make_criterion(model: Any, knowledge: Knowledge) -> Any:
    """Return the detection loss of `model` with a class mask for each picture."""
    import_ultralytics()
    import torch  # noqa: PLC0415
    from ultralytics.utils.loss import v8DetectionLoss  # noqa: PLC0415

    class MaskedLoss(v8DetectionLoss):  # type: ignore[misc]
        """Drop the loss of a class where it is unknown and no box claims it.

        In places where a class is absent its loss counts all the same, in unsure ones
        it never does; labels of places are no objects (`training.places`).
        """

        def __init__(self) -> None:
            super().__init__(model)
            self._plain_bce = torch.nn.BCEWithLogitsLoss(reduction="none")
            self.bce = self._masked_bce
            self._mask = torch.ones(1, 1, self.nc, device=self.device)
            self._absent = self._unsure = torch.zeros(1, dtype=torch.bool)
            self._either: list[tuple[int, tuple[tuple[int, int], ...]]] = []

        def _masked_bce(self, scores: Any, targets: Any) -> Any:
            said = self._mask.bool() & ~self._unsure
            keep = said | self._absent | (targets > 0)
            for row, pairs in self._either:
                for unsaid, labelled in pairs:
                    keep[row, :, unsaid] &= targets[row, :, labelled] == 0
            return self._plain_bce(scores, targets) * keep

        def parse_output(self, preds: Any) -> Any:
            parsed = super().parse_output(preds)
            return {
                name: [v.float() for v in value]
                if isinstance(value, list)
                else value.float()
                for name, value in parsed.items()
            }

        def loss(self, preds: Any, batch: dict[str, Any]) -> Any:
            kind = batch["cls"].view(-1).long() // self.nc
            at = anchors_at(preds["feats"], self.stride)
            self._absent, self._unsure = (
                in_places(at, batch, kind == block, classes=self.nc) for block in (1, 2)
            )
            own = {name: batch[name][kind == 0] for name in _LABEL_PARTS}
            return super().loss(preds, {**batch, **own})

        def __call__(self, preds: Any, batch: dict[str, Any]) -> Any:
            mask = torch.zeros(len(batch["im_file"]), 1, self.nc, device=self.device)
            for row, file in enumerate(batch["im_file"]):
                mask[row, 0, knowledge.of(file)] = 1
            self._mask = mask
            either = [knowledge.either_of(file) for file in batch["im_file"]]
            self._either = [(row, pairs) for row, pairs in enumerate(either) if pairs]
            return super().__call__(preds, batch)

    return MaskedLoss()


def use_bfloat16(model: Any) -> None:
    """Let `model` run its convolutions in bfloat16, channels last."""
    import torch  # noqa: PLC0415

    plain = model.predict

    def predict(x: Any, *args: Any, **kwargs: Any) -> Any:
        with torch.autocast(x.device.type, dtype=torch.bfloat16):
            return plain(x.to(memory_format=torch.channels_last), *args, **kwargs)

    model.to(memory_format=torch.channels_last)
    model.predict = predict


def average_decay(steps: int) -> float:
    """Return how much of the running average of the weights stays after a step.

    The trainer's own average forgets within a few steps of a training as short as
    ours; this one covers the last 300, some epochs.
    """
    return 0.997 * (1 - math.exp(-steps / 200))


def _kind(knowledge: Knowledge, file: str) -> object:
    return tuple(knowledge.of(file)), knowledge.either_of(file)


def join_alike_only(dataset: Any, knowledge: Knowledge) -> None:
    """Let mosaics of `dataset` join only pictures of which the same is known."""
    from ultralytics.data.augment import Mosaic  # noqa: PLC0415

    groups: dict[object, list[int]] = defaultdict(list)
    for row, file in enumerate(dataset.im_files):
        groups[_kind(knowledge, file)].append(row)

    class AlikeMosaic(Mosaic):  # type: ignore[misc]
        """Draw the other three pictures from the first one's group."""

        def __call__(self, labels: dict[str, Any]) -> Any:
            self._group = groups[_kind(knowledge, labels["im_file"])]
            return super().__call__(labels)

        def get_indexes(self) -> Sequence[int]:
            return random.choices(self._group, k=self.n - 1)  # noqa: S311

    def replace(steps: list[Any]) -> None:
        for row, step in enumerate(steps):
            if isinstance(step, Mosaic):
                steps[row] = AlikeMosaic(dataset, imgsz=step.imgsz, p=step.p)
            elif hasattr(step, "transforms") and isinstance(step.transforms, list):
                replace(step.transforms)

    replace(dataset.transforms.transforms)


def make_trainer(knowledge: Knowledge, frame_px: int | None = None) -> type[Any]:
    """Return the class of a trainer that knows what is known of each picture.

    Args:
        knowledge: of the pictures.
        frame_px: longer side at which pictures are kept, see `windows`; None for the
            trainer's own way, which shrinks all to its input.
    """
    import_ultralytics()
    from ultralytics.models.yolo.detect import DetectionTrainer  # noqa: PLC0415
    from ultralytics.utils.torch_utils import unwrap_model  # noqa: PLC0415

    class MaskedTrainer(SafeCheckpoints, DetectionTrainer):  # type: ignore[misc]
        """ultralytics' trainer with masks, bfloat16 and no validation on the way."""

        data: dict[str, Any]

        def build_dataset(self, *args: Any, **kwargs: Any) -> Any:
            held, self.args.cache = self.args.cache, None if frame_px else "ram"
            plain = self.data
            names = dict(enumerate(with_places(list(plain["names"].values()))))
            self.data = {**plain, "names": names, "nc": len(names)}
            dataset = super().build_dataset(*args, **kwargs)
            self.args.cache, self.data = held, plain
            if dataset.augment:
                join_alike_only(dataset, knowledge)
                if frame_px:
                    teach_windows(dataset, frame_px)
                    dataset.cache = "ram"
                    dataset.cache_images()
            return dataset

        def _setup_train(self) -> None:
            super()._setup_train()
            model = unwrap_model(self.model)
            model.criterion = make_criterion(model, knowledge)
            use_bfloat16(model)
            self.ema.decay = average_decay

        def validate(self) -> tuple[dict[str, float], float]:
            """Take the newest weights for the best; `evaluate` measures them later."""
            return {}, float(self.epoch)

        def final_eval(self) -> None:
            """Leave the measuring to `evaluate`."""

    return MaskedTrainer
