"""What a lens, a sensor and a file format do to a rendered picture.

Nothing here moves a pixel to another place, so boxes stay true.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Rng = np.random.Generator
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Optics:
    """One camera's flaws; the defaults do nothing but mild compression.

    Attributes:
        gain: exposure error as a factor of linear light.
        white: factors of red, green, blue.
        haze: share of grey light mixed in, `[0, 1]`; more towards the top.
        vignette: darkening of the corners, `[0, 1]`.
        blur_px: sigma of defocus.
        motion_px: length of the sideways smear.
        grain: sigma of brightness noise, 8-bit steps.
        chroma: sigma of colour noise, 8-bit steps.
        quality: of the JPEG file.
    """

    gain: float = 1.0
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)
    haze: float = 0.0
    vignette: float = 0.0
    blur_px: float = 0.0
    motion_px: int = 0
    grain: float = 0.0
    chroma: float = 0.0
    quality: int = 92


def random_optics(rng: Rng, weather: str) -> Optics:
    """Draw a camera: often decent, sometimes dim, noisy, smeared or squeezed."""
    dark = weather in ("dusk", "night")
    warm = float(rng.normal(0, 0.06))
    return Optics(
        gain=float(np.exp(rng.normal(0, 0.22))),
        white=(1 + warm, 1 + float(rng.normal(0, 0.015)), 1 - warm),
        haze=float(rng.uniform(0.12, 0.4))
        if weather == "haze"
        else float(rng.choice([0.0, 0.0, 0.05, 0.1])) * (weather != "night"),
        vignette=float(rng.choice([0.0, 0.1, 0.2, 0.35])),
        blur_px=float(rng.choice([0.0, 0.4, 0.6, 0.9, 1.3])),
        motion_px=int(rng.choice([0, 0, 0, 0, 3, 5])),
        grain=float(rng.uniform(0.5, 5.0)) * (1.8 if dark else 1.0),
        chroma=float(rng.uniform(0.0, 3.0)) * (1.8 if dark else 1.0),
        quality=int(rng.integers(55, 96)),
    )


def photographed(picture: Picture, optics: Optics, rng: Rng) -> Picture:
    """Return `(H, W, 3)` sRGB, 8-bit, as this camera would have taken it."""
    light = _blurred(picture, optics).astype(np.float32) / 255
    light = light**2.2 * optics.gain * np.asarray(optics.white, dtype=np.float32)
    light *= 1 - optics.vignette * _radius2(light.shape[0], light.shape[1])
    if optics.haze:
        depth = np.linspace(1.0, 0.55, light.shape[0], dtype=np.float32)
        share = (optics.haze * depth)[:, None, None]
        light = light * (1 - share) + 0.55 * share
    shown = np.clip(light, 0, 1) ** (1 / 2.2) * 255
    noise = rng.normal(0, optics.grain, (*shown.shape[:2], 1))
    colour = rng.normal(0, optics.chroma, (*(-(-n // 2) for n in shown.shape[:2]), 3))
    colour = colour.repeat(2, axis=0).repeat(2, axis=1)
    shown = shown + noise + colour[: shown.shape[0], : shown.shape[1]]
    return np.clip(shown, 0, 255).round().astype(np.uint8)


def jpeg(picture: Picture, quality: int) -> bytes:
    """Encode a picture as JPEG."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _blurred(picture: Picture, optics: Optics) -> Picture:
    image = Image.fromarray(picture)
    if optics.blur_px:
        image = image.filter(ImageFilter.GaussianBlur(optics.blur_px))
    if optics.motion_px > 1:
        n = 3 if optics.motion_px <= 3 else 5
        rows = [1.0 if r == n // 2 else 0.0 for r in range(n) for _ in range(n)]
        image = image.filter(ImageFilter.Kernel((n, n), rows, scale=n))
    return np.asarray(image)


def _radius2(height: int, width: int) -> npt.NDArray[np.float32]:
    """Squared distance from the middle, 1 in the corners, `(H, W, 1)`."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    out: npt.NDArray[np.float32] = ((x**2 + y**2) / 2)[..., None].astype(np.float32)
    return out
