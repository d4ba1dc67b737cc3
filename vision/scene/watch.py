"""Follow the street's layout along one drive, picture by picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vision.scene.layout import Layout, LayoutReader
from vision.scene.profile import StreetProfile
from vision.scene.rays import GroundRays
from vision.scene.sections import CrossSection, cross_sections
from vision.scene.street_zones import SeenZones, seen_zones, surface_belief, zone_belief
from vision.types import Camera, Image, Pose, Sighting

LARGE = frozenset({"garbage_pile", "bin_overflow", "construction_waste", "stall"})
"""Finds that a layout shows as boxes."""
LYING = frozenset({"litter"})
"""Finds that can lie in a tree pit."""


class StreetWatch:
    """Reads layouts and lays them along the path.

    Args:
        reader: reads the layout of pictures.
    """

    def __init__(self, reader: LayoutReader) -> None:
        self._reader = reader
        self._profile = StreetProfile(reader.names)
        self._rays: tuple[Camera, GroundRays] | None = None

    def look(self, image: Image, camera: Camera, pose: Pose) -> Layout:
        """Take a good picture, of the camera scaled to it, taken at `pose`.

        Returns its layout.
        """
        if self._rays is None or self._rays[0] != camera:
            self._rays = camera, GroundRays(camera)
        layout = self._reader.read(image)
        self._profile.add(pose, self._rays[1].scan(layout, image))
        return layout

    def skip(self, pose: Pose) -> None:
        """Take the pose of a picture that shows nothing."""
        self._profile.add(pose, None)

    def finish(self) -> StreetSeen:
        """Return the street as all pictures together show it."""
        height_m = self._rays[0].height_m if self._rays else 1.5
        sections = dict(cross_sections(self._profile.finish(), height_m))
        return StreetSeen(self._profile, sections, self._reader.model_id)


class StreetSeen:
    """The street beside the path of one drive."""

    def __init__(
        self,
        profile: StreetProfile,
        sections: Mapping[int, CrossSection],
        model_id: str,
    ) -> None:
        self._profile = profile
        self.sections = sections
        self.model_id = model_id

    @property
    def zones(self) -> tuple[SeenZones, ...]:
        """Which zones were seen, metre by metre along the path."""
        return tuple(seen_zones(section) for section in self.sections.values())

    def with_zone(self, sighting: Sighting) -> Sighting:
        """Return a sighting with its belief over zones, if the pictures tell it.

        What can drive gets a belief over surfaces as well.
        """
        place = self._profile.beside(sighting.lon, sighting.lat)
        if place is None:
            return sighting
        sigma_m = sighting.lateral_sigma_m
        surface = None
        if sighting.stationary_probability is not None:
            surface = surface_belief(self.sections, *place, sigma_m)
        return replace(
            sighting,
            zone_belief=zone_belief(
                self.sections,
                *place,
                sigma_m,
                is_box=sighting.category in LARGE,
                lies=sighting.category in LYING,
            ),
            surface_belief=surface,
        )
