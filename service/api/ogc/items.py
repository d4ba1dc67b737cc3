"""Features themselves: page by page, or one by its id."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from time import time
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from service.api.asked import Caller, Reader, TheSettings, TheStore
from service.api.ogc.crs import Crs
from service.api.ogc.kinds import KINDS, Feature, Kind, rfc3339
from service.api.ogc.params import (
    Asked,
    described,
    described_one,
    read_asked,
    read_crs,
)
from service.api.ogc.wire import FeatureOut, FeaturesOut, GeoJson, TheRoot, link
from service.settings import Settings
from service.store import PlaceQuery, Store
from vision.errors import NotFoundError

router = APIRouter(prefix="/ogc")
_AT_ONCE = 100
_HEADERS = {
    "Content-Crs": {
        "description": "坐标系 reference system of the positions, <URI>",
        "schema": {"type": "string"},
    }
}
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """One page that is about to be sent.

    Attributes:
        rows: number and feature of each, at most one more than wanted.
        asked: what was asked for.
        here: address of the items.
    """

    rows: Iterator[tuple[int, Feature]]
    asked: Asked
    here: str

    def text(self) -> Iterator[str]:
        """Yield the page as GeoJSON, piece by piece; the links come last."""
        yield '{"type":"FeatureCollection","features":['
        count, last = 0, self.asked.after
        wanted = islice(self.rows, self.asked.limit)
        while batch := list(islice(wanted, _AT_ONCE)):
            features = (one.written(self.asked.crs) for _, one in batch)
            yield ("," if count else "") + ",".join(map(_json, features))
            count, last = count + len(batch), batch[-1][0]
        more = next(self.rows, None) is not None
        yield f"],{_json(self._rest(count, last if more else None))[1:]}"

    def _rest(self, count: int, last: int | None) -> dict[str, Any]:
        links = [self._link("self", self.asked.after)]
        if last is not None:
            links.append(self._link("next", last))
        rest = {"links": links, "timeStamp": rfc3339(time()), "numberReturned": count}
        whole = last is None and self.asked.after == 0
        return {**rest, "numberMatched": count} if whole else rest

    def _link(self, rel: str, after: int) -> dict[str, str]:
        address = self.asked.address(self.here, after=after)
        return link(address, rel, "要素 features", GeoJson.media_type).model_dump()


def _items_of(kind: Kind) -> Callable[..., Response]:
    """Return the route of a collection's features."""

    def read_items(
        request: Request,
        caller: Reader,
        store: TheStore,
        settings: TheSettings,
        root: TheRoot,
    ) -> Response:
        most = settings.limits.page
        asked = read_asked(request.query_params, kind, most=most)
        query = _seen_by(caller, asked.query, kind, settings)
        page = _Page(
            rows=_features(store, kind, asked, query),
            asked=asked,
            here=f"{root}/collections/{kind.id}/items",
        )
        pieces = page.text()
        begun = list(islice(pieces, 2))  # what the store refuses is refused here
        return StreamingResponse(
            chain(begun, pieces),
            media_type=GeoJson.media_type,
            headers=_headers(asked.crs),
        )

    return read_items


def _item_of(kind: Kind) -> Callable[..., Response]:
    """Return the route of one of a collection's features."""

    def read_item(
        feature_id: Annotated[str, Path(description="要素编号 id of the feature")],
        request: Request,
        caller: Reader,
        store: TheStore,
        settings: TheSettings,
        root: TheRoot,
    ) -> Response:
        crs, asked = read_crs(request.query_params, kind)
        query = _seen_by(caller, asked, kind, settings)
        sane = "\0" not in feature_id and len(feature_id) <= _LONGEST_ID
        row = store.place(kind.id, feature_id, query) if sane else None
        if row is None:
            msg = f"no feature of {kind.id} is called {feature_id[:_LONGEST_ID]!r}"
            raise NotFoundError(msg)
        here = f"{root}/collections/{kind.id}"
        own = f"{here}/items/{quote(feature_id, safe='')}"
        links = [
            link(own, "self", "要素 feature", GeoJson.media_type),
            link(here, "collection", kind.title),
        ]
        feature = kind.feature(row).written(crs)
        return GeoJson(
            {**feature, "links": [one.model_dump() for one in links]},
            headers=_headers(crs),
        )

    return read_item


def _seen_by(
    caller: Caller, query: PlaceQuery, kind: Kind, settings: Settings
) -> PlaceQuery:
    """Return the question with what the key allows, and the usual standard."""
    equal = dict(query.equal)
    if "standard_id" in kind.queryables:
        equal.setdefault("standard_id", settings.score.standard)
    return replace(query, equal=equal, district=caller.district)


def _features(
    store: Store, kind: Kind, asked: Asked, query: PlaceQuery
) -> Iterator[tuple[int, Feature]]:
    """Yield features that are truly in the area, with their rows' numbers."""
    rows = store.places(kind.id, query, after=asked.after, at_once=asked.limit + 1)
    for row in rows:
        feature = kind.feature(row)
        if asked.area is None or asked.area.meets(feature.line):
            yield row["number"], feature


def _headers(crs: Crs) -> dict[str, str]:
    return {"Content-Crs": f"<{crs.uri}>", "Vary": "Authorization, X-API-Key"}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


for _kind in KINDS.values():
    router.add_api_route(
        f"/collections/{_kind.id}/items",
        _items_of(_kind),
        name=f"read_{_kind.id}_items",
        summary=f"{_kind.title}：要素 features",
        description=_kind.description,
        response_class=GeoJson,
        responses={200: {"model": FeaturesOut, "headers": _HEADERS}},
        openapi_extra={"parameters": described(_kind)},
    )
    router.add_api_route(
        f"/collections/{_kind.id}/items/{{feature_id}}",
        _item_of(_kind),
        name=f"read_{_kind.id}_item",
        summary=f"{_kind.title}：单个要素 one feature",
        description=_kind.description,
        response_class=GeoJson,
        responses={200: {"model": FeatureOut, "headers": _HEADERS}},
        openapi_extra={"parameters": described_one(_kind)},
    )
