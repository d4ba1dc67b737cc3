"""The city's memory: SQLite in a folder by default, PostgreSQL for many machines."""

from service.store.blobs import BlobStore, FolderBlobs
from service.store.rows import digest, drive_id, inspection_id
from service.store.store import Store

__all__ = ["BlobStore", "FolderBlobs", "Store", "digest", "drive_id", "inspection_id"]
