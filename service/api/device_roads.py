"""The city's roads for vehicles that inspect by themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from fastapi.responses import FileResponse

from service.api.asked import TheSettings, only
from service.api.refusals import refusals
from service.intake.roads import road_sheet, road_tag

router = APIRouter(prefix="/devices/me/roads", tags=["devices 设备"])
_KIND = "application/geo+json"


@router.get(
    "",
    summary="道路数据 The city's roads",
    dependencies=[Depends(only("device"))],
    response_class=Response,
    responses={
        200: {
            "description": "道路 lines with class and width, GeoJSON",
            "content": {_KIND: {"schema": {"type": "object"}}},
        },
        304: {"description": "未变 not changed"},
        **refusals(401, 403, 404),
    },
)
def get_roads(
    settings: TheSettings,
    if_none_match: Annotated[
        str | None, Header(description="已有版本 ETag of what the device has")
    ] = None,
) -> Response:
    """Only lines, classes and widths: what a vehicle needs to look as we do.

    404 where this service has no road file.
    """
    tag = road_tag(settings)
    if tag is not None and if_none_match == f'"{tag}"':
        return Response(None, 304, {"ETag": f'"{tag}"'})
    sheet = road_sheet(settings)
    headers = {"ETag": f'"{sheet.tag}"', "Cache-Control": "private, no-cache"}
    return FileResponse(sheet.path, 200, headers, media_type=_KIND)
