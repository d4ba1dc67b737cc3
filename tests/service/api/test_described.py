"""The OpenAPI description is valid, and what is answered is what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from fastapi import APIRouter, Response
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema

from service.api.asked import Reader
from service.api.problems import MEDIA_TYPE, STATUS
from service.memory.rescore import rescore
from service.memory.street import Terms, Window
from service.scoring import load_standard
from service.store import Store
from tests.service.api.guarded import Asked, asked
from tests.service.api.tus_client import PIECES
from tests.service.findings.passes import ROLES
from tests.service.store.records import DAY_S, NOON_S, drive, seen

EXAMPLES = 3
"""That schemathesis makes up for each route, besides those at the edges."""
ACCEPTED = ["2xx", "304", "400", "401", "403", "404", "409", "410", "413"]
"""Of what fits the description: a cursor or a signature that is not ours is 400 or 403,
a body that is longer than its upload 413, which no description of a text can tell."""
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428"]
"""Of what does not fit it."""
schemathesis.serializer.alias(PIECES, "application/octet-stream")
MANY = {"failures_per_minute": 10**9, "requests_per_minute": 10**9}


def a_city(folder: Path) -> Asked:
    """Return a service with a street, findings and scores."""
    store = Store(str(folder / "city"))
    store.add_drive(drive(seen(), seen("poster", offset_m=90), at_s=NOON_S))
    terms = Terms(load_standard("xuchang@1"), ROLES)
    window = Window(NOON_S - DAY_S, NOON_S + DAY_S)
    rescore(store, terms, window, known_s=NOON_S + DAY_S)
    return asked(store, folder, limits=MANY)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return a_city(tmp_path_factory.mktemp("described"))


def failures(
    city: Asked, headers: dict[str, str], *, examples: int = EXAMPLES
) -> list[str]:
    """Return what schemathesis finds wrong; it asks every route in every phase."""
    config = SchemathesisConfig.from_dict(
        {
            "headers": headers,
            "generation": {"max-examples": examples, "deterministic": True},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ACCEPTED},
                "negative_data_rejection": {"expected-statuses": REFUSED},
                "missing_required_header": {"expected-statuses": REFUSED},
            },
        }
    )
    described = schemathesis.openapi.from_asgi("/openapi.json", city.app, config=config)
    found, asked_for = [], 0
    for event in from_schema(described).execute():
        assert not isinstance(event, events.FatalError), event
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value}")
        if isinstance(event, events.ScenarioFinished):
            asked_for += len(event.recorder.cases)
            found += [
                f"{event.recorder.label}: {check.failure_info.failure}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info is not None
            ]
        if isinstance(event, events.EngineFinished):
            assert event.stop_reason == StopReason.COMPLETED
    assert asked_for > examples
    return found


def test_whatever_is_asked_is_answered_as_described(city: Asked) -> None:
    assert failures(city, city.key("admin")) == []


def test_whatever_is_asked_without_a_key_is_too(city: Asked) -> None:
    assert failures(city, {}, examples=1) == []


def test_an_answer_that_is_not_described_is_found(tmp_path: Path) -> None:
    city = a_city(tmp_path)
    router = APIRouter()

    @router.get("/teapot")
    def teapot(caller: Reader) -> Response:
        return Response(status_code=418)

    @router.get("/short")
    def short(caller: Reader, stout: int) -> int:
        return 1 // stout if stout > 5 else 1 // (stout - stout)

    city.app.include_router(router)

    found = " ".join(failures(city, city.key("admin")))

    assert "GET /teapot: Undocumented status code" in found
    assert "GET /short: integer division" in found


def test_the_description_is_valid_openapi_3_1(city: Asked) -> None:
    whole = city.client().get("/openapi.json").json()

    assert whole["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(whole).validate()


def test_every_route_tells_of_its_problems(city: Asked) -> None:
    whole = city.app.openapi()

    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            place = f"{method} {path}"
            expected = {"400", "404", "429", "500", "503"}
            if operation.get("security"):
                expected |= {"401", "403"}
            assert expected <= answers.keys(), place
            assert operation["summary"], place
            for status, answer in answers.items():
                if status >= "400":
                    assert MEDIA_TYPE in answer["content"], f"{place} {status}"
    assert "HTTPValidationError" not in whole["components"]["schemas"]


def test_every_status_that_an_error_becomes_is_described(city: Asked) -> None:
    answers = city.app.openapi()["paths"]["/metrics"]["get"]["responses"]

    assert {str(int(status)) for status in STATUS.values()} <= answers.keys()


def test_every_field_is_described_in_both_languages(city: Asked) -> None:
    for name, one in city.app.openapi()["components"]["schemas"].items():
        for field, facts in one.get("properties", {}).items():
            if name != "Problem" or field != "type":
                words = facts.get("description", "")
                assert any(c > "\u4e00" for c in words), f"{name}.{field}"
                assert any("a" <= c <= "z" for c in words), f"{name}.{field}"
