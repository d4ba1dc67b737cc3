"""Who may do what, on every route there is and every one to come."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import APIRouter, HTTPException

from service.api.asked import Reader, TheStore
from service.store import Store
from tests.service.api.guarded import Asked, asked
from tests.service.api.refusals import OPEN, Walk
from tests.service.store.records import drive, seen

OBJECTS: dict[str, dict[str, str]] = {}
"""Route -> the values of its places, of an object in 魏都区; `?` is its query."""


@pytest.fixture
def city(tmp_path: Path) -> Asked:
    store = Store(str(tmp_path / "city"))
    store.add_drive(drive(seen()))
    many = {"failures_per_minute": 100_000}
    return asked(store, tmp_path, limits=many)


def test_every_route_refuses_who_may_not(city: Asked) -> None:
    assert Walk(city, OBJECTS).wrong() == []


def test_the_walk_goes_to_all_that_is_described(city: Asked) -> None:
    walked = set(Walk(city, OBJECTS).routes())

    described = {
        (method.upper(), path)
        for path, methods in city.app.openapi()["paths"].items()
        for method in methods
    }
    assert described <= walked
    assert ("GET", "/metrics") in walked


def test_what_needs_no_key_answers_without_one(city: Asked) -> None:
    there = {route for _, route in Walk(city, OBJECTS).routes() if route in OPEN}

    for route in there - {"/evidence/{name}", "/assets"}:
        assert city.client().get(route).status_code == 200


def test_a_route_that_nobody_protected_is_found(city: Asked) -> None:
    router = APIRouter(prefix="/new")

    @router.get("/open")
    def open_to_all() -> str:
        return "everything"

    @router.get("/streets/{id}")
    def any_district(id: str, caller: Reader) -> str:  # noqa: A002
        return id

    @router.delete("/streets/{id}")
    def anybody(id: str, caller: Reader, store: TheStore) -> str:  # noqa: A002
        for street in store.segments():
            if street.id == id and caller.sees(street.district):
                return id
        raise HTTPException(404)

    @router.get("/unnamed/{id}")
    def unnamed(id: str, caller: Reader) -> str:  # noqa: A002
        return id

    outer = APIRouter()
    outer.include_router(router)
    city.app.include_router(outer, prefix="/v2")
    objects = {**OBJECTS, "/v2/new/streets/{id}": {"id": "s1"}}

    assert Walk(city, objects).wrong() == [
        "GET /v2/new/open: without a key it answers 200, not 401",
        "GET /v2/new/open: a key of role device gets 200, not 403",
        "GET /v2/new/streets/{id}: a key of another district gets 200, not 404",
        "DELETE /v2/new/streets/{id}: a key of role centre gets 200, not 403",
        "GET /v2/new/unnamed/{id}: no object of it is named in the test",
    ]


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_opens_by_either_header_and_not_when_it_is_over(
    city: Asked, header: str
) -> None:
    secret = city.key()["Authorization"].removeprefix("Bearer ")
    shown = {header: f"Bearer {secret}" if header == "Authorization" else secret}
    client = city.client()

    assert client.get("/metrics", headers=shown).status_code == 200
    city.store.end_key(secret.split(".")[0], reason="lost", known_s=1.0)
    assert client.get("/metrics", headers=shown).status_code == 401


def test_measures_are_for_the_whole_city(city: Asked) -> None:
    answer = city.client().get("/metrics", headers=city.key("centre", "魏都区"))

    assert answer.status_code == 403
