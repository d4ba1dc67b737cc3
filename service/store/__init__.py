"""The city's memory: SQLite in a folder by default, PostgreSQL for many machines."""

from service.store.blobs import BlobStore, FolderBlobs, NoBlobs
from service.store.bulk import DaysRow, FindingRow, PassRow
from service.store.engine import refuse_unreachable
from service.store.rows import digest, drive_id, inspection_id
from service.store.store import Store

__all__ = [
    "BlobStore",
    "DaysRow",
    "FindingRow",
    "FolderBlobs",
    "NoBlobs",
    "PassRow",
    "Store",
    "digest",
    "drive_id",
    "inspection_id",
    "refuse_unreachable",
]
