"""Which processes live: workers of one machine see each other's end at once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_PROC = Path("/proc")


def this_host() -> str:
    """Return a name that processes share which can see each other."""
    parts = [socket.gethostname(), _read(_PROC / "sys/kernel/random/boot_id")]
    try:
        parts.append(str((_PROC / "self/ns/pid").readlink()))
    except OSError:
        parts.append("-")
    return " ".join(parts)


def this_process() -> str:
    """Return a name that no other process of this host ever has."""
    return f"{os.getpid()} {_began(os.getpid())}"


def is_alive(process: str) -> bool:
    """Say if a process of this host lives."""
    number, _, began = process.partition(" ")
    if not _PROC.is_dir():
        return True  # nobody can tell; its silence will
    found = _began(int(number))
    return found != "-" and found == began


def _began(number: int) -> str:
    """Return when a process began, in the kernel's ticks; `-` for a dead one."""
    text = _read(_PROC / str(number) / "stat")
    fields = text.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] in "ZX":
        return "-"
    return fields[19]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return "-"
