"""A changed picture, a changed row and a row taken out are all found out."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import text

from service.evidence import verify, walk
from service.links import link_secret, signed_by_us, signed_link
from service.store import BEGINNING, FolderBlobs, Store, inspection_id, link_hash
from tests.service.pictures import pictured_drive, tamper
from tests.service.store.of_before import store_of_before
from tests.service.store.records import NOON_S, drive
from vision.errors import StoreError


@pytest.fixture
def kept(store: Store) -> Store:
    """Return a store with two drives: pictures 1 to 3, rows 1 to 6."""
    store.add_drive(pictured_drive(store, "one", 1, 2), known_s=int(NOON_S))
    store.add_drive(pictured_drive(store, "two", 3), known_s=NOON_S + 60.25)
    return store


def test_every_picture_has_a_row_that_follows_the_one_before(kept: Store) -> None:
    links = kept.chain()

    assert [link.row for link in links] == [1, 2, 3, 4, 5, 6]
    assert [link.previous for link in links] == [
        BEGINNING,
        *(link.hash for link in links[:-1]),
    ]
    assert [link.pts_s for link in links] == [1, 1, 2, 2, 3, 3]
    assert [link.footage_sha256 for link in links] == [*["one"] * 4, *["two"] * 2]
    assert links[4].inspection_id == inspection_id(pictured_drive(kept, "two", 3))
    assert links[4].at_s == NOON_S + 60.25
    found = verify(kept)
    assert (found.failures, found.rows, found.pictures) == ((), 6, 6)
    assert found.head == links[-1].hash


def test_an_empty_store_is_intact(store: Store) -> None:
    found = verify(store)

    assert (found.failures, found.rows, found.head) == ((), 0, BEGINNING)


def test_a_drive_that_was_in_adds_no_row(kept: Store) -> None:
    assert not kept.add_drive(pictured_drive(kept, "one", 1, 2))

    assert len(kept.chain()) == 6


def test_a_picture_of_two_files_of_one_name_says_of_neither(store: Store) -> None:
    record = pictured_drive(store, "one", 1)
    twice = {"a.mp4": "one", "a.mp4 (2)": "other"}
    changed = drive(*record.sightings)
    object.__setattr__(changed, "footage", twice)

    store.add_drive(changed)

    assert {link.footage_sha256 for link in store.chain()} == {None}
    assert verify(store).failures == ()


def test_the_database_itself_refuses_to_change_the_chain(kept: Store) -> None:
    for statement in (
        "UPDATE evidence_chain SET pts_s = 9 WHERE row = 2",
        "DELETE FROM evidence_chain WHERE row = 6",
    ):
        with pytest.raises(StoreError, match="only added to"), kept._writing() as one:
            one.execute(text(statement))


def test_a_changed_byte_of_a_picture_is_found(kept: Store, tmp_path: Path) -> None:
    name = kept.chain()[2].name
    file = tmp_path / "pictures" / name[:2] / name
    file.write_bytes(file.read_bytes()[:-1] + b"!")

    (failure,) = verify(kept).failures

    assert "row 3 of the chain" in failure.message
    assert f"the bytes of the picture {name} were changed" in failure.message


def test_a_missing_picture_is_found_unless_its_days_are_over(
    kept: Store, tmp_path: Path
) -> None:
    name = kept.chain()[2].name
    (tmp_path / "pictures" / name[:2] / name).unlink()

    (failure,) = verify(kept, kept_since_s=NOON_S).failures
    later = verify(kept, kept_since_s=NOON_S + 1)

    assert f"the picture {name} is missing" in failure.message
    assert (later.failures, later.gone, later.pictures) == ((), 1, 5)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        pytest.param(
            "UPDATE evidence_chain SET pts_s = 9 WHERE row = 2",
            "row 2 of the evidence chain (picture {2}) was changed",
            id="a time",
        ),
        pytest.param(
            "UPDATE evidence_chain SET name = 'other.jpg' WHERE row = 5",
            "row 5 of the evidence chain (picture other.jpg) was changed",
            id="a name",
        ),
        pytest.param(
            "UPDATE evidence_chain SET footage_sha256 = NULL WHERE row = 1",
            "row 1 of the evidence chain (picture {1}) was changed",
            id="the original",
        ),
        pytest.param(
            "UPDATE evidence_chain SET previous = 'ab' WHERE row = 4",
            "row 4 of the evidence chain does not follow",
            id="the link",
        ),
        pytest.param(
            "DELETE FROM evidence_chain WHERE row = 1",
            "row 1 of the evidence chain was taken out",
            id="the first row",
        ),
        pytest.param(
            "DELETE FROM evidence_chain WHERE row = 3",
            "row 3 of the evidence chain was taken out",
            id="a row between",
        ),
        pytest.param(
            "DELETE FROM evidence_chain WHERE row > 4",
            "has 2 pictures that the evidence chain does not have",
            id="the last rows",
        ),
        pytest.param(
            "DELETE FROM evidence_chain",
            "has 4 pictures that the evidence chain does not have",
            id="all rows",
        ),
    ],
)
def test_a_hand_on_the_chain_is_found(
    kept: Store, statement: str, sentence: str
) -> None:
    names = {str(link.row): link.name for link in kept.chain()}
    for row, name in names.items():
        sentence = sentence.replace(f"{{{row}}}", name)

    tamper(kept, statement)

    failures = verify(kept).failures
    assert any(sentence in failure.message for failure in failures), failures


def test_a_row_changed_with_its_hash_does_not_fit_the_next(kept: Store) -> None:
    second = kept.chain()[1]
    other = {**second.as_row(), "pts_s": 9.0}
    new = link_hash(type(second)(**other))

    statement = "UPDATE evidence_chain SET pts_s = 9, hash = :new WHERE row = 2"
    tamper(kept, statement, new=new)

    assert walk(kept).rows == 2
    (failure,) = verify(kept).failures
    assert "row 3 of the evidence chain does not follow" in failure.message


def test_a_chain_cut_with_its_drive_is_found_by_the_noted_head(kept: Store) -> None:
    head = verify(kept).head
    gone = kept.chain()[-1].inspection_id
    assert verify(kept, noted=head).failures == ()
    assert verify(kept, noted=kept.chain()[3].hash).failures == ()

    tamper(kept, "DELETE FROM evidence_chain WHERE row > 4")
    with kept._writing() as connection:
        statement = text("DELETE FROM sighting WHERE inspection_id = :gone")
        connection.execute(statement, {"gone": gone})

    assert verify(kept).failures == ()
    (failure,) = verify(kept, noted=head).failures
    assert f"no row of the evidence chain has the noted hash {head}" in failure.message


def _add(address: str, folder: str, number: int) -> bool:
    store = Store(address, FolderBlobs(Path(folder)))
    done = [
        store.add_drive(pictured_drive(store, f"{number}-{turn}", number * 10 + turn))
        for turn in range(5)
    ]
    store.close()
    return all(done)


def test_many_programs_at_once_make_one_chain(
    store: Store, address: str, tmp_path: Path
) -> None:
    folder = str(tmp_path / "pictures")
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        done = pool.starmap(_add, [(address, folder, number) for number in range(3)])

    found = verify(store)
    assert done == [True] * 3
    assert (found.rows, found.pictures, found.failures) == (30, 30, ())


def test_a_store_of_before_is_chained_when_it_is_opened(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "new"))
    store.add_drive(pictured_drive(store, "one", 1, 2), known_s=NOON_S)
    new = store.chain()
    store.close()
    before = tmp_path / "before"
    store_of_before(tmp_path / "new", before, revision="0004")
    (tmp_path / "new" / "blobs").rename(before / "blobs")

    again = Store(str(before))

    assert again.chain() == new
    assert verify(again).failures == ()
    again.close()


def test_a_link_holds_for_its_picture_and_time_alone(store: Store) -> None:
    secret = link_secret(store)
    link = signed_link(secret, "ab.jpg", now_s=1000.5, life_s=600)
    sig = link.rpartition("=")[2]

    assert link_secret(store) == secret
    assert len(secret) == 32
    assert link == f"/evidence/ab.jpg?until=1620&sig={sig}"
    assert signed_by_us(secret, "ab.jpg", 1620, sig)
    assert not signed_by_us(secret, "ac.jpg", 1620, sig)
    assert not signed_by_us(secret, "ab.jpg", 1680, sig)
    assert not signed_by_us(bytes(32), "ab.jpg", 1620, sig)
    assert not signed_by_us(secret, "ab.jpg", 1620, "签")
