from __future__ import annotations

import sys
from pathlib import Path

import pytest

from service.roads import load_roads
from vision.errors import RoadsError


def test_without_the_extra_the_sentence_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "city.osm.pbf"
    path.write_bytes(b"\0")
    monkeypatch.setitem(sys.modules, "osmium", None)

    with pytest.raises(RoadsError, match="extra osm"):
        load_roads(path)
