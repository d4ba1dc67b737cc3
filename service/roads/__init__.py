"""Road network, map matching, and where a thing lies beside a street."""

from service.roads.beside import UNPLACED, Beside, locate_beside
from service.roads.lay import lay_segments
from service.roads.load import check_near, load_roads
from service.roads.match import match_fixes
from service.roads.nearest import Nearest, nearest_streets
from service.roads.network import Place, RoadNetwork, build_network
from service.roads.rows import match_geojson, match_rows
from service.roads.track import FixIn, MatchOptions

__all__ = [
    "UNPLACED",
    "Beside",
    "FixIn",
    "MatchOptions",
    "Nearest",
    "Place",
    "RoadNetwork",
    "build_network",
    "check_near",
    "lay_segments",
    "load_roads",
    "locate_beside",
    "match_fixes",
    "match_geojson",
    "match_rows",
    "nearest_streets",
]
