from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.memory.days import Task, rescore_days
from service.memory.rescore import remember
from service.scoring.days import Days
from service.store import Store
from tests.service.api.scored_city import (
    EAST,
    STANDARD,
    WEST,
    all_pages,
    client_of,
    drive_through,
    score_city,
    scored_city,
    street,
    terms,
)
from tests.service.store.records import DAY_S, NOON_S, drive


def at(days: float) -> str:
    """Return so many days after the first noon, RFC 3339."""
    when = datetime.fromtimestamp(NOON_S + days * DAY_S, UTC)
    return when.isoformat().replace("+00:00", "Z")


def test_every_street_is_listed_once_as_it_is_now(store: Store) -> None:
    scored_city(store)
    wider = street(2, EAST, unit_grid="g9", length_m=370.0, width_m=20.0)
    store.add_drive(
        drive(at_s=NOON_S + DAY_S, segments=(wider,), coverage=()),
        known_s=NOON_S + DAY_S,
    )
    client = client_of(store)

    rows = all_pages(client, "/segments", 2)

    assert [row["id"] for row in rows] == ["s1", "s2", "s3", "s4", "s5"]
    assert (rows[1]["district"], rows[1]["width_m"]) == (EAST, 20.0)
    assert rows[0] == {
        "id": "s1",
        "name": "许由路",
        "road_class": "2",
        "length_m": 185.0,
        "width_m": 12.0,
        "oneway": False,
        "district": WEST,
        "unit_grid": "g1",
        "responsible_unit": None,
        "absent_zones": ["tree_pit"],
        "assumed": False,
        "geometry": {
            "type": "LineString",
            "coordinates": [[113.85, 34.03], [113.852, 34.03]],
        },
    }
    assert client.get("/segments/s2").json() == rows[1]
    of_west = client_of(store, district=WEST)
    assert [row["id"] for row in all_pages(of_west, "/segments", 5)] == ["s1"]
    assert of_west.get("/segments/s2").status_code == 404


def test_a_score_comes_with_its_reasons(store: Store) -> None:
    client = client_of(scored_city(store))

    score = client.get("/segments/s1/score").json()

    assert score["standard"] == STANDARD
    assert score["window"]["to"] == score["known_at"] == at(1)
    assert score["model_id"] == "street@2"
    assert (score["status"], score["passes"]) == ("scored", 1)
    assert score["low"] <= score["value"] <= score["high"]
    lost = sum(part["points_lost"] for part in score["elements"])
    assert score["value"] == pytest.approx(100 - lost, abs=1e-5)
    assert score["value"] < 100
    taken = sum(one["points"] for one in score["deductions"])
    assert taken == pytest.approx(lost)
    for one in score["deductions"]:
        assert sum(one["finding_points"]) == pytest.approx(one["points"])
        assert set(one["finding_ids"]) <= {found["id"] for found in score["findings"]}
    assert [found["category"] for found in score["findings"]] == ["poster"] * 5
    assert score["findings"][0]["first_seen"].endswith("Z")
    shown = client.get("/scores").json()["items"][0]
    for name in ("value", "low", "high", "grade", "grade_certain", "age_days"):
        assert score[name] == shown[name]


def test_a_street_that_nobody_passed_has_no_value(store: Store) -> None:
    score = client_of(scored_city(store)).get("/segments/s5/score").json()

    assert score["status"] == "not_passed"
    assert score["value"] is score["grade"] is score["coverage"] is None
    assert score["elements"] == score["deductions"] == score["findings"] == []


def test_a_score_is_asked_for_as_it_was_known(store: Store) -> None:
    scored_city(store)
    drive_through(store, at_s=NOON_S + 1.5 * DAY_S)
    score_city(store, days=2)
    client = client_of(store)

    def asked(as_of: str) -> str:
        answer = client.get("/segments/s1/score", params={"as_of": as_of})
        return answer.json()["known_at"]

    assert client.get("/segments/s1/score").json()["known_at"] == at(2)
    assert asked(at(1)) == at(1)
    assert asked(at(1.9)) == at(1)
    assert asked(at(2)) == at(2)
    assert asked("2026-09-23T22:13:20+08:00") == at(2)
    before = client.get("/segments/s1/score", params={"as_of": at(0.5)})
    assert before.status_code == 404
    assert "rescore" in before.json()["detail"]


