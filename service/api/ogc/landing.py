"""Where everything begins: the landing page, what is kept of the standard, the API."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from fastapi import APIRouter, Depends, Response

from service.api.asked import Reader
from service.api.ogc.crs import ALL
from service.api.ogc.described import describe
from service.api.ogc.params import FORMAT, no_more_parameters
from service.api.ogc.wire import (
    Conformance,
    CrsList,
    CrsOut,
    Landing,
    OpenApiJson,
    TheRoot,
    link,
)

router = APIRouter(prefix="/ogc", dependencies=[Depends(no_more_parameters)])
_FORMAT: dict[str, Any] = {"parameters": [FORMAT]}

TITLE = "六净 Liujing"
DESCRIPTION = (
    "城市道路洁净度：路段、得分、问题，供地理信息系统读取 "
    "Cleanliness of city streets: segments, scores, findings"
)
CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)


@router.get("", summary="入口 Landing page", openapi_extra=_FORMAT)
def read_landing(_: Reader, root: TheRoot) -> Landing:
    """Links to all there is."""
    return Landing(
        title=TITLE,
        description=DESCRIPTION,
        links=[
            link(root, "self", "入口 this page"),
            link(
                f"{root}/api",
                "service-desc",
                "接口说明 the API",
                OpenApiJson.media_type,
            ),
            link(f"{root}/conformance", "conformance", "一致性 conformance"),
            link(f"{root}/collections", "data", "图层 collections"),
            link(f"{root}/crs", "describedby", "坐标系 reference systems"),
        ],
    )


@router.get("/conformance", summary="一致性 Conformance", openapi_extra=_FORMAT)
def read_conformance(_: Reader) -> Conformance:
    """Which classes of the standard are kept."""
    return Conformance(conformsTo=list(CONFORMS_TO))


@router.get("/crs", summary="坐标系 Reference systems", openapi_extra=_FORMAT)
def read_crs_list(_: Reader, root: TheRoot) -> CrsList:
    """What positions can be asked for in; GCJ-02 is never what nobody asked for."""
    return CrsList(
        links=[link(f"{root}/crs", "self", "坐标系 reference systems")],
        crs=[
            CrsOut(
                uri=one.uri,
                title=one.title,
                axes=["lat", "lon"] if one.lat_first else ["lon", "lat"],
            )
            for one in ALL.values()
        ],
    )


@router.get(
    "/api",
    summary="接口说明 OpenAPI 3.0",
    response_class=OpenApiJson,
    openapi_extra=_FORMAT,
)
def read_api(_: Reader, root: TheRoot) -> Response:
    """Describe these routes as geographic information systems expect it."""
    version = metadata.version("liujing")
    return OpenApiJson(describe(root, TITLE, DESCRIPTION, version))
