"""What the answers look like, and their addresses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from service.api.asked import TheSettings


class GeoJson(JSONResponse):
    """Features."""

    media_type = "application/geo+json"


class SchemaJson(JSONResponse):
    """A JSON schema."""

    media_type = "application/schema+json"


class OpenApiJson(JSONResponse):
    """A description of the API."""

    media_type = "application/vnd.oai.openapi+json;version=3.0"


class Link(BaseModel):
    """Another resource."""

    href: str = Field(description="地址 address")
    rel: str = Field(description="关系 what it is to this resource")
    type: str = Field(description="媒体类型 media type")
    title: str = Field(description="标题 title")


class Landing(BaseModel):
    """Where everything begins."""

    title: str = Field(description="标题 title")
    description: str = Field(description="说明 what this is")
    links: list[Link] = Field(description="链接 where to go on")


class Conformance(BaseModel):
    """What of the standard is kept."""

    conformsTo: list[str] = Field(  # noqa: N815 - the standard's name
        description="符合的一致性类 conformance classes"
    )


class Spatial(BaseModel):
    """Where features lie."""

    bbox: list[list[float]] = Field(
        description="西南东北（度） west, south, east, north in degrees"
    )
    crs: str = Field(description="坐标系 reference system of the box")


class Temporal(BaseModel):
    """When."""

    interval: list[list[str | None]] = Field(
        description="起止时间，null 为不限 begin and end, null for no bound"
    )


class Extent(BaseModel):
    """Where and when features are."""

    spatial: Spatial | None = Field(default=None, description="空间范围 where")
    temporal: Temporal | None = Field(default=None, description="时间范围 when")


class CollectionOut(BaseModel):
    """One collection."""

    id: str = Field(description="编号 id")
    title: str = Field(description="标题 title")
    description: str = Field(description="说明 what its features are")
    itemType: Literal["feature"] = Field(  # noqa: N815 - the standard's name
        default="feature", description="成员类型 kind of its items"
    )
    extent: Extent = Field(description="范围 where and when")
    crs: list[str] = Field(description="可用坐标系 reference systems that are offered")
    storageCrs: str = Field(  # noqa: N815 - the standard's name
        description="存储坐标系 reference system that is kept"
    )
    links: list[Link] = Field(description="链接 where to go on")


class Collections(BaseModel):
    """All collections."""

    links: list[Link] = Field(description="链接 where to go on")
    collections: list[CollectionOut] = Field(description="图层 collections")


class CrsOut(BaseModel):
    """One reference system."""

    uri: str = Field(description="标识 name")
    title: str = Field(description="说明 what it is")
    axes: list[str] = Field(description="坐标轴次序 order of the axes")


class CrsList(BaseModel):
    """All reference systems."""

    links: list[Link] = Field(description="链接 where to go on")
    crs: list[CrsOut] = Field(description="坐标系 reference systems, the default first")


class FeatureOut(BaseModel):
    """One feature."""

    type: Literal["Feature"] = Field(description="种类 kind of GeoJSON")
    id: str = Field(description="编号 id")
    geometry: dict[str, Any] = Field(description="点或线 Point or LineString")
    properties: dict[str, Any] = Field(description="属性 properties")
    links: list[Link] | None = Field(default=None, description="链接 where to go on")


class FeaturesOut(BaseModel):
    """One page of features."""

    type: Literal["FeatureCollection"] = Field(description="种类 kind of GeoJSON")
    features: list[FeatureOut] = Field(description="要素 features")
    links: list[Link] = Field(
        description="链接，末页无 next; the last page has no next"
    )
    timeStamp: str = Field(  # noqa: N815 - the standard's name
        description="应答时间 when it was answered"
    )
    numberReturned: int = Field(  # noqa: N815 - the standard's name
        description="本页要素数 features on this page"
    )
    numberMatched: int | None = Field(  # noqa: N815 - the standard's name
        default=None,
        description="总数，只有一页时才给 all features, told where one page holds them",
    )


def the_root(request: Request, settings: TheSettings) -> str:
    """Return the address of the landing page, as others reach it."""
    base = settings.server.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/ogc"


TheRoot = Annotated[str, Depends(the_root)]


def link(href: str, rel: str, title: str, media_type: str | None = None) -> Link:
    """Return a link, to JSON where nothing else is said."""
    return Link(href=href, rel=rel, type=media_type or "application/json", title=title)
