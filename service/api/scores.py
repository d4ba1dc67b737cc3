"""The newest score of every street: for maps as GeoJSON, for programs by the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from service.api.asked import TheStore
from service.api.paging import (
    NOT_MODIFIED,
    TAGGED,
    CityTag,
    Page,
    ThePage,
    cut,
    tagged,
)
from service.api.problems import REFUSALS
from service.api.score_forms import ScoreRow, row_of_feature
from service.api.within import TheDistrict, TheStandard

GEOJSON = "application/geo+json"
SCORES = "scores"

router = APIRouter(tags=["得分 scores"], responses=REFUSALS)


class GeoJson(StreamingResponse):
    """GeoJSON, sent piece by piece."""

    media_type = GEOJSON


@router.get(
    "/scores.geojson",
    summary="各路段最新得分（GeoJSON）newest scores as GeoJSON",
    response_class=GeoJson,
    responses={
        200: {
            "description": "要素集合 a FeatureCollection (RFC 7946)",
            "content": {GEOJSON: {"schema": {"type": "object"}}},
        },
        **NOT_MODIFIED,
    },
)
def scores_geojson(
    tag: CityTag, store: TheStore, standard: TheStandard, district: TheDistrict
) -> GeoJson:
    """Return one feature for each segment that has a score, streamed."""
    pieces = _collection(standard, store.features(standard, district=district))
    return GeoJson(pieces, headers=tagged(tag))


def _collection(standard: str, lists: Iterable[list[str]]) -> Iterator[bytes]:
    """Yield a FeatureCollection whose features are ready."""
    name = json.dumps(standard, ensure_ascii=False)
    begin = f'{{"type":"FeatureCollection","standard":{name},"features":[\n'
    for features in lists:
        yield (begin + ",\n".join(features)).encode()
        begin = ",\n"
    yield (begin if begin.startswith("{") else "").encode() + b"\n]}\n"


@router.get(
    "/scores",
    summary="各路段最新得分 newest scores by the page",
    dependencies=[TAGGED],
    responses={**NOT_MODIFIED},
)
def scores(
    wanted: ThePage, store: TheStore, standard: TheStandard, district: TheDistrict
) -> Page[ScoreRow]:
    """Return one row for each segment that has a score, by id."""
    after = wanted.after(SCORES, str)
    rows = store.shown_scores(
        standard,
        district=district,
        after=None if after is None else after[0],
        limit=wanted.limit + 1,
    )
    page, cursor = cut(SCORES, rows, wanted, lambda row: (row[0],))
    return Page(items=[row_of_feature(feature) for _, feature in page], next=cursor)
