"""Cameras in the store: versions are added, states are written over."""

from __future__ import annotations

from service.store import Store
from tests.service.cameras.registered import CAMERA_ID, camera


def test_a_camera_comes_back_as_it_was_given(store: Store) -> None:
    given = camera(district="魏都区", enabled=False, by="lj1")

    assert store.add_camera(given)

    assert store.camera_version(CAMERA_ID, 1) == given
    (one,) = store.cameras()
    assert one.camera == given
    assert (one.registered_s, one.ended_s, one.seen_s, one.error) == (1000.0,) + 3 * (
        None,
    )


def test_a_change_is_a_new_version_and_only_one_of_two_at_once(store: Store) -> None:
    store.add_camera(camera())

    assert store.add_camera(camera(version=2, name="新名", known_s=2000.0))
    assert not store.add_camera(camera(version=2, name="又名", known_s=2001.0))

    (one,) = store.cameras()
    assert (one.camera.version, one.camera.name) == (2, "新名")
    assert one.registered_s == 1000.0
    before = store.camera_version(CAMERA_ID, 1)
    assert before is not None
    assert before.name == "许由路卡口"
    assert store.camera_version(CAMERA_ID, 3) is None


def test_a_camera_is_taken_out_once(store: Store) -> None:
    store.add_camera(camera())

    assert store.end_camera(CAMERA_ID, reason="sold", known_s=5.0)
    assert not store.end_camera(CAMERA_ID, reason="again", known_s=6.0)
    assert not store.end_camera("cam-none", reason="sold", known_s=6.0)

    (one,) = store.cameras(camera_id=CAMERA_ID)
    assert (one.ended_s, one.reason, one.condition) == (5.0, "sold", "off")


def test_how_a_camera_fares(store: Store) -> None:
    store.add_camera(camera())

    def now() -> tuple[object, ...]:
        (one,) = store.cameras()
        return one.condition, one.seen_s, one.error, one.failing_since_s

    assert now() == ("new", None, None, None)
    store.note_camera(CAMERA_ID, now_s=10.0, error="refused")
    store.note_camera(CAMERA_ID, now_s=20.0, error="timed out")
    assert now() == ("failing", None, "timed out", 10.0)
    store.note_camera(CAMERA_ID, now_s=30.0, seen_s=29.0)
    assert now() == ("ok", 29.0, None, None)
    store.note_camera(CAMERA_ID, now_s=40.0, seen_s=5.0)
    assert now() == ("ok", 29.0, None, None)  # late pictures are no news
    store.note_camera(CAMERA_ID, now_s=50.0, error="refused")
    assert now() == ("failing", 29.0, "refused", 50.0)
