"""`liujing backup` and `liujing restore`: the service's memory, while it runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.backup import Copied, back_up, restore
from service.cli.configured import add_config, settings_of
from service.cli.parts import Verbs, add_verb, print_failures


def add_parser(verbs: Verbs) -> None:
    """Add both verbs."""
    parser = add_verb(
        verbs,
        "backup",
        summary="Copy the store, the queue and all pictures, while the service runs.",
        example="liujing backup /mnt/backup/city",
    )
    parser.add_argument(
        "folder",
        type=Path,
        metavar="DEST",
        help="folder, new or with an older backup; then only new pictures are copied",
    )
    add_config(parser)
    parser.set_defaults(run=run_backup)
    parser = add_verb(
        verbs,
        "restore",
        summary="Put a backup back, in a place where nothing is yet.",
        example="liujing restore /mnt/backup/city --data liujing-data",
    )
    parser.add_argument("folder", type=Path, metavar="SRC", help="folder of a backup")
    add_config(parser)
    parser.set_defaults(run=run_restore)


def run_backup(options: argparse.Namespace) -> int:
    """Make a backup."""
    copied = back_up(settings_of(options), options.folder)
    return _told("backup", f"已备份 backed up: {options.folder}", copied)


def run_restore(options: argparse.Namespace) -> int:
    """Put one back."""
    settings = settings_of(options)
    copied = restore(settings, options.folder)
    return _told("restore", f"已恢复 restored: {options.folder}", copied)


def _told(verb: str, sentence: str, copied: Copied) -> int:
    """Say what was copied; 1 if a picture was damaged."""
    print(sentence)
    print("数据库 databases:", ", ".join(copied.databases))
    print(f"图片 pictures: {copied.pictures}, 新增 new: {copied.new}")
    print_failures(verb, copied.failures)
    return 1 if copied.failures else 0
