"""What is wrong with a camera is said when it is registered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from service.camera_records import Schedule
from service.cameras.register import (
    add_camera,
    camera_of,
    change_camera,
    end_camera,
    wish_of,
)
from service.cameras.wish import CameraWish
from service.settings import JobSettings, RawSettings, Settings
from service.store import Store
from tests.e2e.test_watch import GATE_LINE, road_file
from tests.service.cameras.registered import ADDRESS, FILE, SCHEDULE
from vision.errors import AuditError, NotFoundError

WISH = CameraWish("许由路卡口", "魏都区", "rtsp", ADDRESS, FILE, SCHEDULE)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data",
        raw=RawSettings(key=SecretStr("addresses are sealed")),
        jobs=JobSettings(roads=road_file(tmp_path, GATE_LINE)),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "city"))


def test_a_camera_is_registered_and_its_address_lies_sealed(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    one = add_camera(settings, store, WISH, by="lj1")

    assert (one.camera.version, one.camera.by, one.condition) == (1, "lj1", "new")
    assert one.camera.shown == "rtsp://127.0.0.1:9/..."
    store.close()
    bytes_ = b"".join(p.read_bytes() for p in (tmp_path / "city").glob("liujing*"))
    assert b"geheim" not in bytes_


def test_a_change_keeps_the_address_that_nobody_gives_again(
    settings: Settings, store: Store
) -> None:
    one = add_camera(settings, store, WISH)

    changed = change_camera(
        settings, store, one.camera.id, wish_of(one.camera, name="新名", enabled=False)
    )

    assert (changed.camera.version, changed.camera.name) == (2, "新名")
    assert changed.camera.address == one.camera.address
    assert changed.condition == "off"
    end_camera(store, one.camera.id, reason="sold")
    with pytest.raises(NotFoundError, match="was taken out"):
        change_camera(settings, store, one.camera.id, WISH)
    with pytest.raises(NotFoundError, match="there is no camera"):
        camera_of(store, "cam-none")


def schedule(**changes: Any) -> Schedule:
    return replace(SCHEDULE, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "the name must have"),
        ({"name": "x" * 81}, "the name must have"),
        ({"name": "a\nb"}, "the name must have"),
        ({"district": ""}, "the district must not be empty"),
        ({"address": None}, "give the camera's address"),
        ({"address": "http://a/b"}, "is no RTSP address"),
        ({"kind": "snapshots", "address": "../x"}, "folder of snapshots must be named"),
        ({"file": "name = 3"}, "camera file"),
        ({"file": "x" * 200_001}, "the camera file must be shorter"),
        ({"file": FILE.replace("34.0", "35.0")}, "show no ground beside a street"),
        ({"schedule": schedule(for_min=0)}, "a watch must take 1 minute"),
        ({"schedule": schedule(for_min=61)}, "a watch must take 1 minute"),
        ({"schedule": schedule(every_min=1441)}, "a watch must take 1 minute"),
        ({"schedule": schedule(from_hour=24)}, "the hours must be"),
        ({"schedule": schedule(to_hour=0)}, "the hours must be"),
        ({"schedule": schedule(days=())}, "the days must be"),
        ({"schedule": schedule(days=(0, 1))}, "the days must be"),
        ({"schedule": schedule(days=(1, 1))}, "the days must be"),
        ({"interval_s": 0.1}, "the interval must be"),
        ({"interval_s": float("nan")}, "the interval must be"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_leaves_no_trace(
    settings: Settings, store: Store, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(AuditError, match=said) as refused:
        add_camera(settings, store, replace(WISH, **changes))

    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert store.cameras() == []


def test_without_the_citys_roads_no_camera_has_a_street(
    settings: Settings, store: Store
) -> None:
    bare = settings.model_copy(update={"jobs": JobSettings()})

    with pytest.raises(AuditError, match=r"jobs\.roads names no road file"):
        add_camera(bare, store, WISH)


def test_a_wish_shows_no_address() -> None:
    assert "geheim" not in repr(WISH)
    assert WISH.name in repr(WISH)
