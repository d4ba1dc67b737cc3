"""Run by the environment of training: what the loss makes of places without objects.

    .venv-train/bin/python -m tests.e2e.place_loss

prints, for a picture of which no class is known, in which cells and classes the loss
pulls at the scores: nowhere; with a rejected find there, downwards; nowhere again where
a known class is unsure.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from training.knowledge import Knowledge
from training.masked import make_criterion
from training.yolo_env import import_ultralytics

SIDE_PX = 64
CELLS = 84
"""8 x 8 + 4 x 4 + 2 x 2 at strides 8, 16, 32."""
CLASSES = 3


def pulled(labels: list[list[float]], known: list[int]) -> dict[str, Any]:
    """Return which of (cell, class) the loss pulls at.

    Args:
        labels: rows of class, x, y, width, height; fractions.
        known: class ids.
    """
    import_ultralytics()
    import torch  # noqa: PLC0415
    from ultralytics.nn.tasks import DetectionModel  # noqa: PLC0415

    torch.manual_seed(1)
    model = DetectionModel("yolo11n.yaml", ch=3, nc=CLASSES, verbose=False)
    model.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5)
    model.train()
    criterion = make_criterion(model, Knowledge({"a": known}))
    preds = model(torch.rand(1, 3, SIDE_PX, SIDE_PX))
    scores = preds["scores"].detach().requires_grad_()
    rows = torch.tensor(labels, dtype=torch.float32).reshape(-1, 5)
    batch = {
        "im_file": ["a.jpg"],
        "cls": rows[:, :1],
        "bboxes": rows[:, 1:],
        "batch_idx": torch.zeros(len(rows)),
    }
    loss, _ = criterion({**preds, "scores": scores}, batch)
    loss.sum().backward()
    assert scores.grad is not None
    at = scores.grad[0].T
    assert at.shape == (CELLS, CLASSES)
    return {
        "down": int((at > 0).sum()),
        "up": int((at < 0).sum()),
        "classes": sorted({int(c) for c in (at != 0).nonzero()[:, 1]}),
    }


QUARTER = [0.25, 0.25, 0.5, 0.5]
"""16 + 4 + 1 of the cells lie in it."""

if __name__ == "__main__":
    print(  # noqa: T201
        json.dumps(
            {
                "nothing": pulled([], []),
                "absent": pulled([[CLASSES + 1, *QUARTER]], []),
                "known": pulled([], [1]),
                "unsure": pulled([[2 * CLASSES + 1, *QUARTER]], [1]),
            }
        )
    )
