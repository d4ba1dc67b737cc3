"""Devices: who sends footage, and how it fares."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Path
from pydantic import BaseModel, ConfigDict, Field

from service.api.asked import Admin, Caller, TheSettings, TheStore, only
from service.api.refusals import Word, refusals, time_of
from service.device_records import Contact, Device
from service.intake.devices import (
    NewDevice,
    clock_remark,
    device_of,
    end_device,
    hear,
    models_remark,
    register,
    rotate,
)
from service.records import KeyRecord
from service.store import Store
from service.types import DAY_S
from vision.errors import InputError, NotFoundError

router = APIRouter(prefix="/devices", tags=["devices 设备"])
Sender = Annotated[Caller, Depends(only("device"))]
Anybody = Annotated[Caller, Depends(only("device", "centre"))]
Centre = Annotated[Caller, Depends(only("centre"))]
DeviceId = Annotated[
    str, Path(pattern="^dv[0-9a-f]{12}$", description="设备编号 name of the device")
]
DeviceOrMe = Annotated[
    str,
    Path(
        pattern="^(me|dv[0-9a-f]{12})$",
        description="设备编号,或 me name of the device; its own key says me",
    ),
]
ME = "me"
_MOST = 2**63 - 1
_HOUR_S = 3600.0
_TOLD_S, _MOST_TOLD = 30 * DAY_S, 10
"""How long and of how many refused packages a vehicle is told."""


class DeviceIn(BaseModel):
    """A device as it is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Word = Field(min_length=1, max_length=80, description="名称 for people")
    kind: Literal["vehicle", "camera"] = Field(
        default="vehicle", description="种类:车载或固定 it drives, or it stands"
    )
    district: Word | None = Field(
        default=None, description="所在区,空为全市 all it sends lies there, null: city"
    )
    vehicle: Word | None = Field(
        default=None, max_length=80, description="车辆 which vehicle it sits in"
    )
    quota_gb: float | None = Field(
        default=None,
        strict=True,
        description="配额 GB of raw footage; null for no bound",
    )
    days: float | None = Field(
        default=None,
        strict=True,
        description="密钥天数 days its key holds; null for good",
    )
    raw_wanted: bool = Field(
        default=True,
        strict=True,
        description="是否要原始影像 its raw footage is wanted",
    )


