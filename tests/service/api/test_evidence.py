"""Pictures by links alone, and proofs that tell what was changed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from service.links import link_secret, signature, signed_link
from service.store import Store
from tests.service.api.two_districts import HERE, THERE, City, fill
from tests.service.pictures import tamper


@pytest.fixture
def city(store: Store) -> City:
    fill(store)
    return City(store)


def link(city: City, name: str, life_s: float = 600) -> str:
    secret = link_secret(city.store)
    return signed_link(secret, name, now_s=time.time(), life_s=life_s)


def test_an_expired_link_is_refused(city: City) -> None:
    name = city.store.chain()[0].name

    answer = city.client.get(link(city, name, life_s=-120))

    assert answer.status_code == 403
    assert "expired" in answer.json()["detail"]


def test_a_wrong_signature_is_refused(city: City) -> None:
    one, other = city.store.chain()[0].name, city.store.chain()[1].name
    good = link(city, one)
    later = int(time.time()) + 9000
    sig = good.rpartition("=")[2]

    for wrong in (
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        good.replace(one, other),
        f"/evidence/{one}?until={later}&sig={sig}",
        f"/evidence/{one}?until={later}&sig=",
        f"/evidence/{one}?until={'9' * 400}&sig={sig}",
        f"/evidence/{'0' * 64}.jpg?until={later}&sig={sig}",
    ):
        answer = city.client.get(wrong)
        assert answer.status_code == 403, wrong
        assert answer.headers["content-type"] == "application/problem+json"
        assert "not ours" in answer.json()["detail"]
    assert city.client.get(good).status_code == 200


def test_a_picture_that_is_not_there_is_404(city: City) -> None:
    assert city.client.get(link(city, "0" * 64 + ".jpg")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/ab.jpg",
        "/evidence/ab.jpg?until=1",
        "/evidence/ab.jpg?until=soon&sig=00",
        "/evidence/..%5cab.jpg?until=1&sig=00",
        "/evidence/%00.jpg?until=1&sig=00",
    ],
)
def test_half_a_link_is_400_or_nothing(city: City, path: str) -> None:
    assert city.client.get(path).status_code in {400, 404}


def test_a_link_signed_for_a_path_outside_gives_nothing(city: City) -> None:
    secret, until = link_secret(city.store), int(time.time()) + 600
    sig = signature(secret, "../city", until)

    answer = city.client.get(f"/evidence/..%2fcity?until={until}&sig={sig}")

    assert answer.status_code == 404


def test_a_proof_needs_a_key_and_its_district(city: City) -> None:
    link = city.store.chain()[0]
    path = f"/evidence/{link.name}/proof"

    assert city.client.get(path).status_code == 401
    assert city.ask(path, role="device").status_code == 403
    assert city.ask(path, district=THERE).status_code == 404
    assert city.ask(path, district=HERE).status_code == 200
    assert city.ask(f"/evidence/{'0' * 64}.jpg/proof").status_code == 404
    assert city.ask(f"/evidence/{'0' * 200}.jpg/proof").status_code == 400


def test_a_proof_shows_the_row_and_that_all_holds(city: City) -> None:
    link = city.store.chain()[4]

    proof = city.ask(f"/evidence/{link.name}/proof").json()

    assert proof.pop("at").endswith("Z")
    assert proof == {
        **{k: v for k, v in link.as_row().items() if k != "at_s"},
        "bytes_match": True,
        "chain_intact": True,
        "wrong": None,
    }
    assert proof["footage_sha256"] == "there"


def test_a_proof_tells_of_changed_bytes(city: City, tmp_path: Path) -> None:
    name = city.store.chain()[4].name
    (tmp_path / "pictures" / name[:2] / name).write_bytes(b"another")

    proof = city.ask(f"/evidence/{name}/proof").json()

    assert (proof["bytes_match"], proof["chain_intact"]) == (False, True)
    assert "were changed" in proof["wrong"]


def test_a_proof_tells_of_a_row_changed_before_it_but_not_after(city: City) -> None:
    names = [link.name for link in city.store.chain()]
    tamper(city.store, "UPDATE evidence_chain SET pts_s = 9 WHERE row = 4")

    before = city.ask(f"/evidence/{names[2]}/proof").json()
    after = city.ask(f"/evidence/{names[6]}/proof").json()

    assert before["chain_intact"]
    assert (after["bytes_match"], after["chain_intact"]) == (True, False)
    assert "row 4 of the evidence chain" in after["wrong"]
