"""Two vehicles, four drives, lost supplies on both sides: nothing lost or doubled."""

from __future__ import annotations

from pathlib import Path

from tests.service.jobs.workers import Lab, settings_at
from tests.service.vehicle.fleet import Fleet, Size
from tests.service.vehicle.processes import Service


def test_no_kill_and_no_bad_line_loses_or_doubles_anything(tmp_path: Path) -> None:
    lab = Lab.at(settings_at(tmp_path, deaths=20))
    size = Size(vehicles=2, drives=2, seconds=6.0, kills=2, every_s=4.0, share=0.15)
    fleet = Fleet(size, tmp_path / "fleet", lab, Service(lab))
    try:
        fleet.prepare()
        fleet.run(limit_s=240.0)
        verdict = fleet.verdict()
    finally:
        fleet.close()
        said = "\n".join(v.log.read_text("utf-8")[-1500:] for v in fleet.vehicles)
        lab.close()

    assert verdict.good, f"{verdict}\n{said}\n{fleet.service.log()[-3000:]}"