class ContactIn(BaseModel):
    """What a device says of itself; what it does not know is null."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    device_time: float = Field(
        allow_inf_nan=False, strict=True, description="设备时钟 its clock, Unix seconds"
    )
    firmware: Word | None = Field(
        default=None, max_length=80, description="固件版本 version of its program"
    )
    free_disk_bytes: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=_MOST,
        description="剩余磁盘字节 free bytes of its disk",
    )
    models: list[Word] | None = Field(
        default=None, max_length=50, description="车上模型 name@version, on board"
    )
    waiting_files: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=_MOST,
        description="待传文件数 files still to send",
    )
    waiting_bytes: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=_MOST,
        description="待传字节 bytes still to send",
    )
    says: Word | None = Field(
        default=None,
        max_length=300,
        description="设备自述故障 what it cannot do, one sentence, or null",
    )


class RefusedOut(BaseModel):
    """A package of a vehicle that could not be used."""

    name: str = Field(description="清单名称 name of its manifest")
    reason: str = Field(description="原因 why, one sentence")


class ContactOut(BaseModel):
    """What the service answers a device."""

    server_time: float = Field(description="服务器时钟 its clock, Unix seconds")
    clock_offset_s: float = Field(
        description="设备时钟减服务器时钟,秒 the device's clock minus the server's"
    )
    device: str = Field(description="设备编号 name of the device")
    name: str = Field(description="设备名称 for people")
    raw_wanted: bool = Field(description="是否要原始影像 raw footage is wanted")
    remark: str | None = Field(
        description="提示 what is wrong with its clock or its models, null if nothing"
    )
    refused_packages: list[RefusedOut] = Field(
        description="未采用的识别包 packages that could not be used, the newest first"
    )


class DeviceOut(BaseModel):
    """A device and how it was when it was last heard of."""

    id: str = Field(description="设备编号 id")
    name: str = Field(description="名称 for people")
    kind: Literal["vehicle", "camera"] = Field(
        description="种类:车载或固定 it drives, or it stands"
    )
    district: str | None = Field(description="所在区,空为全市 district, null: city")
    vehicle: str | None = Field(description="车辆 which vehicle it sits in")
    quota_bytes: int | None = Field(description="配额字节 of raw footage, or null")
    raw_wanted: bool = Field(description="是否要原始影像 raw footage is wanted")
    key_id: str | None = Field(description="所用密钥编号 name of its key, no secret")
    registered: datetime = Field(description="登记时刻 when, RFC 3339")
    ended: datetime | None = Field(description="收回时刻 when it was taken back")
    last_contact: datetime | None = Field(description="最近联系 last contact, RFC 3339")
    silent: bool = Field(description="是否失联 not heard of for intake.silent_h")
    clock_offset_s: float | None = Field(
        description="时钟偏差,秒 its clock minus the server's"
    )
    firmware: str | None = Field(description="固件版本 version of its program")
    free_disk_bytes: int | None = Field(description="剩余磁盘字节 free bytes")
    models: list[str] | None = Field(description="车上模型 name@version, on board")
    waiting_files: int | None = Field(description="待传文件数 files still to send")
    waiting_bytes: int | None = Field(description="待传字节 bytes still to send")
    says: str | None = Field(description="设备自述故障 what it cannot do, or null")


class NewDeviceOut(DeviceOut):
    """A device that got a key."""

    token: str = Field(description="令牌,只显示这一次 its key, shown only now")


class DevicesOut(BaseModel):
    """All devices that the key may see."""

    items: list[DeviceOut] = Field(description="设备 devices, the oldest first")


@router.post(
    "",
    status_code=201,
    summary="登记设备 Register a device",
    responses=refusals(400, 401, 403),
)
def add_device(
    wanted: DeviceIn, caller: Admin, store: TheStore, settings: TheSettings
) -> NewDeviceOut:
    """409 if a device that holds has this name; its key is shown only now."""
    if not caller.sees(wanted.district):
        msg = f"this key makes devices of {caller.district} alone; name that district"
        raise InputError(msg)
    return _made(store, settings.intake.silent_h, register(store, _wanted(wanted)))


@router.get("", summary="设备列表 Devices", responses=refusals(401, 403))
def list_devices(caller: Centre, store: TheStore, settings: TheSettings) -> DevicesOut:
    """Return the devices of the key's district, those taken back among them."""
    heard = store.contacts()
    silent_h = settings.intake.silent_h
    found = [one for one in store.devices() if caller.sees(one.district)]
    return DevicesOut(items=[_out(one, heard.get(one.id), silent_h) for one in found])


@router.post(
    "/me/contact",
    summary="设备报到 A device says how it is",
    responses=refusals(400, 401, 403, 404),
)
def post_contact(
    said: ContactIn, caller: Sender, store: TheStore, settings: TheSettings
) -> ContactOut:
    """Its clock is measured against the server's; every offset is remembered.

    It hears which of its models the service does not have, and which of its packages
    could not be used.
    """
    now_s = time.time()
    device = _me(store, caller)
    given = Contact(
        at_s=now_s,
        offset_s=0.0,
        firmware=said.firmware,
        free_disk_bytes=said.free_disk_bytes,
        models=None if said.models is None else tuple(said.models),
        waiting_files=said.waiting_files,
        waiting_bytes=said.waiting_bytes,
        says=said.says,
    )
    contact = hear(store, device, given, device_time_s=said.device_time)
    remarks = filter(
        None,
        (
            clock_remark(contact.offset_s),
            models_remark(given.models or (), settings.jobs.models),
        ),
    )
    return ContactOut(
        server_time=now_s,
        clock_offset_s=contact.offset_s,
        device=device.id,
        name=device.name,
        raw_wanted=device.raw_wanted,
        remark=" ".join(remarks) or None,
        refused_packages=[
            RefusedOut(name=name, reason=reason)
            for name, reason in store.refused_packages(
                device.id, since_s=now_s - _TOLD_S, limit=_MOST_TOLD
            )
        ],
    )


