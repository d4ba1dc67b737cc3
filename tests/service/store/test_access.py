"""Keys are kept as hashes; the log of who asked for what is only added to."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from service.keys import end_key, key_of, make_key, rotate_key
from service.store import Store
from service.store.engine import writing
from vision.errors import InputError, NotFoundError

ROW = {
    "at_s": 1.0,
    "key_id": "lj0",
    "role": "centre",
    "method": "GET",
    "route": "/segments/{id}",
    "target": "/segments/s1",
    "status": 200,
    "request_id": "r1",
}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_log SET status = 404",
        "UPDATE access_log SET key_id = NULL WHERE row = 1",
        "DELETE FROM access_log",
        "DELETE FROM access_log WHERE row = 1",
        "REPLACE INTO access_log SELECT * FROM access_log",
        "TRUNCATE access_log",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(
    store: Store, statement: str
) -> None:
    store.log_access([ROW, {**ROW, "request_id": "r2"}])
    before = store.accesses()

    with pytest.raises(DBAPIError), writing(store._engine) as connection:
        connection.execute(text(statement))

    assert store.accesses() == before
    assert [row["request_id"] for row in before] == ["r1", "r2"]


def test_what_refuses_says_why(store: Store) -> None:
    store.log_access([ROW])

    for verb in ("UPDATE access_log SET status = 0", "DELETE FROM access_log"):
        with (
            pytest.raises(DBAPIError, match="access_log is only added to"),
            writing(store._engine) as connection,
        ):
            connection.execute(text(verb))


def test_the_log_is_read_from_a_row_on(store: Store) -> None:
    store.log_access([{**ROW, "request_id": f"r{n}"} for n in range(5)])

    first = store.accesses(limit=2)
    rest = store.accesses(after=first[-1]["row"])

    assert [r["request_id"] for r in (*first, *rest)] == [f"r{n}" for n in range(5)]


def test_a_key_opens_until_it_expires_and_its_secret_is_not_kept(store: Store) -> None:
    key, secret = make_key(store, name="李", role="centre", expires_s=4e9)

    assert key_of(store, secret, 3.9e9) == key
    assert key_of(store, secret, 4e9) is None
    assert key_of(store, secret[:-1], 3.9e9) is None
    assert secret not in repr(store.all_keys())
    with pytest.raises(InputError, match="expired already"):
        make_key(store, name="李", role="centre", expires_s=1.0)


def test_a_key_that_was_replaced_or_ended_opens_no_more(store: Store) -> None:
    old, old_secret = make_key(store, name="车 7", role="device", district="魏都区")

    new, new_secret = rotate_key(store, old.id)

    assert (new.name, new.role, new.district) == ("车 7", "device", "魏都区")
    assert key_of(store, old_secret, 3e9) is None
    assert key_of(store, new_secret, 3e9) == new
    ended = end_key(store, new.id, reason="lost")
    assert ended.ended_s is not None
    assert key_of(store, new_secret, 3e9) is None
    for act in (rotate_key, lambda s, k: end_key(s, k, reason="again")):
        with pytest.raises(NotFoundError, match="no key that holds"):
            act(store, new.id)
