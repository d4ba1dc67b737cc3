"""The city's memory: SQLite in a folder by default, PostgreSQL for many machines."""

from service.store.blobs import BlobStore, FolderBlobs, NoBlobs
from service.store.bulk import DaysRow, FindingRow, PassRow
from service.store.connected import BLOBS
from service.store.copies import (
    copy_sqlite,
    dump_postgresql,
    is_empty_postgresql,
    restore_postgresql,
)
from service.store.counts import StoreCounts
from service.store.engine import FILE
from service.store.rows import digest, drive_id, inspection_id
from service.store.store import Store

__all__ = [
    "BLOBS",
    "FILE",
    "BlobStore",
    "DaysRow",
    "FindingRow",
    "FolderBlobs",
    "NoBlobs",
    "PassRow",
    "Store",
    "StoreCounts",
    "copy_sqlite",
    "digest",
    "drive_id",
    "dump_postgresql",
    "inspection_id",
    "is_empty_postgresql",
    "restore_postgresql",
]
