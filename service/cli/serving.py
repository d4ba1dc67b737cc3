"""What the verbs of the service share: its settings and its store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.app import open_city
from service.settings import Settings, load_settings
from service.store import Store


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add `--config` and `--data`."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="TOML of settings (default: the one that LIUJING_CONFIG names, if any)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder of everything that is not named elsewhere (default liujing-data)",
    )


def settings_of(options: argparse.Namespace, **more: Any) -> Settings:
    """Read the settings; those of the command line count before all others."""
    given = {} if options.data is None else {"data": options.data}
    return load_settings(options.config, **given, **more)


def store_of(settings: Settings) -> Store:
    """Open the store; its folder is made if it is not there."""
    return open_city(settings)


def addresses(base: str) -> Iterator[str]:
    """Yield what people are told of where a service answers.

    Args:
        base: where it listens, as others reach it.
    """
    base = base.rstrip("/")
    yield f"六净 Liujing 地图 map: {base}/"
    yield f"地理数据 OGC API - Features: {base}/ogc"
    yield f"接口说明 OpenAPI: {base}/openapi.json"