def test_an_older_window_worked_out_later_is_not_the_newest(store: Store) -> None:
    scored_city(store)
    score_city(store, days=3)
    score_city(store, days=2, known_s=NOON_S + 9 * DAY_S)
    client = client_of(store)

    score = client.get("/segments/s1/score").json()
    then = client.get("/segments/s1/score", params={"as_of": at(9)}).json()

    assert score["window"]["to"] == then["window"]["to"] == at(3)
    assert client.get("/scores").json()["items"][0]["window"]["to"] == at(3)


def test_what_is_worked_out_with_older_knowledge_is_not_shown(store: Store) -> None:
    scored_city(store)
    older = store.score_row("s1", STANDARD)
    assert older is not None
    row = {**older, "known_s": NOON_S + 5 * DAY_S, "value": 1.0}
    store.add_scores([{**row, "district": WEST, "feature": "{}"}], newest=False)

    score = client_of(store).get("/segments/s1/score").json()

    assert score["value"] == older["value"]


def test_scores_of_a_store_that_shows_none_yet_are_found(store: Store) -> None:
    """A store of an older program has scores, and none of them made for maps."""
    scored_city(store)
    row = store.score_row("s1", STANDARD)
    assert row is not None
    store.add_scores(
        [{**row, "standard_id": "older@1", "district": WEST, "feature": "{}"}],
        newest=False,
    )

    assert store.score_row("s1", "older@1") == {**row, "standard_id": "older@1"}


def test_who_has_the_newest_score_is_sent_nothing(store: Store) -> None:
    client = client_of(scored_city(store))
    tag = client.get("/segments/s1/score").headers["etag"]

    again = client.get("/segments/s1/score", headers={"If-None-Match": tag})
    score_city(store, days=2)
    newer = client.get("/segments/s1/score", headers={"If-None-Match": tag})

    assert (again.status_code, newer.status_code) == (304, 200)


def test_a_history_goes_back_score_by_score(store: Store) -> None:
    scored_city(store)
    for days in (2, 3, 4):
        score_city(store, days=days)
    score_city(store, days=2, known_s=NOON_S + 9 * DAY_S)
    client = client_of(store)

    rows = all_pages(client, "/segments/s1/scores", 2)

    assert [(row["known_at"], row["window"]["to"]) for row in rows] == [
        (at(9), at(2)),
        (at(4), at(4)),
        (at(3), at(3)),
        (at(2), at(2)),
        (at(1), at(1)),
    ]
    score = client.get("/segments/s1/score").json()
    assert {name: score[name] for name in rows[1]} == rows[1]


def test_days_are_those_on_which_the_score_changed(store: Store, address: str) -> None:
    scored_city(store)
    midnight_s = NOON_S - NOON_S % DAY_S - DAY_S / 3  # 2026-09-21 in China
    days = Days(midnight_s, 40, 30 * DAY_S)
    remember(store, terms().standard, NOON_S)
    task = Task(address, terms(), days)
    found = dict(rescore_days(store, task, known_s=NOON_S, processes=1))
    client = client_of(store)

    answer = client.get("/segments/s1/days").json()

    assert answer["window_days"] == 30
    assert answer["days"]["from"] == "2026-09-20T16:00:00Z"
    assert [row["status"] for row in answer["items"]] == ["scored", "stale"]
    assert [row["day"] for row in answer["items"]] == ["2026-09-21", "2026-10-21"]
    first = answer["items"][0]
    assert first["value"] == pytest.approx(float(found["s1"][0]["value"]))
    grades = [grade.id for grade in terms().standard.grades]
    assert first["grade"] == grades[found["s1"][0]["grade"]]
    unpassed = client.get("/segments/s5/days").json()["items"]
    assert [(row["status"], row["value"]) for row in unpassed] == [("not_passed", None)]


def test_what_is_not_there_is_said_in_one_sentence(store: Store) -> None:
    client = client_of(scored_city(store))

    for route, said in {
        "/segments/s9": "no segment is called s9; see /segments",
        "/segments/s9/score": "no segment is called s9; see /segments",
        "/segments/s1/days": (
            "s1 has no scores by day under xuchang@1; run liujing rescore --every-day"
        ),
    }.items():
        answer = client.get(route)
        assert answer.status_code == 404
        assert answer.json()["detail"] == said


def test_a_time_that_is_none_is_a_bad_request(store: Store) -> None:
    client = client_of(scored_city(store))
    for as_of in (
        "",
        "yesterday",
        "1790000000",
        "2026-09-22",
        "2026-09-22T10:00:00",
        "2026-13-01T10:00:00Z",
    ):
        answer = client.get("/segments/s1/score", params={"as_of": as_of})
        assert answer.status_code == 400, as_of
        assert answer.json()["detail"].startswith("query.as_of: ")
