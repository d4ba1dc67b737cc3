"""Real workers for the fault tests: started, killed, frozen, asked to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from service.app import open_city
from service.audit.drive import audit_drive
from service.audit.keep import keep
from service.audit.publish import Audited
from service.city import city_of_store
from service.intake.submit import Sender, take_in
from service.job_records import JobRecord
from service.memory.rescore import rescore
from service.memory.street import Terms, Window
from service.scoring import load_standard
from service.settings import JobSettings, RawSettings, Settings, StoreSettings
from service.store import Store
from service.types import DAY_S
from tests.service.jobs.short_drive import ROOT, SPACING_M, request
from vision.taxonomy import load_taxonomy

PATIENCE_S = 240.0
PIECE_M = 20.0
STATE_S = 1.0


def settings_at(
    folder: Path,
    *,
    where: str | None = None,
    silent_s: float = 5.0,
    deaths: int = 10,
    key: str | None = None,
) -> Settings:
    """Return the settings that `Lab` gives its workers too."""
    in_database = {"where": where, "blobs": folder / "pictures"} if where else {}
    return Settings(
        data=folder / "data",
        store=StoreSettings.model_validate(in_database),
        raw=RawSettings(key=None if key is None else SecretStr(key), least_free_mb=1),
        jobs=JobSettings(
            piece_m=PIECE_M,
            spacing_m=SPACING_M,
            device="cpu",
            state_s=STATE_S,
            silent_s=silent_s,
            deaths=deaths,
        ),
    )


def in_environment(settings: Settings) -> dict[str, str]:
    """Return the environment in which a process has these settings."""
    given = {
        "DATA": str(settings.data),
        "JOBS__PIECE_M": str(settings.jobs.piece_m),
        "JOBS__SPACING_M": str(settings.jobs.spacing_m),
        "JOBS__DEVICE": settings.jobs.device,
        "JOBS__STATE_S": str(settings.jobs.state_s),
        "JOBS__SILENT_S": str(settings.jobs.silent_s),
        "JOBS__DEATHS": str(settings.jobs.deaths),
        "RAW__LEAST_FREE_MB": str(settings.raw.least_free_mb),
    }
    if settings.raw.key is not None:
        given["RAW__KEY"] = settings.raw.key.get_secret_value()
    if "://" in settings.store_where:
        given["STORE__WHERE"] = settings.store_where
        given["STORE__BLOBS"] = str(settings.store.blobs)
    ours = {f"LIUJING_{name}": value for name, value in given.items()}
    return {**os.environ, **ours, "PYTHONPATH": str(ROOT)}


@dataclass(slots=True)
class Lab:
    """One service without its API: settings, a store, and workers.

    Attributes:
        workers: every one that was started.
    """

    settings: Settings
    store: Store
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def at(cls, settings: Settings) -> Lab:
        """Open the store of these settings."""
        return cls(settings, open_city(settings))

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more worker."""
        log = self.settings.data / f"worker-{len(self.workers)}.log"
        with log.open("wb") as file:
            started = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "worker"],
                env=in_environment(self.settings),
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(started)
        return started

    def send(self, folder: Path, sender: Sender | None = None) -> JobRecord:
        """Take a drive in."""
        return take_in(self.settings, self.store, [folder], sender or Sender())[0]

    def wait(self, job_id: str, until: Callable[[JobRecord], bool]) -> JobRecord:
        """Return a job as soon as it is as wanted; else fail with the logs."""
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            job = self.store.job(job_id)
            assert job is not None
            if until(job):
                return job
            time.sleep(0.03)
        msg = f"{job}\n{self.logs()}"
        raise AssertionError(msg)

    def finished(self, job_id: str) -> JobRecord:
        """Wait for the end of a job."""
        return self.wait(job_id, lambda job: not job.is_open)

    def logs(self) -> str:
        """Return what the workers said."""
        found = sorted(self.settings.data.glob("worker-*.log"))
        return "\n".join(path.read_text("utf-8", "replace") for path in found)

    def close(self) -> None:
        """Kill what still runs."""
        for one in self.workers:
            if one.poll() is None:
                one.send_signal(signal.SIGKILL)
            one.wait()
        self.store.close()


Alone = tuple[Audited, Path]
"""A drive that was audited by itself, and where its report lies."""


def undisturbed(folder: Path, *drives: Path) -> list[Alone]:
    """Return drives audited without workers, pieces or a queue."""
    outs = [folder / f"report-{number}" for number in range(len(drives))]
    return [
        (audit_drive(request(drive, out), progress=quiet), out)
        for drive, out in zip(drives, outs, strict=True)
    ]


def quiet(done: int, total: int) -> None:
    """Say nothing."""


def all_kept(folder: Path, *audited: Alone) -> list[object]:
    """Return what is known of streets when these drives are put into a new store."""
    store = Store(str(folder / "city"))
    roles = {c.id: c.role for c in load_taxonomy().categories}
    areas, calendar = city_of_store(store, utc_offset_h=8.0)
    terms = Terms(load_standard("xuchang@1"), roles, calendar=calendar, areas=areas)
    for one, out in audited:
        assert keep(one, store, out, None)
    shift_s = 8 * 3600.0
    last_s = store.last_pass_s()
    assert last_s is not None
    begin_s = (last_s + shift_s) // DAY_S * DAY_S - shift_s
    rescore(store, terms, Window(begin_s - 29 * DAY_S, begin_s + DAY_S))
    found = what_is_known(store)
    store.close()
    return found


def what_is_known(store: Store) -> list[object]:
    """Return scores, findings and passes of every street, as far as they must agree."""
    streets = []
    for street in store.segments():
        newest = store.scores(street.id)[0]
        findings = store.findings(street.id)
        streets.append(
            (
                street.id,
                [newest[name] for name in ("status", "value", "low", "high", "grade")],
                [
                    (k.finding.id, k.finding.category, k.real, k.present, k.sightings)
                    for k in findings
                ],
                [
                    (look.inspection_id, look.at_s, len(look.sightings))
                    for look in store.looks(street.id)
                ],
            )
        )
    return streets
