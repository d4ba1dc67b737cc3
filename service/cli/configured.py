"""What the verbs of the service share: its settings, and its store."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from service.settings import Settings, load_settings
from service.store import FolderBlobs, Store
from vision.errors import NotFoundError


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config` and `--data`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings in TOML (default: what LIUJING_CONFIG names)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder of the service's data (default: the setting `data`)",
    )


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings that the options name.

    Raises:
        InputError: a setting is wrong.
    """
    given: dict[str, Any] = {} if options.data is None else {"data": options.data}
    return load_settings(options.config, **given)


def store_of(settings: Settings) -> Store:
    """Open the store of the settings, made if it is not there.

    Raises:
        StoreError: damaged, newer than this program, unreachable, not writable.
    """
    blobs = None if settings.store.blobs is None else FolderBlobs(settings.store.blobs)
    return Store(settings.store_where, blobs)


def store_there(settings: Settings) -> Store:
    """Open the store of the settings.

    Raises:
        NotFoundError: there is none.
        StoreError: damaged, newer than this program, unreachable.
    """
    where = settings.store_where
    if "://" not in where and not Path(where).is_dir():
        msg = f"there is no store {where}; name --data DIR, or see liujing settings"
        raise NotFoundError(msg)
    return store_of(settings)
