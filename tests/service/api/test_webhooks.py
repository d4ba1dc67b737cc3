"""Webhooks over HTTP: who may make them, and that the secret is shown once."""

from __future__ import annotations

from typing import Any

import pytest

from service.outward import sender
from service.settings import HookSettings, Settings
from service.store import Store
from service.types import DAY_S
from service.webhooks import deliver_once
from tests.service.api.two_districts import HERE, THERE, City
from tests.service.receiver import receiving
from tests.service.store.records import NOON_S, drive

T_S = NOON_S + DAY_S
GOOD = {"url": "https://1.1.1.1/hook"}


@pytest.fixture
def city(store: Store) -> City:
    return City(store)


def make(city: City, body: Any = None, **who: Any) -> Any:
    return city.ask("/webhooks", method="POST", json=body or GOOD, **who)


def test_only_the_centre_and_admins_may(city: City) -> None:
    for method, path in (
        ("POST", "/webhooks"),
        ("GET", "/webhooks"),
        ("GET", "/webhooks/x"),
        ("DELETE", "/webhooks/x"),
    ):
        assert city.client.request(method, path, json=GOOD).status_code == 401
        for role in ("device", "reviewer"):
            answer = city.ask(path, method=method, role=role, json=GOOD)
            assert answer.status_code == 403, (method, path, role)
    assert make(city, role="admin").status_code == 201


def test_the_secret_is_shown_once(city: City) -> None:
    made = make(city, {**GOOD, "kinds": ["score", "finding"]})

    assert made.status_code == 201
    hook = made.json()
    assert hook.pop("secret").startswith("whsec_")
    assert hook["kinds"] == ["score", "finding"]
    assert (hook["state"], hook["failures"], hook["reason"]) == ("active", 0, None)
    assert city.ask("/webhooks").json() == {"items": [hook]}
    assert city.ask(f"/webhooks/{hook['id']}").json() == hook


def test_another_districts_is_not_there(city: City) -> None:
    own = make(city, district=HERE).json()
    whole = make(city).json()

    assert (own["district"], whole["district"]) == (HERE, None)
    for one in (own, whole):
        for method in ("GET", "DELETE"):
            path = f"/webhooks/{one['id']}"
            answer = city.ask(path, method=method, district=THERE)
            assert answer.status_code == 404
    assert city.ask("/webhooks", district=THERE).json() == {"items": []}
    here = city.ask("/webhooks", district=HERE).json()["items"]
    assert [one["id"] for one in here] == [own["id"]]
    assert len(city.ask("/webhooks").json()["items"]) == 2


def test_one_that_was_deleted_is_gone_and_told_nothing(city: City) -> None:
    made = make(city).json()
    path = f"/webhooks/{made['id']}"
    city.store.add_drive(drive(name="a"), known_s=NOON_S)

    assert city.ask(path, method="DELETE").status_code == 204

    assert city.ask(path).status_code == 404
    assert city.ask(path, method="DELETE").status_code == 404
    assert city.ask("/webhooks").json() == {"items": []}
    assert city.store.take_hook(now_s=T_S, hold_s=1) is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "nowhere"},
        {"url": "ftp://1.1.1.1/"},
        {"url": "http://127.0.0.1:8600/"},
        {"url": "http://localhost/"},
        {"url": "http://169.254.169.254/latest"},
        {"url": "http://me:word@1.1.1.1/"},
        {"url": "http://nowhere.invalid/"},
        {**GOOD, "kinds": ["gossip"]},
        {**GOOD, "since": -1},
        {**GOOD, "since": 5},
        {**GOOD, "district": HERE},
        [],
    ],
)
def test_what_cannot_be_is_400(city: City, body: Any) -> None:
    answer = city.ask("/webhooks", method="POST", json=body)

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert city.ask("/webhooks").json() == {"items": []}


def test_a_webhook_fares_as_it_is_told(store: Store) -> None:
    private = HookSettings(private=True, timeout_s=1)
    city = City(store, Settings(hooks=private))
    send = sender(private=True, timeout_s=1)
    with receiving() as receiver:
        made = make(city, {"url": receiver.url, "since": 0}).json()
        path = f"/webhooks/{made['id']}"
        store.add_drive(drive(name="a"), known_s=NOON_S)
        receiver.mood = 500

        deliver_once(store, T_S, send)
        failing = city.ask(path).json()
        receiver.mood = 200
        deliver_once(store, T_S + 10, send)
        well = city.ask(path).json()
        receiver.mood = 410
        store.add_drive(drive(name="b"), known_s=NOON_S)
        deliver_once(store, T_S + 20, send)
        over = city.ask(path).json()

    assert (failing["state"], failing["reason"]) == ("failing", "answered 500")
    assert failing["next_try"] == "2026-09-22T14:13:30Z"
    assert failing["failing_since"] == "2026-09-22T14:13:20Z"
    told = 2  # the drive, and the street that nobody knew
    assert (well["state"], well["sent"], well["next_try"]) == ("active", told, None)
    assert well["last_delivery"] == "2026-09-22T14:13:30Z"
    assert over["state"] == "given_up"
    assert "410" in over["reason"]
