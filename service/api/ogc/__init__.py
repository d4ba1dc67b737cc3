"""OGC API - Features: what geographic information systems read the city by."""

from fastapi import APIRouter

from service.api.ogc import collections, items, landing

router = APIRouter(tags=["ogc"])
for part in (landing, collections, items):
    router.include_router(part.router)

__all__ = ["router"]
