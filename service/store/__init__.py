"""The city's memory: SQLite in a folder by default, PostgreSQL for many machines."""

from service.store.blobs import BlobStore, FolderBlobs, NoBlobs
from service.store.bulk import DaysRow, FindingRow, PassRow
from service.store.chain import BEGINNING, link_hash
from service.store.connected import BLOBS
from service.store.copies import (
    copy_sqlite,
    dump_postgresql,
    is_empty_postgresql,
    restore_postgresql,
)
from service.store.counts import StoreCounts
from service.store.engine import FILE, refuse_unreachable
from service.store.manifests import manifest_id
from service.store.places import Box, PlaceKind, PlaceQuery
from service.store.reading import ScoreFacts, StreetRow
from service.store.reviews import (
    KeptWord,
    LeftBehind,
    Looked,
    ReviewedWord,
    WordFacts,
)
from service.store.rows import digest, drive_id, footage_id, inspection_id
from service.store.store import Store
from service.store.surveyed import CoverCount, CoverRow, PassSeen

__all__ = [
    "BEGINNING",
    "BLOBS",
    "FILE",
    "BlobStore",
    "Box",
    "CoverCount",
    "CoverRow",
    "DaysRow",
    "FindingRow",
    "FolderBlobs",
    "KeptWord",
    "LeftBehind",
    "Looked",
    "NoBlobs",
    "PassRow",
    "PassSeen",
    "PlaceKind",
    "PlaceQuery",
    "ReviewedWord",
    "ScoreFacts",
    "Store",
    "StoreCounts",
    "StreetRow",
    "WordFacts",
    "copy_sqlite",
    "digest",
    "drive_id",
    "dump_postgresql",
    "footage_id",
    "inspection_id",
    "is_empty_postgresql",
    "link_hash",
    "manifest_id",
    "refuse_unreachable",
    "restore_postgresql",
]
