from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.cli import main
from service.store import Store
from tests.service.store.records import STREET


def test_a_demonstration_stays_out_of_a_real_city(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = Store(str(tmp_path / "city"))
    real.add_segments([STREET])
    other = tmp_path / "drive"
    other.mkdir()
    line = {"type": "LineString", "coordinates": [[113.8, 34.0], [113.801, 34.0]]}
    road = {"type": "Feature", "properties": {"id": "elsewhere"}, "geometry": line}
    roads = {"type": "FeatureCollection", "features": [road]}
    (other / "roads.geojson").write_text(json.dumps(roads))

    code = main(["demo-city", str(tmp_path), "--drive", str(other)])

    assert code == 2
    assert "holds other streets already" in capsys.readouterr().err
    assert real.all_keys() == []
    real.close()
