"""Manifests: the service is told which files are one drive, and when no more come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from service.vehicle.answers import refuse_file
from service.vehicle.drives import Outing
from service.vehicle.lying import PACKAGE_SUFFIX
from service.vehicle.remembered import KnownDrive, Part
from service.vehicle.talk import Talk
from service.vehicle.told import HoldError, Told

_UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f<>:\"|?*\u202a-\u202e\u2066-\u2069]")
_LONGEST_STEM = 180


@dataclass(frozen=True, slots=True)
class Who:
    """Whose recordings these are, for the manifest; None leaves it to the service."""

    vehicle: str | None = None
    camera: str | None = None


class Announcer:
    """Keeps the manifests at the service as the folder is.

    Args:
        talk: to the service.
        who: whose recordings these are.
    """

    def __init__(self, talk: Talk, who: Who) -> None:
        self._talk = talk
        self._who = who
        self._accepted: dict[str, dict[str, Any]] = {}

    def meet(self, name: str) -> bool:
        """Ask once what the service knows of a drive: our memory may be lost.

        Returns:
            Whether it was asked now.

        Raises:
            HoldError: not now.
            RefusedError: the service refuses the name.
        """
        if name in self._accepted:
            return False
        answer = self._talk.ask("GET", f"/drives/manifests/{name}")
        if answer.status == 404:
            self._accepted[name] = {"files": []}
            return True
        refuse_file(answer)
        said = answer.json()
        if not isinstance(said.get("files"), list):
            told = Told("服务器答复不全", "the service's manifest lacks its files")
            raise HoldError(told)
        self._accepted[name] = said
        return True

    def free_name(
        self, name: str, path: str, sha256: str, parts: Mapping[str, Part]
    ) -> str:
        """Return under which name a file is listed: its own, unless that is taken.

        Args:
            name: of the manifest.
            path: of the file.
            sha256: of its content.
            parts: path -> the drive's files as they will be announced.

        A file of a name never changes at the service. One that grew after it was
        announced is therefore listed a second time, as `drive~2.mp4`.
        """
        listed = {p.name: p.sha256 for of, p in parts.items() if of != path}
        listed |= self._files(name)
        wanted, number = plain_name(PurePosixPath(path).name), 1
        stem, ending = _parted(wanted)
        while listed.get(wanted, sha256) != sha256:
            number += 1
            wanted = f"{stem}~{number}{ending}"
        return wanted

    def lists(self, name: str, part: Part) -> bool:
        """Say if the service has accepted a manifest with this file."""
        return self._files(name).get(part.name) == part.sha256

    def tell(
        self, name: str, drive: KnownDrive, outing: Outing, *, complete: bool
    ) -> None:
        """Bring the manifest up to date, if it is not.

        Args:
            name: of the manifest; `meet` was asked for it.
            drive: its files.
            outing: what lies there.
            complete: no more files will come.

        Raises:
            HoldError: not now.
            RefusedError: the service will not have this manifest.
        """
        before = self._accepted[name]
        files = {f["name"]: f for f in before["files"]}
        files |= {
            part.name: {
                "name": part.name,
                "sha256": part.sha256,
                "size": part.looks[0],
            }
            for part in drive.parts.values()
        }
        timed = outing.kind == "drive"  # a package says itself when it was driven
        body = {
            "vehicle": self._who.vehicle,
            "camera": self._who.camera,
            "started": _utc(drive.start_s) if timed else None,
            "ended": _utc(drive.end_s) if timed else None,
            "priority": None,
            "complete": complete,
            "kind": outing.kind,
            "files": [files[key] for key in sorted(files)],
        }
        if _same(before, body):
            return
        answer = self._talk.ask_json("PUT", f"/drives/manifests/{name}", body)
        if answer.status == 409:
            del self._accepted[name]  # an older word came late: names are taken
            told = Told(
                "清单有变化,重新核对", "the manifest changed; it is asked again"
            )
            raise HoldError(told)
        if answer.status == 404:
            told = Told(
                "此地址没有上传服务",
                "there are no manifests at this address; check --server",
            )
            raise HoldError(told)
        refuse_file(answer)
        self._accepted[name] = body

    def _files(self, name: str) -> dict[str, str]:
        known = self._accepted.get(name, {"files": []})
        return {str(f["name"]): str(f["sha256"]) for f in known["files"]}


def plain_name(name: str) -> str:
    """Return a file's name as every system can keep it.

    Recorders write names in encodings of their own, and with signs that others refuse:
    the service would refuse the whole drive for one of them.
    """
    text = name.encode("utf-8", "replace").decode()
    stem, ending = _parted(_UNSAFE.sub("_", text).strip())
    stem = stem.encode()[:_LONGEST_STEM].decode("utf-8", "ignore")
    # What was only a gap before its ending would hide: ` .mp4`.
    hidden = stem.startswith(".") or not stem
    return f"_{stem}{ending}" if hidden else f"{stem}{ending}"


def _parted(name: str) -> tuple[str, str]:
    """Return a name's stem, and the ending that says what the file is."""
    if name.lower().endswith(PACKAGE_SUFFIX):
        at = len(name) - len(PACKAGE_SUFFIX)
        return name[:at], name[at:]
    plain = PurePosixPath(name)
    return plain.stem, plain.suffix


def _same(before: dict[str, Any], body: dict[str, Any]) -> bool:
    """Say if a manifest needs not be sent: nothing in it that counts is new."""
    if before.get("complete") is not body["complete"]:
        return False
    listed = {(f["name"], f["sha256"]) for f in before["files"]}
    return listed == {(f["name"], f["sha256"]) for f in body["files"]}


def _utc(epoch_s: float) -> str | None:
    try:
        at = datetime.fromtimestamp(epoch_s, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
