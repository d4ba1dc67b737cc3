"""How much memory a process and all that it started take together, while they run."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

_EVERY_S = 0.2
_MB_OF_KB = 1.024e-3


class TreeMemory:
    """Looks at a tree of processes many times a second until it is closed.

    Args:
        pid: of the process at its root.

    Attributes:
        tree_mb: the largest sum of what they hold: of each all that is its own, and
            the pages of a file (libraries, above all) as often as the process has them
            that has most of it, because those are the same pages.
        rss_mb: the largest sum of resident memory; what they share counts twice.
        root_mb: the largest resident memory of the root alone.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.tree_mb = self.rss_mb = self.root_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            found = [_resident(pid) for pid in _tree(self._pid)]
            rss = [sum(one.values()) * _MB_OF_KB for one in found]
            self.root_mb = max(self.root_mb, rss[0])
            self.rss_mb = max(self.rss_mb, sum(rss))
            self.tree_mb = max(self.tree_mb, _together(found) * _MB_OF_KB)
            if self._over.wait(_EVERY_S):
                return


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = file.read_text("ascii").split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))


def _resident(pid: int) -> Counter[str]:
    """Return file -> kB of its pages that a process has; what is its own under ``."""
    held: Counter[str] = Counter()
    try:
        text = Path(f"/proc/{pid}/smaps").read_text("utf-8", "replace")
    except OSError:
        return held
    file = ""
    for line in text.splitlines():
        words = line.split(maxsplit=5)
        if "-" in words[0]:
            file = words[5] if len(words) > 5 and words[5].startswith("/") else ""
        elif words[0] == "Rss:":
            held[file] += int(words[1])
        elif words[0] == "Anonymous:":
            held[file] -= int(words[1])
            held[""] += int(words[1])
    return held


def _together(found: Sequence[Counter[str]]) -> int:
    """Return the kB of all: what is a process's own adds up, of files the most."""
    files: Counter[str] = Counter()
    for one in found:
        files |= one
    return files.total() - files[""] + sum(one[""] for one in found)
