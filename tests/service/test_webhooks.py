"""Webhooks: in order, at least once, whatever the receiver does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.outward import Answer, Request, sender
from service.store import Store
from service.store.events import AT_ONCE
from service.told import Hook, HookState
from service.types import DAY_S, Segment
from service.webhooks import HOLD_S, deliver_once, make_hook, signature, wait_s
from tests.service.receiver import Receiver, receiving
from tests.service.store.records import NOON_S, STREET, drive

DISTRICTS = ("魏都区", "建安区")
FIRST = 1 + len(DISTRICTS)
"""Number of the first change after those of the streets."""
T_S = NOON_S + 100 * DAY_S
SEND = sender(private=True, timeout_s=10)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def hook_at(store: Store, url: str, *kinds: str, district: str | None = None) -> Hook:
    """Make a webhook that is told of all but the streets, which are known before."""
    store.add_segments([street(one) for one in DISTRICTS], known_s=NOON_S)
    return make_hook(
        store, url=url, kinds=kinds, district=district, key_id=None, since=FIRST - 1
    )


def add(store: Store, name: str, district: str = "魏都区") -> None:
    one = street(district)
    store.add_drive(drive(name=name, segments=(one,), coverage=()), known_s=NOON_S)


def street(district: str) -> Segment:
    return replace(STREET, id=f"s-{district}", district=district)


def the_state(store: Store) -> HookState:
    (state,) = store.hooks()
    return state


def deliver_all(store: Store, now_s: float) -> int:
    count = 0
    while deliver_once(store, now_s, SEND):
        count += 1
        assert count < 50
    return count


def test_the_signature_is_the_one_of_the_specification() -> None:
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_changes_come_signed_and_once(store: Store, receiver: Receiver) -> None:
    hook = hook_at(store, receiver.url)
    add(store, "a")
    add(store, "b")

    assert deliver_all(store, T_S) == 1
    assert not deliver_once(store, T_S + 9, SEND)

    ((headers, body),) = receiver.came
    told = json.loads(body)
    assert told["hook"] == hook.id
    assert [item["kind"] for item in told["items"]] == ["drive", "drive"]
    assert told["items"][0]["at"] == "2026-09-21T14:13:20Z"
    assert told["next"] == told["items"][-1]["number"] == store.changes(limit=9)[1]
    name, at_s = headers["webhook-id"], headers["webhook-timestamp"]
    assert (name, at_s) == (f"{hook.id}-{told['next']}", str(int(T_S)))
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{name}.{at_s}.".encode() + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert the_state(store).last_s == T_S


def test_what_failed_comes_again_the_same_before_what_came_later(
    store: Store, receiver: Receiver
) -> None:
    hook_at(store, receiver.url)
    add(store, "a")
    receiver.mood = 503

    assert deliver_once(store, T_S, SEND)
    add(store, "b")
    assert not deliver_once(store, T_S + 9.9, SEND)
    assert deliver_once(store, T_S + 10, SEND)
    assert not deliver_once(store, T_S + 29.9, SEND)
    failing = the_state(store)
    receiver.mood = 200
    assert deliver_all(store, T_S + 30) == 2

    (first, first_body), (second, second_body), (third, third_body), _ = receiver.came
    assert first["webhook-id"] == second["webhook-id"] == third["webhook-id"]
    assert first_body == second_body == third_body
    assert first["webhook-timestamp"] != third["webhook-timestamp"]
    assert first["webhook-signature"] != third["webhook-signature"]
    assert receiver.numbers() == [FIRST, FIRST, FIRST, FIRST + 1]
    assert (failing.failures, failing.failed_since_s) == (2, T_S)
    assert failing.last_error == "answered 503"
    well = the_state(store)
    assert (well.failures, well.failed_since_s, well.last_error) == (0, None, None)


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        pytest.param("silent", "no answer in time", id="silent"),
        pytest.param("drip", "no proper answer", id="never ends"),
        pytest.param(302, "answered 302; redirects are not followed", id="sent on"),
        pytest.param(404, "answered 404", id="not there"),
    ],
)
def test_a_bad_receiver_is_left_in_time_and_tried_again(
    tmp_path_store: Store, receiver: Receiver, mood: int | str, reason: str
) -> None:
    store = tmp_path_store
    hook_at(store, receiver.url)
    add(store, "a")
    receiver.mood = mood

    assert deliver_once(store, T_S, SEND)
    told = the_state(store).last_error
    receiver.mood = 200
    assert deliver_once(store, T_S + 10, SEND)

    assert told is not None
    assert told.startswith(reason)
    assert len(receiver.came) == 2
    assert the_state(store).sent == FIRST


@pytest.fixture
def tmp_path_store(tmp_path: object) -> Iterator[Store]:
    store = Store(f"{tmp_path}/city")
    yield store
    store.close()


def test_a_receiver_that_is_away_comes_back(tmp_path_store: Store) -> None:
    store = tmp_path_store
    with receiving() as before:
        port = before.port
        hook_at(store, before.url)
    add(store, "a")

    assert deliver_once(store, T_S, SEND)

    assert f"127.0.0.1:{port}" not in str(the_state(store).last_error)
    assert str(the_state(store).last_error).startswith("no connection")


def test_waits_grow_to_an_hour_and_then_the_hook_is_given_up(store: Store) -> None:
    hook_at(store, "http://receiver.example/")
    add(store, "a")
    tries: list[float] = []
    now_s = T_S

    def refuse(request: Request) -> Answer:
        tries.append(now_s)
        return Answer(500, "answered 500")

    while the_state(store).failed is None:
        deliver_once(store, now_s, refuse, give_up_s=2 * DAY_S)
        now_s = the_state(store).next_s
        assert len(tries) < 100

    waits = [b - a for a, b in itertools.pairwise(tries)]
    assert waits[:4] == [10, 20, 40, 80]
    assert waits == sorted(waits)
    assert max(waits) == 3600 == wait_s(1000)
    assert 2 * DAY_S <= tries[-1] - T_S <= 2 * DAY_S + 3600
    assert the_state(store).failed == (
        "all deliveries failed for 2 days, the last one: answered 500"
    )
    assert not deliver_once(store, now_s + DAY_S, refuse)


def test_who_answers_gone_is_told_nothing_more(
    tmp_path_store: Store, receiver: Receiver
) -> None:
    store = tmp_path_store
    hook_at(store, receiver.url)
    add(store, "a")
    receiver.mood = 410

    assert deliver_once(store, T_S, SEND)
    assert not deliver_once(store, T_S + DAY_S, SEND)

    assert "410" in str(the_state(store).failed)


def test_a_dead_worker_s_delivery_is_made_by_another(
    store: Store, receiver: Receiver
) -> None:
    hook_at(store, receiver.url)
    add(store, "a")
    taken = store.take_hook(now_s=T_S, hold_s=HOLD_S)
    assert taken is not None

    assert not deliver_once(store, T_S + HOLD_S - 1, SEND)
    assert deliver_once(store, T_S + HOLD_S, SEND)

    assert receiver.numbers() == [FIRST]
    assert not store.told(taken, now_s=T_S + HOLD_S + 1)
    late = T_S + HOLD_S + 1
    assert not store.not_told(taken, now_s=late, next_s=late, reason="late")
    assert the_state(store).failures == 0


def test_many_workers_keep_the_order_and_send_nothing_twice(
    store: Store, receiver: Receiver
) -> None:
    hook_at(store, receiver.url)
    hook_at(store, receiver.url)
    for number in range(AT_ONCE // 50 + 1):
        add(store, f"{number}")

    workers = [
        threading.Thread(target=deliver_all, args=(store, T_S)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    of: dict[str, list[int]] = {}
    for _, body in receiver.came:
        told = json.loads(body)
        numbers = of.setdefault(told["hook"], [])
        numbers += [item["number"] for item in told["items"]]
    assert list(of.values()) == [[FIRST, FIRST + 1, FIRST + 2]] * 2


def test_a_long_list_comes_in_pieces_in_its_order(
    tmp_path_store: Store, receiver: Receiver
) -> None:
    store = tmp_path_store
    hook_at(store, receiver.url)
    for number in range(AT_ONCE + 1):
        add(store, f"{number}")

    assert deliver_all(store, T_S) == 2

    assert receiver.numbers() == list(range(FIRST, FIRST + AT_ONCE + 1))


def test_a_hook_is_told_of_its_district_and_kinds_alone(
    store: Store, receiver: Receiver
) -> None:
    hook_at(store, receiver.url, "drive", district="建安区")
    hook_at(store, receiver.url, "score")
    add(store, "a", district="魏都区")
    add(store, "b", district="建安区")

    assert deliver_all(store, T_S) == 1

    assert receiver.numbers() == [FIRST + 1]
    assert {state.sent for state in store.hooks()} == {FIRST + 1}


def test_one_that_is_away_keeps_nobody_from_being_told(
    tmp_path_store: Store, receiver: Receiver
) -> None:
    store = tmp_path_store
    hook_at(store, "http://127.0.0.1:9/")
    hook_at(store, receiver.url)
    add(store, "a")

    assert deliver_all(store, T_S) == 2

    assert receiver.numbers() == [FIRST]


def test_a_hook_begins_now_unless_it_says_since_when(store: Store) -> None:
    add(store, "a")
    make_hook(store, url="http://x/", kinds=(), district=None, key_id=None)

    def never(request: Request) -> Answer:
        raise AssertionError

    assert not deliver_once(store, T_S, never)
