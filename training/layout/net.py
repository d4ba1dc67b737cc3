"""The layout network: yolo11n's backbone, a small feature pyramid, scores at a quarter.

The classes are made in a function because importing torch takes seconds.

Source:
    Lin et al. (2017), Feature pyramid networks; Kirillov et al. (2019), Panoptic
    feature pyramid networks, for adding the levels up at a quarter of the input.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.yolo_env import import_ultralytics

STRIDE = 32
SCORES_STRIDE = 4
WIDTH = 96
TAPS = (2, 4, 6, 10)
"""Layers of yolo11's backbone whose features are used: strides 4, 8, 16 and 32."""


def layout_network(classes: int, weights: Path | None = None) -> Any:
    """Return the network, a torch module: `(B, 3, H, W)` -> `(B, C, H/4, W/4)` scores.

    Args:
        classes: C.
        weights: a YOLO11n checkpoint that the backbone begins from; None for noise.
            H and W are multiples of `STRIDE`; the input is RGB in [0, 1].
    """
    import_ultralytics()
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415
    from torch.nn import functional as f  # noqa: PLC0415
    from ultralytics import YOLO  # noqa: PLC0415
    from ultralytics.nn.modules import Conv, DWConv  # noqa: PLC0415

    whole = YOLO("yolo11n.yaml")
    if weights is not None:
        whole.load(str(weights))

    class Pyramid(nn.Module):  # type: ignore[misc]
        """Backbone and pyramid."""

        def __init__(self) -> None:
            super().__init__()
            self.backbone = nn.ModuleList(whole.model.model[: TAPS[-1] + 1])
            widths = (64, 128, 128, 256)
            self.lateral = nn.ModuleList(nn.Conv2d(w, WIDTH, 1) for w in widths)
            self.smooth = nn.ModuleList(
                nn.Sequential(DWConv(WIDTH, WIDTH, 5), Conv(WIDTH, WIDTH, 1))
                for _ in widths
            )
            self.scores = nn.Conv2d(WIDTH, classes, 1)

        def forward(self, x: Any) -> Any:
            taps = []
            for row, layer in enumerate(self.backbone):
                x = layer(x)
                if row in TAPS:
                    taps.append(x)
            down = None
            levels = list(zip(taps, self.lateral, self.smooth, strict=True))
            for tap, lateral, smooth in reversed(levels):
                here = lateral(tap)
                if down is not None:
                    here = here + f.interpolate(
                        down, scale_factor=2.0, mode="bilinear", align_corners=False
                    )
                down = smooth(here) + here
            return self.scores(down)

    network = Pyramid()
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    return network.to(memory_format=torch.channels_last)
