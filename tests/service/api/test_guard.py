"""What happens around every request: ids, limits, headers, logs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, Request

from service.api.accesses import AccessLog
from service.api.asked import Reader
from service.api.limits import Buckets
from service.store import Store
from tests.service.api.guarded import Asked, asked, heard, lines
from vision.errors import StoreError

RATHER_LONG = "x" * 3000


@pytest.fixture
def city(tmp_path: Path) -> Asked:
    made = asked(Store(str(tmp_path / "city")), tmp_path, limits={"body_kb": 2})
    router = APIRouter()

    @router.get("/things/{thing}")
    def thing(thing: str, caller: Reader) -> dict[str, str]:
        return {"thing": thing, "role": caller.role}

    @router.post("/things")
    def add(body: dict[str, Any], caller: Reader) -> dict[str, int]:
        return {"names": len(body)}

    @router.put("/things", max_body_size=1_000_000)
    async def put(request: Request, caller: Reader) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @router.get("/broken")
    def broken(request: Request, caller: Reader) -> None:
        said = f"it broke with {request.headers['authorization']}"
        raise RuntimeError(said)

    made.app.include_router(router)
    return made


def test_every_answer_has_an_id_and_safe_headers(city: Asked) -> None:
    client, key = city.client(), city.key()

    answers = [
        client.get("/things/a", headers=key),
        client.get("/things/a"),
        client.get("/nowhere", headers=key),
        client.get("/broken", headers=key),
        client.get("/health/live"),
    ]

    assert [a.status_code for a in answers] == [200, 401, 404, 500, 200]
    assert len({a.headers["X-Request-Id"] for a in answers}) == 5
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Strict-Transport-Security" not in answer.headers
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("centre-4711-abcdef", True),
        ("short", False),
        ("x" * 65, False),
        ("line\tbreak-of-eight", False),
        ("lj0123456789ab.notanidbutakey", False),
    ],
)
def test_a_request_id_is_kept_if_it_is_one(
    city: Asked, given: str, *, kept: bool
) -> None:
    answer = city.client().get("/health/live", headers={"X-Request-Id": given})

    assert (answer.headers["X-Request-Id"] == given) is kept
    assert answer.headers["X-Request-Id"]


def test_strict_transport_only_where_there_is_https(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "city"))
    plain = asked(store, tmp_path)
    behind = asked(store, tmp_path, server={"public_url": "https://city.example"})
    name = "Strict-Transport-Security"

    direct = plain.client(base_url="https://testserver").get("/health/live")

    assert direct.headers[name] == "max-age=31536000"
    assert name in behind.client().get("/health/live").headers
    assert name not in plain.client().get("/health/live").headers


def test_the_log_is_json_with_ids_and_no_secret(city: Asked) -> None:
    key = city.key()
    secret = key["Authorization"].removeprefix("Bearer ")
    client = city.client()

    with heard() as stream:
        good = client.get("/things/a?sig=c2lnbmF0dXJl", headers=key)
        client.get("/broken", headers=key)
        client.get(f"/things/{secret}?key={secret}", headers=key)
        client.get(f"/nowhere/{secret}", headers={"X-API-Key": secret[:-1]})
        client.get("/things/a", headers={**key, "X-Request-Id": secret})

    text = stream.getvalue()
    assert secret not in text
    assert secret.split(".")[1][:12] not in text
    assert "c2lnbmF0dXJl" not in text
    answered = [o for o in lines(stream) if o["event"] == "request answered"]
    assert [one["status"] for one in answered] == [200, 500, 200, 404, 200]
    first = answered[0]
    assert first["request_id"] == good.headers["X-Request-Id"]
    assert first["route"] == "/things/{thing}"
    assert first["key_id"] == secret.split(".")[0]
    assert first["role"] == "centre"
    assert first["time"].endswith("Z")
    (failed,) = [o for o in lines(stream) if o["event"] == "request failed"]
    assert "RuntimeError: it broke with Bearer lj" in failed["trace"]
    assert failed["request_id"] == answered[1]["request_id"]


def test_the_access_log_says_who_asked_for_what(city: Asked) -> None:
    key = city.key("reviewer")
    secret = key["Authorization"].removeprefix("Bearer ")
    client = city.client()

    client.get(f"/things/a?with={secret}", headers=key)
    client.get("/things/b")
    client.get("/broken", headers=key)
    client.get("/health/live")

    rows = city.log()
    assert [(r["route"], r["status"], r["role"]) for r in rows] == [
        ("/things/{thing}", 200, "reviewer"),
        ("/things/{thing}", 401, None),
        ("/broken", 500, "reviewer"),
    ]
    key_id = secret.split(".")[0]
    assert rows[0]["key_id"] == key_id
    assert rows[0]["target"] == f"/things/a?with={key_id}.(hidden)"
    assert len(rows[0]["request_id"]) == 16


def test_what_changes_something_is_noted_before_it_is_answered(city: Asked) -> None:
    city.client().post("/things", json={"a": 1}, headers=city.key())

    (row,) = city.store.accesses()  # no flush here
    assert (row["method"], row["status"]) == ("POST", 200)


def test_nothing_of_the_access_log_is_lost_at_shutdown(city: Asked) -> None:
    key = city.key()
    with city.client() as client:
        for number in range(30):
            client.get(f"/things/{number}", headers=key)

    rows = city.store.accesses()  # no flush here
    assert [r["target"] for r in rows] == [f"/things/{n}" for n in range(30)]


def test_a_key_that_asks_too_often_has_to_wait(tmp_path: Path) -> None:
    limits = {"requests_per_minute": 3}
    city = asked(Store(str(tmp_path / "city")), tmp_path, limits=limits)
    client, one, other = city.client(), city.key(), city.key()

    answers = [client.get("/metrics", headers=one) for _ in range(4)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
    assert answers[3].json()["detail"].startswith("too many requests; ask again in")
    assert client.get("/metrics", headers=other).status_code == 200


def test_an_address_that_fails_too_often_has_to_wait_but_not_its_good_keys(
    tmp_path: Path,
) -> None:
    limits = {"failures_per_minute": 3}
    city = asked(Store(str(tmp_path / "city")), tmp_path, limits=limits)
    bad = city.client(client=("192.0.2.7", 1))
    good, unseen = city.key(), city.key()
    assert bad.get("/metrics", headers=good).status_code == 200
    guess = {"X-API-Key": "lj0123456789ab.guess"}

    tried = [bad.get("/metrics", headers=guess).status_code for _ in range(4)]

    assert tried == [401, 401, 401, 429]
    assert bad.get("/nowhere").status_code == 429
    assert "Retry-After" in bad.get("/nowhere").headers
    assert bad.get("/metrics", headers=unseen).status_code == 429
    assert bad.get("/metrics", headers=good).status_code == 200
    assert bad.get("/health/live").status_code == 200
    elsewhere = city.client(client=("192.0.2.8", 1))
    assert elsewhere.get("/metrics", headers=unseen).status_code == 200
    assert [row["status"] for row in city.log()] == [401, 401, 401]


def test_tokens_come_back_with_time() -> None:
    now_s = [100.0]
    buckets = Buckets(60, clock=lambda: now_s[0])
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60

    wait_s = buckets.take("a")

    assert wait_s == pytest.approx(1.0)
    now_s[0] += wait_s
    assert buckets.wait_s("a") == 0
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0
    now_s[0] += 3600
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") > 0


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "streamed"])
def test_a_body_that_is_too_large_is_refused(city: Asked, *, announced: bool) -> None:
    key = {**city.key(), "Content-Type": "application/json"}
    body = b'{"a": "' + RATHER_LONG.encode() + b'"}'
    sent: Any = body if announced else iter([body[:1000], body[1000:]])

    answer = city.client().post("/things", content=sent, headers=key)

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert city.client().post("/things", json={}, headers=key).json() == {"names": 0}
    large = city.client().put("/things", content=body, headers=key)
    assert large.json() == {"bytes": len(body)}


def test_rows_wait_while_the_store_cannot_be_written() -> None:
    written: list[Any] = []
    back = threading.Event()

    def write(rows: Any) -> None:
        if not back.is_set():
            msg = "the disk is full"
            raise StoreError(msg)
        written.extend(rows)

    log = AccessLog(write, every_s=0, retry_s=0.01)
    with heard() as stream:
        log.add({"n": 1})
        log.add({"n": 2})
        assert not log.flush(within_s=0.05)
        back.set()
        assert log.flush()
        log.close()

    assert written == [{"n": 1}, {"n": 2}]
    assert lines(stream)[0]["reason"] == "the disk is full"


def test_rows_that_can_never_be_written_are_in_the_log_at_least() -> None:
    def write(rows: Any) -> None:
        msg = "gone"
        raise StoreError(msg)

    log = AccessLog(write, every_s=0, retry_s=0.01)
    with heard() as stream:
        log.add({"n": 1})
        log.close()

    assert lines(stream)[-1]["access"] == {"n": 1}


def test_rows_are_written_in_order_by_many_who_ask_at_once() -> None:
    written: list[Any] = []
    log = AccessLog(written.extend, every_s=0.01)
    each = range(400)
    crowd = [
        threading.Thread(target=lambda w=who: [log.add((w, n)) for n in each])  # type: ignore[misc]
        for who in range(4)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    log.close()

    assert len(written) == 1600
    for who in range(4):
        assert [n for w, n in written if w == who] == list(each)


def test_a_method_that_is_not_there_is_told_those_that_are(city: Asked) -> None:
    answer = city.client().patch("/things", headers=city.key())

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST, PUT"
