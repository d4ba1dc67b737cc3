"""Reviews over HTTP: verdicts, objections, what was said, measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.store import Store
from tests.service.api.guarded import Asked, asked
from tests.service.review.answered import fill, finding, states, three, value

OWN, OTHER = "魏都区", "建安区"


@pytest.fixture
def city(tmp_path: Path) -> Asked:
    store = Store(str(tmp_path / "city"))
    fill(store, *three(store))
    return asked(store, tmp_path)


def post(city: Asked, path: str, body: Any, role: Any = "reviewer") -> Any:
    return city.client().post(path, json=body, headers=city.key(role))


def test_a_verdict_moves_the_score_before_it_is_answered(city: Asked) -> None:
    heap, before = finding(city.store, "garbage_pile"), value(city.store)

    answer = post(
        city, f"/findings/{heap}/reviews", {"verdict": "false", "reason": "影子"}
    )

    assert answer.status_code == 201
    body = answer.json()
    assert (body["finding_id"], body["state"], body["new"]) == (heap, "rejected", True)
    (score,) = body["scores"]
    assert (score["before"], score["after"]) == (before, value(city.store))
    assert score["after"] > before
    (said,) = city.client().get("/reviews", headers=city.key()).json()["items"]
    assert (said["finding_id"], said["verdict"], said["reviewer"]) == (
        heap, "false", "测试",
    )  # fmt: skip
    assert said["segment_id"] == "s1"


def test_the_same_source_counts_once(city: Asked) -> None:
    heap = finding(city.store, "garbage_pile")
    key = city.key("reviewer")
    body = {"verdict": "real", "source": "app-1"}
    path = f"/findings/{heap}/reviews"

    answers = [city.client().post(path, json=body, headers=key) for _ in range(2)]

    assert [answer.json()["new"] for answer in answers] == [True, False]
    assert len(city.store.words()) == 1


def test_a_box_may_be_sent_with_it(city: Asked) -> None:
    heap = finding(city.store, "garbage_pile")
    (look,) = city.store.looks("s1")
    image = look.sightings[0][1].sighting.evidence[0].image
    box = {"category": "graffiti", "xyxy": [10, 10, 60, 60], "image": image}

    answer = post(
        city, f"/findings/{heap}/reviews", {"verdict": "real", "added": [box]}
    )

    (drawn,) = answer.json()["drawn"]
    assert states(city.store)[drawn] == "confirmed"


def test_an_objection_brings_the_finding_back_to_reviewers(city: Asked) -> None:
    heap = finding(city.store, "garbage_pile")
    post(city, f"/findings/{heap}/reviews", {"verdict": "real"})
    queue = "/reviews/queue"
    reviewer = city.key("reviewer")
    tasks = city.client().get(queue, headers=reviewer).json()["items"]
    assert heap not in {task["finding_id"] for task in tasks}

    answer = post(
        city, f"/findings/{heap}/appeal", {"reason": "有许可", "unit": "一所"}, "centre"
    )

    assert answer.status_code == 201
    assert answer.json()["state"] == "confirmed"
    tasks = city.client().get(queue, headers=reviewer).json()["items"]
    assert tasks[0] == {"finding_id": heap, "turn": 3}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"verdict": "perhaps"}, "verdict: ", id="no verdict"),
        pytest.param({"verdict": "false"}, "gives no reason", id="no reason"),
        pytest.param({"verdict": "real", "zone": "sky"}, "no zone", id="no zone"),
        pytest.param({"verdict": "real", "sure": 1}, "sure: ", id="unknown field"),
        pytest.param(
            {
                "verdict": "real",
                "added": [{"category": "x", "xyxy": [1, 2], "image": "a"}],
            },
            "xyxy",
            id="half a box",
        ),
    ],
)
def test_what_cannot_be_is_a_problem(city: Asked, body: Any, said: str) -> None:
    heap = finding(city.store, "garbage_pile")

    answer = post(city, f"/findings/{heap}/reviews", body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert city.store.words() == []


def test_who_may_not_is_refused(city: Asked) -> None:
    heap = finding(city.store, "garbage_pile")
    client, body = city.client(), {"verdict": "real"}
    path = f"/findings/{heap}/reviews"

    assert client.post(path, json=body).status_code == 401
    for role in ("device", "centre"):
        assert post(city, path, body, role).status_code == 403
    assert (
        post(city, f"/findings/{heap}/appeal", {"reason": "x"}, "reviewer").status_code
        == 403
    )
    elsewhere = city.key("reviewer", OTHER)
    assert client.post(path, json=body, headers=elsewhere).status_code == 404
    nobody = post(city, "/findings/nobody-1/reviews", body)
    assert nobody.status_code == 404
    assert city.store.words() == []


def test_a_district_sees_its_own_and_measures_are_for_the_whole_city(
    city: Asked,
) -> None:
    heap = finding(city.store, "garbage_pile")
    post(city, f"/findings/{heap}/reviews", {"verdict": "real"})
    client = city.client()

    def count(district: str) -> int:
        answer = client.get("/reviews", headers=city.key("centre", district))
        return len(answer.json()["items"])

    assert (count(OWN), count(OTHER)) == (1, 0)
    path = "/reviews/measures"
    assert client.get(path, headers=city.key("centre", OWN)).status_code == 403
    found = client.get(path, headers=city.key("centre")).json()
    whole = [one for one in found["classes"] if one["vehicle"] is one["light"] is None]
    assert [one["category"] for one in whole] == ["garbage_pile"]
    assert whole[0]["recall"]["hits"] == 1
    assert [one["reviewer"] for one in found["reviewers"]] == ["测试"]


def test_what_was_said_goes_on_from_page_to_page(city: Asked) -> None:
    for category in ("garbage_pile", "poster", "litter"):
        name = finding(city.store, category)
        post(city, f"/findings/{name}/reviews", {"verdict": "real"})
    client, key = city.client(), city.key()

    first = client.get("/reviews?limit=2", headers=key).json()
    rest = client.get(f"/reviews?limit=2&cursor={first['next']}", headers=key).json()

    numbers = [one["number"] for one in first["items"] + rest["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 3
    assert rest["next"] is None


def test_the_newest_number_can_be_asked_for_alone(city: Asked) -> None:
    answer = city.client().get("/changes?limit=0", headers=city.key())

    assert answer.json() == {"items": [], "next": city.store.newest_change()[0]}
