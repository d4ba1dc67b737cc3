"""Which cleaning class a road gets when its file speaks OpenStreetMap instead."""

from __future__ import annotations

from types import MappingProxyType

from vision.errors import RoadsError

DEFAULT_CLASS = "3"

CLASS_OF_HIGHWAY = MappingProxyType(
    {
        "motorway": "1",
        "motorway_link": "1",
        "trunk": "1",
        "trunk_link": "1",
        "primary": "1",
        "primary_link": "1",
        "pedestrian": "1",
        "secondary": "2",
        "secondary_link": "2",
        "tertiary": "3",
        "tertiary_link": "3",
        "unclassified": "3",
        "road": "3",
        "residential": "4",
        "living_street": "4",
        "service": "4",
        "track": "4",
        "footway": "alley",
        "path": "alley",
        "cycleway": "alley",
        "steps": "alley",
        "alley": "alley",
    }
)
"""OSM `highway` value -> road class; the city's own `class` property goes first."""

CLASS_OF_WORD = MappingProxyType(
    {
        "1": "1",
        "2": "2",
        "3": "3",
        "4": "4",
        "一级": "1",
        "二级": "2",
        "三级": "3",
        "四级": "4",
        "小巷": "alley",
        "背街小巷": "alley",
    }
)
"""How cities write a class -> road class."""

DRIVABLE = frozenset(
    highway
    for highway, road_class in CLASS_OF_HIGHWAY.items()
    if road_class != "alley" and highway not in {"pedestrian", "track"}
)
"""OSM `highway` values that a patrol vehicle can follow."""


def road_class(given: object, highway: object) -> str:
    """Return `1`-`4` or `alley` from a `class` property or an OSM `highway` value.

    Args:
        given: the feature's `class`; None if it has none.
        highway: the feature's `highway`; None if it has none.

    Raises:
        RoadsError: `given` is neither a class nor a `highway` value.
    """
    if given is not None:
        word = str(int(given) if isinstance(given, float) else given).strip().lower()
        found = CLASS_OF_WORD.get(word) or CLASS_OF_HIGHWAY.get(word)
        if found is None:
            msg = f"road class must be 1, 2, 3, 4 or alley, got {given!r}"
            raise RoadsError(msg)
        return found
    return CLASS_OF_HIGHWAY.get(str(highway), DEFAULT_CLASS)
