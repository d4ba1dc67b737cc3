"""The city's memory: SQLite in a folder by default, PostgreSQL for many machines."""

from service.store.blobs import BlobStore, FolderBlobs, NoBlobs
from service.store.bulk import DaysRow, FindingRow, PassRow
from service.store.chain import BEGINNING, link_hash
from service.store.counts import StoreCounts
from service.store.places import Box, PlaceKind, PlaceQuery
from service.store.reading import ScoreFacts, StreetRow
from service.store.rows import digest, drive_id, inspection_id
from service.store.store import Store
from service.store.surveyed import CoverCount, CoverRow, PassSeen

__all__ = [
    "BEGINNING",
    "BlobStore",
    "Box",
    "CoverCount",
    "CoverRow",
    "DaysRow",
    "FindingRow",
    "FolderBlobs",
    "NoBlobs",
    "PassRow",
    "PassSeen",
    "PlaceKind",
    "PlaceQuery",
    "ScoreFacts",
    "Store",
    "StoreCounts",
    "StreetRow",
    "digest",
    "drive_id",
    "inspection_id",
    "link_hash",
]
