"""What all painters share: fonts, canvases, grime."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

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


def phone(rng: Rng) -> str:
    """Return eleven digits that look like a mobile number and are none."""
    head = f"1{rng.integers(0, 3)}{rng.integers(0, 10)}"
    return head + "".join(str(d) for d in rng.integers(0, 10, 8))


def words(rng: Rng, choice: tuple[str, ...]) -> str:
    """Return one of the words, or Latin letters where no Chinese font is."""
    return str(rng.choice(choice)) if has_cjk() else "SHOP"


def cropped(picture: Picture) -> Picture:
    """Cut away the clear margins of a picture."""
    alpha = picture[..., 3] > 30
    rows, cols = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if len(rows) == 0:
        return picture
    return picture[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def warped(picture: Picture, rng: Rng, strength_px: float) -> Picture:
    """Bend a picture along slow waves, as a hand would."""
    h, w = picture.shape[:2]
    yy, xx = np.mgrid[:h, :w].astype(float)
    a, b = rng.uniform(60, 160, 2)
    p, q, r, s = rng.uniform(0, 6.3, 4)
    dx = strength_px * (np.sin(yy / a + p) + 0.5 * np.sin(xx / b + q))
    dy = strength_px * (np.sin(xx / b + r) + 0.5 * np.sin(yy / a + s))
    rows = np.clip(yy + dy, 0, h - 1).astype(int)
    cols = np.clip(xx + dx, 0, w - 1).astype(int)
    bent: Picture = picture[rows, cols]
    return bent


def sprayed(picture: Picture, rng: Rng, soft_px: float) -> Picture:
    """Soften paint as from a can: a fine mist round it, an uneven coat."""
    image = Image.fromarray(picture)
    ink = picture[picture[..., 3] > 128][:, :3]
    out = np.asarray(image.filter(ImageFilter.GaussianBlur(soft_px))).copy()
    alpha = np.asarray(image.getchannel("A"), dtype=float)
    mist = np.asarray(
        image.getchannel("A").filter(ImageFilter.GaussianBlur(9)), dtype=float
    )
    speck = rng.random(mist.shape) < mist / 255 * 0.25
    body = np.asarray(out[..., 3], dtype=float)
    # Blurring mixes in the black of clear pixels: take colours from before.
    solid = np.asarray(image.filter(ImageFilter.MaxFilter(7)))
    out[..., :3] = np.where((alpha > 0)[..., None], picture[..., :3], solid[..., :3])
    if len(ink):
        out[..., :3][solid[..., 3] == 0] = np.median(ink, axis=0).astype(np.uint8)
    coat = 0.9 + 0.1 * np.sin(np.mgrid[: body.shape[0], : body.shape[1]][1] / 23)
    out[..., 3] = np.clip(np.maximum(body * coat, 120 * speck), 0, 255).astype(np.uint8)
    return out
