"""Lay a flat sheet into a photo: perspective, the street's light, edge, blur, grain."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from training.paste.covers import Sheet
from training.paste.view import Quad
from vision.types import Image

Floats = npt.NDArray[np.float32]
_FINER = 4
"""Sheets are laid at this many times the photo's resolution, then averaged."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a sheet takes on the look of the place.

    Attributes:
        tone: brightness of the sheet's median as a share of the street's; None keeps
            the sheet's own colours, dimmed to the place's light.
        tint: how far the colour goes over to the street's, `[0, 1]`.
        grain: share of the street's own fine detail that shows on it.
        contact: how dark the seam around it is, `[0, 1]`.
        blur_px: softness.
    """

    tone: float | None
    tint: float
    grain: float
    contact: float
    blur_px: float


def lay(photo: Image, sheet: Sheet, quad: Quad, look: Look) -> tuple[Image, Floats]:
    """Return the photo with the sheet in it, and the sheet's alpha `(H, W)`."""
    h, w = photo.shape[:2]
    margin = 12 + float((quad.max(0) - quad.min(0)).max()) / 2
    x1, y1 = np.maximum(np.floor(quad.min(0) - margin).astype(int), 0)
    x2, y2 = np.minimum(np.ceil(quad.max(0) + margin).astype(int), (w, h))
    shown, out = np.zeros((h, w), np.float32), photo.copy()
    if x2 <= x1 or y2 <= y1:
        return out, shown
    window = np.asarray(quad - (x1, y1), np.float32)
    area, alpha = _lay_all(photo[y1:y2, x1:x2], sheet, window, look)
    out[y1:y2, x1:x2], shown[y1:y2, x1:x2] = area, alpha
    return out, shown


def _lay_all(
    photo: Image, sheet: Sheet, quad: Quad, look: Look
) -> tuple[Image, Floats]:
    colours, alpha, depth = _warp(sheet, quad, photo.shape[:2])
    street = np.asarray(photo, np.float32) / 255
    around = _around(alpha)
    ring = np.asarray(
        street[around] if around.any() else street.reshape(-1, 3), np.float32
    )
    solid = alpha > 0.5
    if not solid.any():
        return photo, alpha
    toned = _take_tone(colours, ring, solid & (depth < 0.5), look)
    low = cv2.GaussianBlur(street, (0, 0), 2.0)
    broad = cv2.GaussianBlur(low.mean(2), (0, 0), max(2.0, np.sqrt(solid.sum()) / 5))
    light = np.clip(broad / max(float(np.median(broad[solid])), 0.02), 0.55, 1.6)
    open_air = (1 - depth)[..., None]
    lit = toned * (1 + (light[..., None] - 1) * open_air)
    lit += (street - low) * look.grain * (0.25 + 0.75 * open_air)
    lit = cv2.GaussianBlur(lit, (0, 0), look.blur_px)
    soft = cv2.GaussianBlur(alpha, (0, 0), look.blur_px)
    seam = cv2.GaussianBlur(alpha, (0, 0), 1.2 + 0.02 * np.sqrt(solid.sum()))
    ground = street * (1 - look.contact * seam)[..., None]
    mixed = ground * (1 - soft[..., None]) + lit * soft[..., None]
    out = np.asarray(np.clip(mixed * 255 + 0.5, 0, 255), np.uint8)
    return out, alpha


def _warp(
    sheet: Sheet, quad: Quad, shape: tuple[int, ...]
) -> tuple[Floats, Floats, Floats]:
    """Return colours, alpha and depth of the sheet as the photo sees them."""
    h, w = shape
    x1, y1 = np.maximum(np.floor(quad.min(0)).astype(int) - 2, 0)
    x2, y2 = np.minimum(np.ceil(quad.max(0)).astype(int) + 2, (w, h))
    colours = np.zeros((h, w, 3), np.float32)
    alpha, depth = np.zeros((h, w), np.float32), np.zeros((h, w), np.float32)
    if x2 <= x1 or y2 <= y1:
        return colours, alpha, depth
    sh, sw = sheet.alpha.shape
    corners = np.asarray([[0, 0], [sw, 0], [sw, sh], [0, sh]], np.float32)
    target = np.asarray((quad - (x1, y1)) * _FINER, np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    packed = np.dstack([sheet.colours * sheet.alpha[..., None], sheet.alpha])
    packed = np.dstack([packed, sheet.depth * sheet.alpha])
    size = (int(x2 - x1) * _FINER, int(y2 - y1) * _FINER)
    layers = [
        cv2.resize(
            cv2.warpPerspective(np.ascontiguousarray(layer), matrix, size),
            (int(x2 - x1), int(y2 - y1)),
            interpolation=cv2.INTER_AREA,
        )
        for layer in (packed[..., :3], packed[..., 3:])
    ]
    cover = np.asarray(layers[1][..., 0], np.float32)
    safe = np.maximum(cover, 1e-3)
    alpha[y1:y2, x1:x2] = cover
    colours[y1:y2, x1:x2] = layers[0] / safe[..., None]
    depth[y1:y2, x1:x2] = np.clip(layers[1][..., 1] / safe, 0, 1)
    return _spread(colours, alpha), alpha, depth


def _spread(colours: Floats, alpha: Floats) -> Floats:
    """Carry the colours of the rim outwards, so that blurring brings in no black."""
    near = cv2.GaussianBlur(alpha, (0, 0), 2.0)[..., None]
    wide = cv2.GaussianBlur(colours * alpha[..., None], (0, 0), 2.0)
    return np.asarray(
        np.where(alpha[..., None] > 0.05, colours, wide / np.maximum(near, 1e-3)),
        np.float32,
    )


def _around(alpha: Floats) -> npt.NDArray[np.bool_]:
    reach = max(3, int(np.sqrt((alpha > 0.5).sum()) / 2))
    disc = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    grown = cv2.dilate((alpha > 0.01).astype(np.uint8), disc) > 0
    return np.asarray(grown & (alpha < 0.01))


def _take_tone(
    colours: Floats, ring: Floats, solid: npt.NDArray[np.bool_], look: Look
) -> Floats:
    street = np.median(ring, axis=0)
    if look.tone is None:
        white = np.percentile(ring.mean(1), 85) / 0.62
        warm = street / max(float(street.mean()), 0.02)
        dimmed = colours * float(np.clip(white, 0.3, 1.05))
        return np.asarray(dimmed * (1 + look.tint * (warm - 1)), np.float32)
    if not solid.any():
        return np.asarray(colours * (0.4 + float(street.mean())), np.float32)
    own = float(np.median(colours[solid].mean(1)))
    gain = look.tone * float(street.mean()) / max(own, 0.03)
    scaled = colours * float(np.clip(gain, 0.25, 3.0))
    grey = scaled.mean(2, keepdims=True)
    warm = street / max(float(street.mean()), 0.02)
    return np.asarray(scaled * (1 - look.tint) + grey * warm * look.tint, np.float32)
