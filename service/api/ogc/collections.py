"""Which collections there are, and what their features can be asked for by."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from service.api.asked import Caller, Reader, TheStore
from service.api.ogc.crs import ALL, CRS84
from service.api.ogc.kinds import KINDS, Kind
from service.api.ogc.params import FORMAT, no_more_parameters
from service.api.ogc.wire import (
    CollectionOut,
    Collections,
    Extent,
    GeoJson,
    SchemaJson,
    Spatial,
    Temporal,
    TheRoot,
    link,
)
from service.store import Store
from vision.errors import NotFoundError

router = APIRouter(prefix="/ogc", dependencies=[Depends(no_more_parameters)])
_FORMAT: dict[str, Any] = {"parameters": [FORMAT]}
_BESIDE_DEG = 0.001
"""How far from its street a finding may lie, generously."""

QUERYABLES_REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


def the_kind(
    collection_id: Annotated[str, Path(description="图层编号 id of the collection")],
) -> Kind:
    """Return the collection in the address.

    Raises:
        NotFoundError: there is none of this name.
    """
    if collection_id not in KINDS:
        msg = f"no collection is called {collection_id}; there are {', '.join(KINDS)}"
        raise NotFoundError(msg)
    return KINDS[collection_id]


TheKind = Annotated[Kind, Depends(the_kind)]


@router.get(
    "/collections",
    summary="图层列表 All collections",
    response_model_exclude_none=True,
    openapi_extra=_FORMAT,
)
def read_collections(caller: Reader, store: TheStore, root: TheRoot) -> Collections:
    """Segments, scores and findings, with where they lie."""
    here = f"{root}/collections"
    return Collections(
        links=[link(here, "self", "图层 collections")],
        collections=[_shown(kind, caller, store, root) for kind in KINDS.values()],
    )


@router.get(
    "/collections/{collection_id}",
    summary="一个图层 One collection",
    response_model_exclude_none=True,
    openapi_extra=_FORMAT,
)
def read_collection(
    caller: Reader, store: TheStore, root: TheRoot, kind: TheKind
) -> CollectionOut:
    """Tell where its features lie and what they can be asked for by."""
    return _shown(kind, caller, store, root)


@router.get(
    "/collections/{collection_id}/queryables",
    summary="可查询属性 Queryables",
    response_class=SchemaJson,
    openapi_extra=_FORMAT,
)
def read_queryables(_: Reader, root: TheRoot, kind: TheKind) -> dict[str, Any]:
    """Properties that features can be asked for by, as a JSON schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root}/collections/{kind.id}/queryables",
        "type": "object",
        "title": kind.title,
        "properties": {
            name: {"title": text, "type": "string"}
            for name, text in kind.queryables.items()
        },
        "additionalProperties": False,
    }


def _shown(kind: Kind, caller: Caller, store: Store, root: str) -> CollectionOut:
    here = f"{root}/collections/{kind.id}"
    return CollectionOut(
        id=kind.id,
        title=kind.title,
        description=kind.description,
        extent=_extent(kind, caller, store),
        crs=list(ALL),
        storageCrs=CRS84,
        links=[
            link(here, "self", kind.title),
            link(f"{here}/items", "items", kind.title, GeoJson.media_type),
            link(
                f"{here}/queryables",
                QUERYABLES_REL,
                "可查询属性 queryables",
                SchemaJson.media_type,
            ),
        ],
    )


def _extent(kind: Kind, caller: Caller, store: Store) -> Extent:
    """Return what holds all features that a key may see."""
    box = store.extent(district=caller.district)
    spatial = None
    if box is not None:
        west, south, east, north = box
        more = _BESIDE_DEG
        around = [west - more, south - more, east + more, north + more]
        spatial = Spatial(bbox=[[round(edge, 7) for edge in around]], crs=CRS84)
    temporal = Temporal(interval=[[None, None]]) if kind.dated else None
    return Extent(spatial=spatial, temporal=temporal)
