"""How a picture is lit, measured from its pixels."""

from __future__ import annotations

from typing import Literal

import numpy as np

from vision.types import Image

Light = Literal["dark", "normal", "bright", "backlit"]
LIGHTS: tuple[Light, ...] = ("dark", "normal", "bright", "backlit")

DARK_LUMA = 70.0
BRIGHT_LUMA = 165.0
BACKLIT_SKY_LUMA = 190.0
BACKLIT_RATIO = 2.5


def light_of(grey: Image) -> Light:
    """Return the class of light.

    `backlit`: the upper third glares (mean over 190 of 255) and the lower half is
    darker by a factor of 2.5; else by the mean luma: below 70 `dark`, from 165
    `bright`. Own limits, guesses that nobody tuned.

    Args:
        grey: uint8 `(H, W)`.
    """
    height = grey.shape[0]
    sky = float(np.mean(grey[: max(1, height // 3)]))
    ground = float(np.mean(grey[height // 2 :]))
    if sky >= BACKLIT_SKY_LUMA and sky >= BACKLIT_RATIO * ground:
        return "backlit"
    mean = float(np.mean(grey))
    if mean < DARK_LUMA:
        return "dark"
    return "bright" if mean >= BRIGHT_LUMA else "normal"
