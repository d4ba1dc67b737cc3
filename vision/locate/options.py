"""The locator's numbers."""

from __future__ import annotations

from dataclasses import dataclass

from vision.errors import InputError
from vision.types import Camera

_KNOWN_PITCH_SIGMA_DEG = 0.6
_ASSUMED_PITCH_SIGMA_DEG = 1.5


@dataclass(frozen=True, slots=True)
class LocateOptions:
    """How sure boxes and poses are, and when two of them are one object.

    Attributes:
        pitch_sigma_deg: 1-sigma of the camera's pitch against the road, mount and
            suspension together; None: 0.6 for a known camera, 1.5 for an assumed one.
        pixel_sigma: 1-sigma of a box edge, pixels; never less than 4 % of the box.
        step_sigma_m: 1-sigma per axis that a pose gains against the one before it.
        gate: largest squared Mahalanobis distance, 2 degrees of freedom.
        border_px: a box this close to the picture's edge counts as cut off.
        min_probability: sightings below it are dropped.
        wall_lateral_m: usual distance of a wall from the road's middle, for raised
            things; from the path it is less or more by the camera's lane offset.
        wall_lateral_sigma_m: 1-sigma of that.
        wall_height_m: usual height of a raised thing.
        wall_height_sigma_m: 1-sigma of that.

    Raises:
        InputError: a sigma or gate that is not positive, or a probability outside
            [0, 1].
    """

    pitch_sigma_deg: float | None = None
    pixel_sigma: float = 2.0
    step_sigma_m: float = 0.1
    gate: float = 11.8
    border_px: float = 2.0
    min_probability: float = 0.2
    wall_lateral_m: float = 9.0
    wall_lateral_sigma_m: float = 3.5
    wall_height_m: float = 1.5
    wall_height_sigma_m: float = 0.7

    def __post_init__(self) -> None:
        """Refuse numbers that make no estimate."""
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if value is not None and name != "min_probability" and not value > 0:
                msg = f"{name} must be > 0, got {value}"
                raise InputError(msg)
        if not 0 <= self.min_probability <= 1:
            msg = f"min_probability must be in [0, 1], got {self.min_probability}"
            raise InputError(msg)

    def pitch_sigma_of(self, camera: Camera) -> float:
        """Return the 1-sigma of this camera's pitch, degrees."""
        if self.pitch_sigma_deg is not None:
            return self.pitch_sigma_deg
        if camera.origin == "assumed":
            return _ASSUMED_PITCH_SIGMA_DEG
        return _KNOWN_PITCH_SIGMA_DEG
