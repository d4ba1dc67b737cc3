"""`NAME.edge.zip`: an inspection and its masked pictures, written once, read strictly.

    package.json        who made it, with which networks; SHA-256 of every other member
    inspection.json     the drive beside its pictures, and what was seen
    evidence/*.jpg      masked pictures

The same inspection gives the same bytes. A reader trusts no length and no name in it.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from service.audit.outing import Outing
from service.edge.form import (
    FORM,
    MOST_PICTURES,
    AnyForm,
    InspectionForm,
    MemberForm,
    NetworkForm,
    PackageForm,
)
from service.edge.nouns import form_of, inspection_of, outing_of
from vision.catalogue import LayoutCard, load_card, load_layout_card
from vision.errors import AuditError, FormError, InputError, OutputError
from vision.evidence import EvidenceSink
from vision.footage import refuse_no_jpeg
from vision.inspect import Inspection

HEAD, BODY = "package.json", "inspection.json"
MOST_PACKAGE_BYTES = 1 << 30
_MOST_BODY_BYTES = 64 << 20
_MOST_HEAD_BYTES = 4 << 20
_MOST_PICTURE_BYTES = 8 << 20
_MOST_RATIO = 100
"""Numbers as text shrink to a tenth or so; what shrinks to a hundredth is a trap."""
_EVIDENCE = "evidence/"
_BEGAN = (1980, 1, 1, 0, 0, 0)
_FILE_RW = 0o100644 << 16
_UNIX = 3
_END = struct.Struct("<4s4H2LH")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    struct.error,
)
AForm = TypeVar("AForm", bound=BaseModel)


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """What a package holds.

    Attributes:
        outing: the drive beside its pictures.
        seen: what was seen; its pictures were given to the sink.
        drive: as the vehicle calls the drive that it is of; None if it does not say.
    """

    outing: Outing
    seen: Inspection
    drive: str | None = None


def write_package(
    target: Path,
    outing: Outing,
    seen: Inspection,
    *,
    layout: LayoutCard | None,
    pictures: Path,
    drive: str | None = None,
) -> Path:
    """Write a package in one step.

    Args:
        target: its file; replaced if it is there.
        outing: the drive beside its pictures.
        seen: what was seen.
        layout: of the network that read the layout; None where geometry stood in.
        pictures: folder below which `evidence/*.jpg` lie.
        drive: as the vehicle calls the drive that it is of; None for one of its own.

    Raises:
        InputError: the drive is not one that the form can tell of.
        OutputError: it cannot be written.
    """
    try:
        body = form_of(outing, seen).model_dump_json().encode()
    except ValidationError as error:
        msg = f"this drive cannot be put into a package: {_first(error)}"
        raise InputError(msg) from error
    names = sorted(_picture_names(seen))
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w") as package:
            members = {BODY: _member(body)}
            for name in names:
                members[name] = _member((pictures / name).read_bytes())
            head = PackageForm(
                form=FORM,
                liujing=metadata.version("liujing"),
                model=NetworkForm(id=outing.card.id, sha256=outing.card.sha256),
                layout=None
                if layout is None
                else NetworkForm(id=layout.id, sha256=layout.sha256),
                drive=drive,
                members=members,
            )
            _add(package, HEAD, head.model_dump_json(indent=1).encode())
            _add(package, BODY, body)
            for name in names:
                _add(package, name, (pictures / name).read_bytes())
        part.replace(target)
    except OSError as error:
        msg = f"the package {target} cannot be written ({error.strerror}); make room"
        raise OutputError(msg) from error
    return target


def read_package(path: Path, models: Path | None, sink: EvidenceSink) -> Packed:
    """Read a package and hand its pictures on; nothing in it is believed unchecked.

    Args:
        path: the file.
        models: folder of model cards; None finds the installed ones.
        sink: takes the masked pictures.

    Raises:
        InputError: the package is damaged, of an unknown form, or says what cannot be.
        NotFoundError: it was made by a model that is not installed here.
    """
    try:
        return _read(path, models, sink)
    except AuditError as error:
        msg = f"the package {path.name} is refused: {error}"
        raise InputError(msg) from error


def _read(path: Path, models: Path | None, sink: EvidenceSink) -> Packed:
    _refuse_huge_directory(path)
    try:
        with zipfile.ZipFile(path) as package:
            members = _members(package)
            head_bytes = _content(package, members, HEAD, _MOST_HEAD_BYTES)
            _refuse_other_form(head_bytes)
            head = _parsed(PackageForm, HEAD, head_bytes)
            _refuse_other_members(head, members)
            layout_id = _refuse_other_networks(head, models)
            body_bytes = _content(package, members, BODY, _MOST_BODY_BYTES)
            _refuse_changed(head, BODY, body_bytes)
            body = _parsed(InspectionForm, BODY, body_bytes)
            card = load_card(head.model.id, models)
            seen = inspection_of(body.seen, card=card)
            outing = outing_of(
                body.outing, card=card, layout_id=layout_id, aboard=head.liujing
            )
            wanted = _picture_names(seen)
            if wanted != {name for name in members if name not in (HEAD, BODY)}:
                msg = "its pictures are not those that its sightings name"
                raise FormError(msg)
            for name in sorted(wanted):
                jpeg = _content(package, members, name, _MOST_PICTURE_BYTES)
                _refuse_changed(head, name, jpeg)
                refuse_no_jpeg(jpeg, name)
                sink.save(name.removeprefix(_EVIDENCE), jpeg)
    except _BROKEN as error:
        msg = "it is no package, or was cut short; send it again"
        raise FormError(msg) from error
    return Packed(outing, seen, head.drive)


def _refuse_huge_directory(path: Path) -> None:
    """Look at the end of the file before anybody reads a directory of millions."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size))
        end = file.read()
    good = len(end) == _END.size and size <= MOST_PACKAGE_BYTES
    if good:
        sign, _, _, here, whole, length, _, comment = _END.unpack(end)
        good = sign == b"PK\5\6" and here == whole <= MOST_PICTURES + 2
        good = good and comment == 0 and length <= _MOST_HEAD_BYTES
    if not good:
        msg = "it is no package, was cut short, or is too large; send it again"
        raise FormError(msg)


