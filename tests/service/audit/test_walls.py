"""Where walls usually stand, from the widths of the driven streets."""

from pathlib import Path

import pytest

from service.audit.walls import usual_wall_m
from service.roads import load_roads
from vision.scene import StreetDefaults

ROADS = Path(__file__).resolve().parents[3] / "datasets/sample-drive/roads.geojson"


def test_half_the_driven_streets_width_and_a_pavement() -> None:
    network = load_roads(ROADS)
    main, alley = network.segment("xc-ja-01"), network.segment("xc-xf-01")
    assert (main.width_m, alley.width_m) == (13.0, 5.0)
    pavement_m = StreetDefaults().pavement_m

    on_main = [(float(lon), float(lat)) for lon, lat in main.lonlat]
    in_alley = (float(alley.lonlat[-1, 0]), float(alley.lonlat[-1, 1]))

    assert usual_wall_m(network, on_main) == pytest.approx(6.5 + pavement_m)
    assert usual_wall_m(network, [in_alley]) == pytest.approx(2.5 + pavement_m)
    # The median: one look into an alley changes nothing.
    mixed = usual_wall_m(network, [*on_main, in_alley])
    assert mixed == pytest.approx(6.5 + pavement_m)


def test_off_every_street_nothing_is_known() -> None:
    assert usual_wall_m(load_roads(ROADS), [(0.0, 0.0)]) is None
