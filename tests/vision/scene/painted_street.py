"""Exact layouts of a simple straight street, by casting a ray through every pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vision.camera import pixel_rays
from vision.geo import LocalFrame
from vision.scene import Layout
from vision.types import Camera, Image, Pose

NAMES = (
    "road",
    "marking",
    "kerb",
    "pavement",
    "building",
    "tree_trunk",
    "vehicle",
    "sky",
    "tree_pit",
    "terrain",
    "fence",
    "pole",
    "other",
)
CAMERA = Camera(
    width_px=640,
    height_px=360,
    fx_px=457.0,
    fy_px=457.0,
    cx_px=320.0,
    cy_px=180.0,
    height_m=2.0,
    pitch_deg=-7.0,
)
START = (113.85, 34.03)
KERB_HEIGHT_M = 0.12


@dataclass(frozen=True, slots=True)
class Block:
    """An upright box: metres along the street and right of the path."""

    name: str
    along_m: tuple[float, float]
    right_m: tuple[float, float]
    high_m: float


@dataclass(frozen=True, slots=True)
class Street:
    """Borders right of the path, metres; the same to the left unless said."""

    kerb_m: float = 2.0
    wall_m: float = 6.0
    left_kerb_m: float = 5.0
    left_wall_m: float = 9.0
    blocks: tuple[Block, ...] = ()
    zebra_m: tuple[float, float] | None = None


def pose_at(along_m: float, heading_deg: float = 0.0) -> Pose:
    """Return a pose so far north of the start."""
    lon, lat = LocalFrame(*START).to_lonlat(np.array([0.0, along_m]))
    return Pose(
        drive_s=along_m / 5,
        lon=float(lon),
        lat=float(lat),
        heading_deg=heading_deg,
        speed_mps=5.0,
        sigma_m=0.5,
    )


def painted(street: Street, along_m: float) -> Layout:
    """Return the layout that the camera sees from a place on the path."""
    small = CAMERA
    w, h = small.width_px, small.height_px
    u, v = np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5)
    rays = pixel_rays(small, np.stack([u.ravel(), v.ravel()], axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        best, classes = _ground(street, rays, along_m)
        for at_m in (street.wall_m, -street.left_wall_m):
            hit = np.where(rays[:, 1] * at_m > 0, at_m / rays[:, 1], np.inf)
            up = small.height_m + hit * rays[:, 2]
            closer = (hit < best) & (up < 8) & (up > 0)
            best[closer], classes[closer] = hit[closer], NAMES.index("building")
        for block in street.blocks:
            hit = _hits(rays, block, along_m, small.height_m)
            closer = hit < best
            best[closer], classes[closer] = hit[closer], NAMES.index(block.name)
    grid = classes.reshape(h, w).astype(np.uint8)
    return Layout(grid, np.ones(grid.shape, np.float32), NAMES)


def _ground(
    street: Street, rays: np.ndarray, along_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each ray goes to the ground, and what it finds; sky if nothing."""
    far, _, on_road = _plane(street, rays, 0.0)
    near, side_up, on_road_up = _plane(street, rays, KERB_HEIGHT_M)
    kerb = np.where(rays[:, 1] >= 0, street.kerb_m, street.left_kerb_m)
    classes = np.full(len(rays), NAMES.index("sky"))
    down = np.isfinite(far)
    classes[down & on_road] = NAMES.index("road")
    if street.zebra_m is not None:
        ahead = along_m + np.where(down, far * rays[:, 0], 0.0)
        low, high = street.zebra_m
        right = np.where(down, far * rays[:, 1], 0.0)
        stripe = (ahead >= low) & (ahead < high) & (np.floor(right * 2) % 2 == 0)
        classes[down & on_road & stripe] = NAMES.index("marking")
    classes[down & ~on_road] = NAMES.index("kerb")  # its upright
    raised = np.isfinite(near) & ~on_road_up
    classes[raised] = NAMES.index("pavement")
    classes[raised & (side_up < kerb + 0.15)] = NAMES.index("kerb")
    best = np.where(raised, near, far)
    return best, classes


def _plane(
    street: Street, rays: np.ndarray, high_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how far each ray goes to a plane, how far aside, and if on the road."""
    far = np.where(rays[:, 2] < 0, (high_m - CAMERA.height_m) / rays[:, 2], np.inf)
    side = np.abs(np.where(np.isfinite(far), far * rays[:, 1], 0.0))
    kerb = np.where(rays[:, 1] >= 0, street.kerb_m, street.left_kerb_m)
    return far, side, side < kerb


def _hits(
    rays: np.ndarray, block: Block, along_m: float, height_m: float
) -> np.ndarray:
    """Return the distance at which each ray enters a box, infinite if it does not."""
    low = np.array([block.along_m[0] - along_m, block.right_m[0], -height_m])
    high = np.array(
        [block.along_m[1] - along_m, block.right_m[1], block.high_m - height_m]
    )
    one, two = low / rays, high / rays
    enter = np.minimum(one, two).max(axis=1)
    leave = np.maximum(one, two).min(axis=1)
    return np.where((enter <= leave) & (enter > 0), enter, np.inf)


class PaintedReader:
    """A layout reader that knows where each picture was taken, in turn."""

    model_id = "painted@1"
    names = NAMES

    def __init__(self, street: Street, places_m: list[float]) -> None:
        self._street = street
        self._places_m = iter(places_m)

    def read(self, pixels: Image) -> Layout:  # noqa: ARG002 - it knows the street
        """Return the next layout."""
        return painted(self._street, next(self._places_m))
