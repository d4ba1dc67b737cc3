"""What all painters share: fonts, canvases, grime."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Picture = npt.NDArray[np.uint8]


Rng = np.random.Generator


_FONTS = (
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"),
)


INK = ("#d7263d", "#1b1b1e", "#0b4f9e", "#e0a100", "#0a7d4b", "#7b2d8b")


@functools.lru_cache(maxsize=64)
def font(size_px: int) -> Any:
    """Return a CJK font of this size, or Pillow's own when none is installed."""
    for path in _FONTS:
        if path.exists():
            return ImageFont.truetype(str(path), size_px)
    return ImageFont.load_default(size_px)


def has_cjk() -> bool:
    """Tell whether a font with Chinese characters is installed."""
    return any(path.exists() for path in _FONTS)


def canvas(
    w: int, h: int, fill: Any = (0, 0, 0, 0)
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Start a picture of `w` by `h` pixels, transparent unless filled."""
    image = Image.new("RGBA", (w, h), fill)
    return image, ImageDraw.Draw(image)


def grime(picture: Picture, rng: Rng, strength: float) -> Picture:
    """Dirty a picture: coarse and fine changes of brightness, alpha kept."""
    h, w = picture.shape[:2]
    small = rng.normal(0, 1, (max(h // 16, 2), max(w // 16, 2)))
    coarse = np.asarray(
        Image.fromarray(small.astype(np.float32)).resize(
            (w, h), Image.Resampling.BICUBIC
        )
    )
    fine = rng.normal(0, 0.5, (h, w))
    shade = 1 + strength * (coarse + fine) * 0.5
    out = picture.astype(np.float64)
    out[..., :3] = np.clip(out[..., :3] * shade[..., None], 0, 255)
    return out.astype(np.uint8)
