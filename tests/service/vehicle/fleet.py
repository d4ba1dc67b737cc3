"""A fleet that records, sends, loses its supply, and a service that loses its own.

    footage --> vehicles' folders --> bad network --> service --> scores

What is promised at the end is counted by `Verdict`, from the files as they were made,
from the quarantine's bytes and from the store's rows; the uploader is asked nothing.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av

from service.job_records import JobRecord
from service.vehicle.lying import OURS
from tests.service.jobs.short_drive import SAMPLE
from tests.service.jobs.workers import Lab
from tests.service.vehicle.bad_network import BadNetwork, at_random
from tests.service.vehicle.processes import Service, Vehicle, vehicle_at

BEGAN = datetime(2026, 9, 15, 2, 10, tzinfo=UTC)
"""When the sample drive was driven."""
_TIME = re.compile(r"<time>([^<]+)</time>")
_PATIENT = ("--still", "1", "--quiet", "3", "--timeout", "3", "--longest-wait", "3")
_TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class Size:
    """How much is driven and how often something fails.

    Attributes:
        vehicles: each has a folder, a key and a bad network of its own.
        drives: of each vehicle.
        seconds: of footage in each drive; the sample drive has 31.
        kills: of uploaders, and as many of the service, at random moments.
        every_s: seconds between two kills, drawn from zero to twice as many.
        share: of requests that fail in some way.
        seed: of all chances.
    """

    vehicles: int
    drives: int
    seconds: float
    kills: int
    every_s: float
    share: float
    seed: int = 7


@dataclass(slots=True)
class Fleet:
    """Vehicles with drives to record, and what became of them.

    Attributes:
        made: SHA-256 -> paths below `recordings/` of every file that was recorded.
        footage: SHA-256s of films: each is in one drive alone.
        broken: what was seen to be broken while all was going on.
    """

    size: Size
    folder: Path
    lab: Lab
    service: Service
    vehicles: list[Vehicle] = field(default_factory=list)
    networks: list[BadNetwork] = field(default_factory=list)
    made: dict[str, list[Path]] = field(default_factory=dict)
    footage: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    to_record: list[tuple[Path, Path]] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)

    def prepare(self) -> None:
        """Register the vehicles and make their drives, still outside their folders."""
        for number in range(self.size.vehicles):
            seed = self.size.seed * 1000 + number
            network = BadNetwork(self.service.port, at_random(self.size.share, seed))
            network.__enter__()
            self.networks.append(network)
            vehicle = vehicle_at(
                self.lab,
                self.folder / f"car-{number}",
                network.url,
                f"车 {number}",
                *_PATIENT,
                "--delete",
            )
            self.vehicles.append(vehicle)
            for drive in range(self.size.drives):
                later = timedelta(hours=self.size.drives * number + drive)
                made = self.folder / "made" / f"car-{number}" / f"drive-{drive}"
                make_drive(made, seconds=self.size.seconds, later=later)
                self._count(made, vehicle.folder / made.name)
        random.Random(self.size.seed).shuffle(self.to_record)  # noqa: S311 - of a test

    def _count(self, made: Path, target: Path) -> None:
        for file in sorted(made.iterdir()):
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            self.made.setdefault(digest, []).append(target / file.name)
            if file.suffix == ".mp4":
                self.footage.add(digest)
        self.to_record.append((made, target))

    def run(self, limit_s: float) -> float:
        """Let all of it happen; return the seconds that it took."""
        began_s = time.monotonic()
        chance = random.Random(self.size.seed)  # noqa: S311 - of a test
        self.service.start()
        for vehicle in self.vehicles:
            vehicle.start()
        kill_s = began_s
        while time.monotonic() < began_s + limit_s and not self._over():
            if self.to_record:
                made, target = self.to_record.pop()
                record(made, target)
                shutil.rmtree(made)
            if time.monotonic() >= kill_s and self._kills_left():
                self._kill(chance)
                kill_s = time.monotonic() + chance.uniform(0, 2 * self.size.every_s)
            self._look()
            time.sleep(_TICK_S)
        self._look()
        return time.monotonic() - began_s

    def close(self) -> None:
        """End every process."""
        for vehicle in self.vehicles:
            vehicle.kill()
        self.service.kill()
        for network in self.networks:
            network.__exit__()

    def jobs(self) -> list[JobRecord]:
        return self.lab.store.jobs(limit=10_000)

    def _kills_left(self) -> bool:
        return self.killed.total() < 2 * self.size.kills

    def _kill(self, chance: random.Random) -> None:
        """Cut a supply in the middle of whatever happens, and give it back."""
        if self.killed["service"] <= self.killed["vehicle"]:
            self.killed["service"] += 1
            self.service.kill()
            self.service.start()
            return
        self.killed["vehicle"] += 1
        vehicle = chance.choice(self.vehicles)
        vehicle.kill()
        if chance.random() < 0.3:
            (vehicle.folder / OURS / "state.json").unlink(missing_ok=True)
        vehicle.start()

    def _look(self) -> None:
        """What is gone from a vehicle must be whole at the service, at any moment."""
        to_come = {made for made, _ in self.to_record}
        for digest, paths in self.made.items():
            gone = [
                path
                for path in paths
                if not path.exists() and not _waits(path, to_come, self.folder)
            ]
            if gone and not self.whole(digest):
                self.broken.append(f"{gone[0]} is gone and not at the service")

    def whole(self, digest: str) -> bool:
        """Say if the quarantine's file with this hash has it."""
        raw = self.lab.store.raw_files([digest]).get(digest)
        if raw is None or raw.deleted_s is not None:
            return False
        files = self.lab.settings.raw_folder / "files"
        path = files / raw.id[:2] / raw.id
        return path.is_file() and path.stat().st_size == raw.size

    def _over(self) -> bool:
        if self.to_record or self._kills_left():
            return False
        jobs = self.jobs()
        wanted = self.size.vehicles * self.size.drives
        left = [p for paths in self.made.values() for p in paths if p.exists()]
        return not left and len(jobs) >= wanted and not any(j.is_open for j in jobs)

    def verdict(self) -> Verdict:
        """Count what was promised."""
        held: Counter[str] = Counter()
        for path in (self.lab.settings.raw_folder / "files").rglob("*"):
            if path.is_file():
                held[hashlib.sha256(path.read_bytes()).hexdigest()] += 1
        jobs = self.jobs()
        scored = Counter(
            sha256
            for job in jobs
            if job.state == "done" and job.result.get("scored", 0) > 0
            for name, sha256 in job.order.files.items()
            if name.endswith(".mp4")
        )
        looks = [
            look.inspection_id
            for street in self.lab.store.segments()
            for look in self.lab.store.looks(street.id)
        ]
        return Verdict(
            files=sum(len(paths) for paths in self.made.values()),
            whole_once=all(held[digest] == 1 for digest in self.made),
            strangers=len(held.keys() - self.made.keys()),
            drives=self.size.vehicles * self.size.drives,
            jobs=Counter(job.state for job in jobs),
            scored_once=scored == Counter(dict.fromkeys(self.footage, 1)),
            inspections=len(set(looks)),
            left=sum(p.exists() for paths in self.made.values() for p in paths),
            broken=tuple(self.broken),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was counted at the end.

    Attributes:
        files: that were recorded.
        whole_once: the quarantine has the bytes of each exactly once, and of no other.
        strangers: contents in the quarantine that nobody recorded.
        drives: that were driven.
        jobs: by their state.
        scored_once: every film was scored in exactly one job.
        inspections: that the streets' memory is made of.
        left: files that still lie at vehicles.
        broken: promises that did not hold at some moment.
    """

    files: int
    whole_once: bool
    strangers: int
    drives: int
    jobs: Counter[str]
    scored_once: bool
    inspections: int
    left: int
    broken: tuple[str, ...]

    @property
    def good(self) -> bool:
        return (
            self.whole_once
            and not self.strangers
            and self.jobs == Counter(done=self.drives)
            and self.scored_once
            and self.inspections == self.drives
            and self.left == 0
            and not self.broken
        )


def make_drive(folder: Path, *, seconds: float, later: timedelta) -> None:
    """Write the sample drive's first seconds as two films, driven some time later.

    The pictures are the same ones; hours, and so all bytes of containers, differ.
    """
    folder.mkdir(parents=True)
    for name in ("camera.toml", "roads.geojson"):
        shutil.copy(SAMPLE / name, folder / name)
    track = (SAMPLE / "track.gpx").read_text("utf-8")
    shifted = _TIME.sub(lambda found: f"<time>{_later(found[1], later)}</time>", track)
    (folder / "track.gpx").write_text(shifted, "utf-8")
    half_s = seconds / 2
    with av.open(str(SAMPLE / "drive.mp4")) as source:
        stream = source.streams.video[0]
        packets = [p for p in source.demux(stream) if p.pts is not None]
        at_s = [float(p.pts * p.time_base) for p in packets]
        keys = [t for p, t in zip(packets, at_s, strict=True) if p.is_keyframe]
        cut_s = max(t for t in keys if t <= half_s)
        for name, begin_s, end_s in (("a", 0.0, cut_s), ("b", cut_s, seconds)):
            at = BEGAN + later + timedelta(seconds=begin_s)
            with av.open(str(folder / f"{name}.mp4"), "w") as target:
                target.metadata["creation_time"] = at.isoformat().replace("+00:00", "Z")
                target.metadata["comment"] = folder.as_posix()
                out = target.add_stream_from_template(stream)
                shift = round(begin_s / stream.time_base)
                for packet, t in zip(packets, at_s, strict=True):
                    if begin_s <= t < end_s:
                        packet.stream = out
                        before = packet.pts, packet.dts
                        packet.pts, packet.dts = (value - shift for value in before)
                        target.mux(packet)


def _later(text: str, later: timedelta) -> str:
    at = datetime.fromisoformat(text) + later
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(made: Path, target: Path) -> None:
    """Write a drive as a recorder does: each film begun, then finished."""
    target.mkdir()
    for file in sorted(made.iterdir()):
        content = file.read_bytes()
        with (target / file.name).open("wb") as recording:
            recording.write(content[: len(content) // 2])
            recording.flush()
            time.sleep(0.02)
            recording.write(content[len(content) // 2 :])


def _waits(path: Path, to_come: set[Path], folder: Path) -> bool:
    """Say if a file was not recorded yet."""
    drive = path.parent
    return folder / "made" / drive.parent.name / drive.name in to_come