@router.get(
    "/{device_id}",
    summary="一个设备 One device",
    responses=refusals(400, 401, 403, 404),
)
def get_device(
    device_id: DeviceOrMe, caller: Anybody, store: TheStore, settings: TheSettings
) -> DeviceOut:
    """Return a device and how it was when it was last heard of.

    A device asks for `me`: 404 for a key of no registered device, which may send
    footage all the same.
    """
    mine = device_id == ME
    if caller.role != "admin" and mine != (caller.role == "device"):
        raise HTTPException(403, "a device sees itself, as me, and the centre sees all")
    device = _me(store, caller) if mine else _find(store, caller, device_id)
    heard = store.contacts(device.id).get(device.id)
    return _out(device, heard, settings.intake.silent_h)


@router.post(
    "/{device_id}/rotate",
    summary="更换令牌 Give a device a new key",
    responses=refusals(400, 401, 403, 404),
)
def rotate_device(
    device_id: DeviceId, caller: Admin, store: TheStore, settings: TheSettings
) -> NewDeviceOut:
    """Its keys so far end at once; the new one is shown only now."""
    device = _holding(_find(store, caller, device_id))
    return _made(store, settings.intake.silent_h, rotate(store, device))


@router.delete(
    "/{device_id}",
    status_code=204,
    summary="收回设备 Take a device back",
    responses=refusals(400, 401, 403, 404),
)
def delete_device(device_id: DeviceId, caller: Admin, store: TheStore) -> None:
    """Its keys end at once; what it sent stays."""
    device = _holding(_find(store, caller, device_id))
    end_device(store, device, reason=f"ended with the key {caller.key_id}")


def _wanted(wanted: DeviceIn) -> NewDevice:
    return NewDevice(**wanted.model_dump())


def _find(store: Store, caller: Caller, device_id: str) -> Device:
    for one in store.devices(device_id=device_id):
        if caller.sees(one.district):
            return one
    msg = f"there is no device {device_id}; see /devices"
    raise NotFoundError(msg)


def _holding(device: Device) -> Device:
    if device.ended_s is not None:
        msg = f"the device {device.id} was taken back already; register another"
        raise NotFoundError(msg)
    return device


def _me(store: Store, caller: Caller) -> Device:
    device = device_of(store, caller.key_id)
    if device is None:
        msg = (
            "this key belongs to no registered device; it may send footage, and tells "
            "how it is only when registered with liujing devices add"
        )
        raise NotFoundError(msg)
    return device


def _made(
    store: Store, silent_h: float, made: tuple[Device, KeyRecord, str]
) -> NewDeviceOut:
    device, _, secret = made
    shown = _out(device, store.contacts(device.id).get(device.id), silent_h)
    return NewDeviceOut(**shown.model_dump(), token=secret)


def _out(device: Device, heard: Contact | None, silent_h: float) -> DeviceOut:
    last_s = device.known_s if heard is None else heard.at_s
    silent = device.ended_s is None and last_s < time.time() - silent_h * _HOUR_S
    return DeviceOut(
        id=device.id,
        name=device.name,
        kind=device.kind,
        district=device.district,
        vehicle=device.vehicle,
        quota_bytes=device.quota_bytes,
        raw_wanted=device.raw_wanted,
        key_id=device.keys[-1] if device.keys else None,
        registered=time_of(device.known_s),
        ended=None if device.ended_s is None else time_of(device.ended_s),
        last_contact=None if heard is None else time_of(heard.at_s),
        silent=silent,
        clock_offset_s=None if heard is None else heard.offset_s,
        firmware=None if heard is None else heard.firmware,
        free_disk_bytes=None if heard is None else heard.free_disk_bytes,
        models=None if heard is None or heard.models is None else list(heard.models),
        waiting_files=None if heard is None else heard.waiting_files,
        waiting_bytes=None if heard is None else heard.waiting_bytes,
        says=None if heard is None else heard.says,
    )
