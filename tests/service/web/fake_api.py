"""The API's answers that the page needs, from a real store: for the tests alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import monotonic, sleep, time
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Response
from sqlalchemy import create_engine, text

from service.api.asked import Reader, TheStore
from service.api.limits import Limits
from service.api.problems import add_problems
from service.records import KnownFinding
from service.settings import load_settings
from service.store import Store
from service.web import router as page

PUBLIC = "https://city.example/map"
"""What others reach the service by; the page stays at its own origin."""
_SIGNS = b"tests"
_START_S = 20.0
_PAGE = 7
"""Few rows, so that the page must follow cursors."""


def build(data: Path) -> FastAPI:
    """Answer for the store in a data folder."""
    app = FastAPI()
    app.state.settings = load_settings(data=data)
    app.state.store = Store(str(data / "city"))
    app.state.limits = Limits(10_000, 10_000)
    add_problems(app)
    app.include_router(page)
    rows = create_engine(f"sqlite:///{data / 'city' / 'liujing.sqlite'}")

    @app.get("/scores.geojson")
    def scores(caller: Reader) -> Response:
        with rows.connect() as connection:
            found = connection.execute(text("SELECT feature, district FROM score_now"))
            shown = [f for f, district in found if caller.sees(district)]
        body = f'{{"type":"FeatureCollection","features":[{",".join(shown)}]}}'
        return Response(body, media_type="application/geo+json")

    @app.get("/changes")
    def changes(
        caller: Reader, store: TheStore, since: int = 0, limit: int = 1000
    ) -> dict[str, Any]:
        if limit == 0:
            return {"items": [], "next": store.newest_change()[0]}
        found, newest = store.changes(
            since=since, limit=limit, district=caller.district
        )
        items = [{"kind": one.kind, "segment_id": one.segment_id} for one in found]
        return {"items": items, "next": newest}

    @app.get("/segments/{name}/score")
    def score(name: str, store: TheStore, _: Reader) -> dict[str, Any]:
        newest = store.scores(name)[0]
        return {**newest["body"], **(newest["body"]["score"] or {})}

    @app.get("/segments/{name}/findings")
    def findings(name: str, store: TheStore, _: Reader, cursor: int = 0) -> Any:
        found = store.findings(name)
        more = cursor + _PAGE
        items = [_finding(one) for one in found[cursor:more]]
        return {"items": items, "next": str(more) if more < len(found) else None}

    @app.get("/evidence/{name}")
    def evidence(name: str, until: int, sig: str, store: TheStore) -> Response:
        if until < time() or not hmac.compare_digest(sig, _sign(name, until)):
            raise HTTPException(403, "the link does not hold")
        return Response(store.blobs.get(name), media_type="image/jpeg")

    return app


def _finding(known: KnownFinding) -> dict[str, Any]:
    one = known.finding
    names = (
        "id", "category", "state", "probability", "segment_id", "side", "zone",
        "offset_m", "lon", "lat", "sigma_m", "severity", "first_seen", "last_seen",
        "candidate",
    )  # fmt: skip
    return {
        **{name: getattr(one, name) for name in names},
        "cleared": known.cleared_s,
        "recurrences": known.recurrences,
        "evidence": [
            {
                "image": PUBLIC + _link(e.image),
                "crop": _link(e.crop),
                "xyxy": e.xyxy,
            }
            for e in one.evidence
        ],
    }


def _link(name: str) -> str:
    until = int(datetime.now(UTC).timestamp()) + 600
    return f"/evidence/{name}?until={until}&sig={_sign(name, until)}"


def _sign(name: str, until: int) -> str:
    return hmac.new(_SIGNS, f"{name}{until}".encode(), hashlib.sha256).hexdigest()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an app on a free port and give its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    until = monotonic() + _START_S
    while not server.started and monotonic() < until:
        sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join(_START_S)


def score_bodies(data: Path) -> dict[str, Any]:
    """Return the newest score of each street, to compare the page with."""
    store = Store(str(data / "city"))
    return {
        one.id: json.loads(json.dumps(store.scores(one.id)[0]["body"]))
        for one in store.segments()
    }