def _members(package: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    """Return the members by name; all are of a kind and a size that packages have."""
    members: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in package.infolist():
        numbers = info.filename in (HEAD, BODY)
        allowed = zipfile.ZIP_DEFLATED if numbers else zipfile.ZIP_STORED
        packed = info.compress_size
        total += info.file_size
        if info.filename in members or info.compress_type != allowed:
            msg = f"its member {info.filename[:80]!r} is none that packages have"
            raise FormError(msg)
        if info.file_size > _MOST_RATIO * max(packed, 1) or total > MOST_PACKAGE_BYTES:
            msg = "it would unpack to far more than it is"
            raise FormError(msg)
        members[info.filename] = info
    return members


def _content(
    package: zipfile.ZipFile,
    members: Mapping[str, zipfile.ZipInfo],
    name: str,
    most: int,
) -> bytes:
    info = members.get(name)
    if info is None:
        msg = f"{name} is missing in it"
        raise FormError(msg)
    if info.file_size > most:
        msg = f"{name} in it is larger than {most >> 20} MB"
        raise FormError(msg)
    with package.open(info) as file:
        return file.read(most)


def _refuse_other_form(head: bytes) -> None:
    """Tell a form of another version from damage."""
    form = _parsed(AnyForm, HEAD, head).form
    if form != FORM:
        msg = (
            f"it has the form {form[:40]!r} and this server reads {FORM}; update the "
            "server or the vehicle"
        )
        raise FormError(msg)


def _parsed(form: type[AForm], name: str, data: bytes) -> AForm:
    try:
        return form.model_validate_json(data)
    except ValidationError as error:
        msg = f"{name}: {_first(error)}"
        raise FormError(msg) from error


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in problem["loc"]) or "the file"
    said = str(problem["msg"])
    return f"{place[:120]}: {said[0].lower()}{said[1:300]}"


def _refuse_other_members(head: PackageForm, members: Iterable[str]) -> None:
    if set(head.members) | {HEAD} != set(members) or HEAD in head.members:
        msg = f"{HEAD} in it names other members than it has"
        raise FormError(msg)


def _refuse_changed(head: PackageForm, name: str, data: bytes) -> None:
    told = head.members[name]
    if told.bytes != len(data) or told.sha256 != hashlib.sha256(data).hexdigest():
        msg = f"{name} in it is not what {HEAD} says; send it again"
        raise FormError(msg)


def _refuse_other_networks(head: PackageForm, models: Path | None) -> str | None:
    """Refuse networks that this server does not know; return the layout's."""
    known = [(head.model, load_card(head.model.id, models).sha256)]
    if head.layout is not None:
        layout = load_layout_card(head.layout.id, models)
        known.append((head.layout, layout.sha256))
    for network, sha256 in known:
        if network.sha256 != sha256:
            msg = (
                f"the vehicle's {network.id} is another file (SHA-256 "
                f"{network.sha256[:8]}) than this server's ({sha256[:8]}); give both "
                "the same model"
            )
            raise FormError(msg)
    return None if head.layout is None else head.layout.id


def _picture_names(seen: Inspection) -> set[str]:
    return {
        name
        for sighting in seen.sightings
        for evidence in sighting.evidence
        for name in (evidence.image, evidence.crop)
    }


def _member(data: bytes) -> MemberForm:
    return MemberForm(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def _add(package: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _BEGAN)
    info.create_system, info.external_attr = _UNIX, _FILE_RW
    numbers = name in (HEAD, BODY)
    info.compress_type = zipfile.ZIP_DEFLATED if numbers else zipfile.ZIP_STORED
    package.writestr(info, data, compresslevel=9)
