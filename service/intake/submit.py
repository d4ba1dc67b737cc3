"""A drive comes in: files into the quarantine, a job into the queue."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from service.intake.names import BESIDE_SUFFIXES, checked_drive, checked_name
from service.intake.quarantine import Quarantine
from service.job_records import JobOrder, JobRecord, is_package
from service.settings import Settings
from service.store import Store
from vision.catalogue import current_model, load_card
from vision.errors import InputError, NotFoundError
from vision.suffixes import FOOTAGE_SUFFIXES

CAMERA, ROADS = "camera.toml", "roads.geojson"
USUAL_PRIORITY = 50
ABOARD = "aboard"
"""Stands for the model of a package, which says itself what looked."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a drive, and how it is to be taken.

    Attributes:
        vehicle: None if unknown.
        district: of the key; None for the whole city.
        by: name of the key; None for the command line.
        priority: 1 comes first, 100 last.
        model: `name@version`; None for that of the settings.
    """

    vehicle: str | None = None
    district: str | None = None
    by: str | None = None
    priority: int = USUAL_PRIORITY
    model: str | None = None


def submit(
    settings: Settings,
    store: Store,
    files: Mapping[str, str],
    sender: Sender,
    *,
    aside: Mapping[str, str] | None = None,
) -> tuple[JobRecord, bool]:
    """Queue a drive whose files are in the quarantine.

    Args:
        settings: the eyes, unless the sender names others.
        store: keeps the job.
        files: name -> SHA-256.
        sender: who sends it.
        aside: name -> why it cannot be read, of files that came with them.

    Returns:
        The job, and whether it is new: the same footage under the same eyes is one.

    Raises:
        InputError: there is no footage among the files, or no such priority.
        NotFoundError: there is no such model.
    """
    checked_drive(files)
    order = order_of(settings, files, sender)
    if aside:
        order = replace(order, given={"failures": aside_failures(aside)})
    return store.add_job(order, now_s=time.time())


def aside_failures(aside: Mapping[str, str]) -> list[dict[str, str]]:
    """Return what a job says of files that cannot be read, name -> reason."""
    return [
        {"item": name, "code": "aside", "message": f"{name}: {reason}"}
        for name, reason in sorted(aside.items())
    ]


def inspect_again(
    settings: Settings, store: Store, drive_id: str, sender: Sender
) -> tuple[JobRecord, bool]:
    """Queue a drive once more, to be looked at by another model.

    Raises:
        InputError: it was a watch of a camera that stands.
        NotFoundError: no such drive came in this way, or there is no such model.
        GoneError: its footage was deleted when its days were over.
    """
    jobs = store.jobs(wanted={"drive_id": drive_id})
    of_drive = [job for job in jobs if job.order.kind == "drive"]
    if any(job.order.kind == "watch" for job in jobs):
        msg = (
            "what a camera that stands saw is not inspected again; its next slots are "
            "watched with the model of the setting jobs.model"
        )
        raise InputError(msg)
    before = of_drive[0].order if of_drive else _seen_aboard(store, drive_id)
    if before is None:
        msg = (
            f"the footage of the drive {drive_id} never was in this service's "
            "quarantine, so it cannot be inspected again; send it to POST /drives"
        )
        raise NotFoundError(msg)
    Quarantine(settings, store).refuse_gone(before.files)
    again = Sender(
        vehicle=sender.vehicle or before.vehicle,
        district=before.district,
        by=sender.by,
        priority=sender.priority,
        model=sender.model,
    )
    order = order_of(settings, before.files, again, drive_id=drive_id)
    order = replace(order, given=before.given)
    return store.add_job(order, now_s=time.time())


def _seen_aboard(store: Store, drive_id: str) -> JobOrder | None:
    """Return the order of a package, with the footage that came of its drive later.

    With what lies beside it, as far as it came; None where no footage was sent.
    """
    for drive in store.aboard_drives(drive_id=drive_id):
        files = store.footage_sent(drive)
        job = store.job(drive.job_id)
        here = store.raw_files(files.values())
        if job is not None and drive.footage & here.keys():
            came = {
                name: sha256
                for name, sha256 in files.items()
                if sha256 in here or sha256 in drive.footage
            }
            return replace(job.order, files=came)
    return None


def take_in(
    settings: Settings,
    store: Store,
    paths: Iterable[Path],
    sender: Sender,
    *,
    named: Mapping[str, Path] | None = None,
) -> tuple[JobRecord, bool]:
    """Copy the files of one drive into the quarantine and queue it.

    Args:
        settings: where the quarantine lies.
        store: keeps the job.
        paths: files and folders; of a folder what a drive needs, not its sub-folders.
        sender: who sends it.
        named: `camera.toml` and `roads.geojson` from elsewhere.

    Raises:
        InputError: no footage among them, or two files of one name.
        NotFoundError: something does not exist.
        OutputError: the disk is nearly full.
    """
    found: dict[str, Path] = {}
    for path in (file for given in paths for file in _files_at(given)):
        if found.setdefault(path.name, path) != path:
            msg = (
                f"two files of the drive are called {path.name}; give one folder at a "
                "time, or rename one"
            )
            raise InputError(msg)
    found |= named or {}
    checked_drive(found)
    for name in found:
        checked_name(name)
    _refuse_no_model(settings, sender.model)
    quarantine = Quarantine(settings, store)
    files = {name: quarantine.take(path)[1] for name, path in sorted(found.items())}
    return submit(settings, store, files, sender)


def _files_at(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        msg = f"there is no file or folder {path}; check the path"
        raise NotFoundError(msg)
    wanted = FOOTAGE_SUFFIXES | BESIDE_SUFFIXES
    return sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in wanted
        and not file.name.startswith(".")
        and file.is_file()
    )


def order_of(
    settings: Settings,
    files: Mapping[str, str],
    sender: Sender,
    *,
    drive_id: str | None = None,
) -> JobOrder:
    """Return what is to be done with a drive's files.

    Raises:
        InputError: there is no such priority.
        NotFoundError: there is no such model.
    """
    if not 1 <= sender.priority <= 100:
        msg = f"priority must be from 1 (first) to 100 (last), got {sender.priority}"
        raise InputError(msg)
    if any(is_package(name) for name in files):
        return JobOrder(
            files=files,
            model=ABOARD,
            layout=None,
            spacing_m=settings.jobs.spacing_m,
            vehicle=sender.vehicle,
            district=sender.district,
            priority=sender.priority,
            by=sender.by,
            kind="edge",
        )
    return JobOrder(
        files=files,
        model=_model(settings, sender.model),
        layout=settings.jobs.layout,
        spacing_m=settings.jobs.spacing_m,
        vehicle=sender.vehicle,
        district=sender.district,
        priority=sender.priority,
        by=sender.by,
        drive_id=drive_id,
    )


def _model(settings: Settings, wanted: str | None) -> str:
    """Return `name@version` that is to look.

    A setting that somebody wrote down counts; else the model that was promoted last.
    """
    jobs = settings.jobs
    if wanted is not None:
        return load_card(wanted, jobs.models).id
    if "model" in jobs.model_fields_set:
        return jobs.model
    return current_model(jobs.model.partition("@")[0], jobs.models) or jobs.model


def _refuse_no_model(settings: Settings, model: str | None) -> None:
    if model is not None:
        load_card(model, settings.jobs.models)
