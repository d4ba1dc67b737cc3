"""OpenAPI 3.0 of these routes alone, each collection by its name.

Geographic information systems read which parameters a collection has from here. The
service's own description is of version 3.1, which they do not read.
"""

from __future__ import annotations

from typing import Any

from service.api.ogc.kinds import KINDS, Kind
from service.api.ogc.params import FORMAT, described, described_one
from service.api.ogc.wire import GeoJson, OpenApiJson, SchemaJson

_JSON = "application/json"
_PROBLEM = {
    "description": "不能回答 refused: why is in `detail`",
    "content": {
        "application/problem+json": {
            "schema": {"type": "object", "properties": {"detail": {"type": "string"}}}
        }
    },
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def describe(root: str, title: str, description: str, version: str) -> dict[str, Any]:
    """Return the description.

    Args:
        root: address of the landing page.
        title: of the service.
        description: of the service.
        version: of the service.
    """
    plain = {
        "/": ("getLandingPage", "入口 landing page", _JSON),
        "/conformance": ("getConformance", "一致性 conformance", _JSON),
        "/collections": ("getCollections", "图层 collections", _JSON),
        "/crs": ("getCrs", "坐标系 reference systems", _JSON),
        "/api": ("getApi", "接口说明 this description", OpenApiJson.media_type),
    }
    paths = {
        path: _operation(name, summary, media_type, [FORMAT])
        for path, (name, summary, media_type) in plain.items()
    }
    for kind in KINDS.values():
        paths |= _paths(kind)
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "description": description, "version": version},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"securitySchemes": _SECURITY},
        "security": [{name: []} for name in _SECURITY],
    }


def _paths(kind: Kind) -> dict[str, Any]:
    path = f"/collections/{kind.id}"
    name = kind.id.capitalize()
    feature_id = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
    one = [feature_id, *described_one(kind)]
    geo = GeoJson.media_type
    title = kind.title
    return {
        path: _operation(f"get{name}", title, _JSON, [FORMAT]),
        f"{path}/queryables": _operation(
            f"get{name}Queryables", title, SchemaJson.media_type, [FORMAT]
        ),
        f"{path}/items": _operation(f"get{name}Items", title, geo, described(kind)),
        f"{path}/items/{{featureId}}": _operation(f"get{name}Item", title, geo, one),
    }


def _operation(
    name: str, summary: str, media_type: str, parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    good = {
        "description": summary,
        "content": {media_type: {"schema": {"type": "object"}}},
    }
    get = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": good, "default": _PROBLEM},
    }
    return {"get": get}
