"""One frame as the locator uses it: boxes in a fixed order, doubles joined, placed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision.camera import scale_camera
from vision.errors import InputError
from vision.locate.kinds import IGNORED, Kind, kind_of
from vision.locate.options import LocateOptions
from vision.locate.path import Viewpoint
from vision.locate.place import Placed, place_boxes, same_boxes
from vision.types import Camera, Detections, FloatArray, Frame

_SAME_BOX_OVERLAP = 0.6
_SAME_NOTICE_OVERLAP = 0.4
"""Of flat things on one wall, which do not stand before one another."""


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """The objects one frame shows, one row each.

    Attributes:
        frame_index: `Frame.index`.
        viewpoint: where the camera was.
        camera: the camera, for this frame's size.
        rows: row of each object's best box in the frame's `Detections`.
        categories: its category there.
        kinds: what that category is to the locator.
        probability: `(N,)` calibrated, in [0, 1].
        rivals: per row, (probability, category) of other boxes on the same spot.
        placed: where the boxes lie.
    """

    frame_index: int
    viewpoint: Viewpoint
    camera: Camera
    rows: list[int]
    categories: list[str]
    kinds: list[Kind]
    probability: FloatArray
    rivals: list[list[tuple[float, str]]]
    placed: Placed


def glimpse(
    frame: Frame,
    detections: Detections,
    probabilities: FloatArray,
    *,
    seen_by: tuple[Camera, Viewpoint],
    options: LocateOptions,
) -> Glimpse:
    """Bring one frame's boxes into an order of their own and place them.

    The order of the rows in `detections` does not matter. Boxes of one family on the
    same spot (overlap above 0.6, of things on a wall above 0.4) become one row.

    Raises:
        InputError: `probabilities` has not one value in [0, 1] per box.
    """
    given = np.asarray(probabilities, dtype=np.float64)
    if given.shape != (len(detections),) or not np.all((given >= 0) & (given <= 1)):
        msg = (
            f"frame {frame.index}: expected {len(detections)} probabilities in [0, 1], "
            f"got shape {given.shape}"
        )
        raise InputError(msg)
    camera = scale_camera(seen_by[0], frame.image.shape[1], frame.image.shape[0])
    names = [detections.category(row) for row in range(len(detections))]
    order = _fixed_order(detections, given, names)
    groups = _join_doubles(order, detections, names)
    rows = [group[0] for group in groups]
    kinds = [kind_of(names[row]) for row in rows]
    return Glimpse(
        frame_index=frame.index,
        viewpoint=seen_by[1],
        camera=camera,
        rows=rows,
        categories=[names[row] for row in rows],
        kinds=kinds,
        probability=given[rows],
        rivals=[
            [(float(given[row]), names[row]) for row in group[1:]] for group in groups
        ],
        placed=place_boxes(
            detections.xyxy[rows].astype(np.float64),
            kinds,
            camera=camera,
            viewpoint=seen_by[1],
            options=options,
        ),
    )


def _fixed_order(
    detections: Detections, probability: FloatArray, names: list[str]
) -> list[int]:
    """Return the rows in use, most probable first, ties by place."""
    kept = [row for row, name in enumerate(names) if name not in IGNORED]
    return sorted(
        kept,
        key=lambda row: (
            -probability[row],
            *(float(v) for v in detections.xyxy[row]),
            names[row],
        ),
    )


def _join_doubles(
    order: list[int], detections: Detections, names: list[str]
) -> list[list[int]]:
    boxes = detections.xyxy[order].astype(np.float64)
    families = np.array([kind_of(names[row]).family for row in order], dtype=str)
    raised = np.array([kind_of(names[row]).raised for row in order], dtype=np.bool_)
    double = same_boxes(boxes, min_overlap=_SAME_BOX_OVERLAP) > 0
    on_wall = same_boxes(boxes, min_overlap=_SAME_NOTICE_OVERLAP) > 0
    double |= on_wall & raised[:, None] & raised[None, :]
    double &= families[:, None] == families[None, :]
    double |= np.eye(len(order), dtype=np.bool_)
    free = np.ones(len(order), dtype=np.bool_)
    groups = []
    for i, row in enumerate(order):
        if not free[i]:
            continue
        members: npt.NDArray[np.intp] = np.flatnonzero(double[i] & free)
        free[members] = False
        groups.append([row, *(order[j] for j in members if j != i)])
    return groups
