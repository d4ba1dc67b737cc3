"""The model behind Label Studio: its four routes, and who may ask."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from service.api.ml_backend import build_ml_backend
from service.keys import make_key
from service.review.boxes import Boxes
from service.store import Store
from tests.service.api.guarded import heard
from tests.service.review.test_boxes import CARD, PAGE
from vision.detect.fake import FakeBox, FakeDetector
from vision.errors import InputError

TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105
SEEN = FakeBox("garbage_pile", (10.0, 10.0, 60.0, 60.0))


def fetch(url: str) -> bytes:
    if "gone" in url:
        msg = "the picture cannot be had: it answers 404"
        raise InputError(msg)
    picture = io.BytesIO()
    Image.new("RGB", (100, 100)).save(picture, "PNG")
    return picture.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "city"))
    yield made
    made.close()


@pytest.fixture
def client(store: Store) -> TestClient:
    detector = FakeDetector(CARD.names, {0: (SEEN,)}, model_id=CARD.id)
    return TestClient(build_ml_backend(store, Boxes(detector, CARD, fetch)))


@pytest.fixture
def key(store: Store) -> tuple[str, str]:
    return "label-studio", make_key(store, name="tests", role="reviewer")[1]


def asked(*urls: str) -> dict[str, Any]:
    tasks = [{"id": n, "data": {"picture": url}} for n, url in enumerate(urls)]
    return {"tasks": tasks, "label_config": PAGE, "project": "1.2", "params": {}}


def test_it_lives_and_is_set_up(client: TestClient, key: tuple[str, str]) -> None:
    body = {"schema": PAGE, "project": "1.2", "access_token": TOKEN, "hostname": ""}

    alive = client.get("/health")
    set_up = client.post("/setup", json=body, auth=key)

    assert alive.json()["status"] == "UP"
    assert set_up.json() == {"model_version": "street@2"}


def test_labels_that_are_not_ours_are_named(
    client: TestClient, key: tuple[str, str]
) -> None:
    body = {"schema": PAGE.replace("垃圾堆", "Haufen").replace("Graffiti", "Bild")
            .replace("pothole", "loch"), "access_token": TOKEN}  # fmt: skip

    answer = client.post("/setup", json=body, auth=key)

    assert answer.status_code == 400
    assert "no label of the project (Haufen, Bild, Loch, Baum)" in answer.text


def test_every_task_gets_its_boxes_and_a_bad_one_does_not_stop_the_others(
    client: TestClient, key: tuple[str, str]
) -> None:
    answer = client.post("/predict", json=asked("a.png", "gone.png", "b.png"), auth=key)

    results = answer.json()["results"]
    assert [len(r["result"]) for r in results] == [1, 0, 1]
    assert results[0]["result"][0]["value"]["rectanglelabels"] == ["垃圾堆"]


def test_where_no_picture_can_be_had_all_is_refused(
    client: TestClient, key: tuple[str, str]
) -> None:
    answer = client.post("/predict", json=asked("gone.png"), auth=key)

    assert answer.status_code == 400
    assert "it answers 404" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"label_config": PAGE}, id="no tasks"),
        pytest.param({"label_config": PAGE, "tasks": [3]}, id="a task that is none"),
        pytest.param({"label_config": 5, "tasks": []}, id="a page that is none"),
    ],
)
def test_what_is_no_question_is_refused(
    client: TestClient, key: tuple[str, str], wrong: dict[str, Any]
) -> None:
    assert client.post("/predict", json=wrong, auth=key).status_code == 400


@pytest.mark.parametrize("route", ["/setup", "/predict", "/webhook"])
def test_only_a_reviewers_key_opens_it(
    client: TestClient, store: Store, route: str
) -> None:
    device = "x", make_key(store, name="tests", role="device")[1]

    assert client.post(route, json={}).status_code == 401
    assert client.post(route, json={}, auth=("x", "guessed")).status_code == 401
    assert client.post(route, json={}, auth=device).status_code == 403


def test_a_token_that_is_handed_over_is_neither_logged_nor_answered(
    client: TestClient, key: tuple[str, str]
) -> None:
    with heard() as log:
        answers = [
            client.post("/setup", json={"access_token": TOKEN, **more}, auth=key)
            for more in ({}, {"schema": PAGE}, {"schema": 5})
        ]
        answers += [
            client.post("/webhook", json={"action": "X", "token": TOKEN}, auth=key),
            client.post("/predict", json=asked(f"gone?token={TOKEN}"), auth=key),
        ]

    assert TOKEN not in log.getvalue()
    assert [a.text for a in answers if TOKEN in a.text] == []
