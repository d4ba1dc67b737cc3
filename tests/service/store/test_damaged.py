"""What is wrong with a store is one sentence that names the place."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from service.store import Store
from service.store.engine import FILE
from tests.service.store.records import NOON_S, drive, seen
from vision.errors import StoreError


@pytest.fixture
def city(tmp_path: Path) -> Path:
    store = Store(str(tmp_path))
    store.add_drive(drive(seen(), seen(offset_m=90)), known_s=NOON_S)
    store.close()
    return tmp_path


def _harm(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / FILE) as database:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(
            "UPDATE sighting SET zone_belief = '{\"carr' WHERE number = 1",
            r"table sighting, row with row 2, column zone_belief holds no JSON",
            id="cut in the middle",
        ),
        pytest.param(
            "UPDATE sighting SET zone_belief = '5'",
            r"table sighting, row with row 1 is damaged",
            id="a number where a belief should be",
        ),
        pytest.param(
            "UPDATE sighting SET evidence = '[{\"xyxy\": [1]}]'",
            r"table sighting, row with row 1 is damaged",
            id="a picture without its facts",
        ),
        pytest.param(
            "UPDATE sighting SET category = CAST(X'C328' AS TEXT)",
            r"is damaged",
            id="no UTF-8",
        ),
        pytest.param(
            "DELETE FROM model",
            r"inspection, row of inspection .*, speaks of model street@2, which is",
            id="the model is gone",
        ),
        pytest.param(
            "DELETE FROM drive",
            r"inspection, row of inspection .*, speaks of drive .*, which is not there",
            id="the drive is gone",
        ),
        pytest.param(
            "DELETE FROM inspection",
            r"street_pass, row of inspection .*, speaks of inspection .*, which",
            id="the inspection is gone",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_named(city: Path, harm: str, said: str) -> None:
    _harm(city, harm)
    store = Store(str(city))

    with pytest.raises(StoreError, match=said) as refused:
        store.looks("s1")

    assert "put back a copy" in str(refused.value)
    store.close()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DELETE FROM model", "speaks of model"),
        ("DELETE FROM drive", "speaks of drive"),
    ],
)
def test_scores_of_many_days_say_what_is_gone(city: Path, harm: str, said: str) -> None:
    _harm(city, harm)
    store = Store(str(city))

    with pytest.raises(StoreError, match=said):
        store.eyes()

    store.close()


def test_a_store_that_was_emptied_is_not_begun_anew(city: Path) -> None:
    (city / FILE).write_bytes(b"")

    with pytest.raises(StoreError, match="has nothing in it; put back a copy"):
        Store(str(city))

    assert (city / FILE).stat().st_size == 0


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    _harm(tmp_path, "CREATE TABLE bookmarks (address TEXT)")

    with pytest.raises(StoreError, match=r"another program's .* bookmarks"):
        Store(str(tmp_path))

    with sqlite3.connect(tmp_path / FILE) as database:
        names = database.execute("SELECT name FROM sqlite_master").fetchall()
    database.close()
    assert names == [("bookmarks",)]
