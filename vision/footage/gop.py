"""Decides which packets must be decoded for the wanted pictures: GOP pruning.

A group is a clean entry point (a key picture) and what follows it in decode order.
Pictures of a group that are shown before its entry are leading pictures (open group):
they may refer to the group before, so that one is decoded whole with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PacketTable:
    """All packets of a video stream in decode order, one row each.

    Attributes:
        pts: int64 `(N,)`, presentation time in ticks. Where the container has no
            usable presentation times (`counted`), the time of the N-th picture shown.
        size: int32 `(N,)`, bytes.
        key: bool `(N,)`, the container calls it a key picture.
        entry: bool `(N,)`, decoding may start here.
        shown: bool `(N,)`, gives a good picture when decoded from its entry.
        counted: rows name shown pictures in their order, not packets.
    """

    pts: npt.NDArray[np.int64]
    size: npt.NDArray[np.int32]
    key: BoolArray
    entry: BoolArray
    shown: BoolArray
    counted: bool

    def __len__(self) -> int:
        """Return the number of packets."""
        return len(self.pts)


@dataclass(frozen=True, slots=True, eq=False)
class DecodePlan:
    """What to do with each packet.

    Attributes:
        feed: bool `(N,)`, give it to the decoder (an unwanted one may still be dropped
            if nothing refers to it, unless the table is `counted`).
        fresh: bool `(N,)`, empty and reset the decoder before this packet.
        stop: no packet from this row on is needed.
    """

    feed: BoolArray
    fresh: BoolArray
    stop: int


def plan_decoding(table: PacketTable, wanted: BoolArray) -> DecodePlan:
    """Return the fewest packets that give the wanted pictures exactly.

    Args:
        table: all packets of the stream.
        wanted: bool `(N,)`, a subset of `table.shown`.
    """
    feed = np.zeros(len(table), dtype=np.bool_)
    fresh = np.zeros(len(table), dtype=np.bool_)
    starts = np.append(np.flatnonzero(table.entry), len(table))
    rows = np.flatnonzero(wanted)
    groups = np.searchsorted(starts, rows, side="right") - 1
    touched, firsts = np.unique(groups, return_index=True)
    for group, mine in zip(touched, np.split(rows, firsts[1:]), strict=False):
        start, end = int(starts[group]), int(starts[group + 1])
        last = end - 1 if table.counted else int(mine[-1])
        early = table.pts[mine] < table.pts[start]
        leading = bool(early.any()) and not table.counted
        feed[start : last + 1] = True
        fresh[start] = not leading
        if leading:
            before = int(starts[group - 1])
            fresh[before] |= not feed[before]
            feed[before:start] = True
    if bool(table.entry.all()) and not table.counted:
        fresh[:] = False
    fed = np.flatnonzero(feed)
    return DecodePlan(feed, fresh, stop=int(fed[-1]) + 1 if len(fed) else 0)


def good_pictures(
    pts: npt.NDArray[np.int64], entry: BoolArray, damaged: BoolArray
) -> BoolArray:
    """Return which packets give a good picture when decoded from their entry.

    Args:
        pts: int64 `(N,)`, presentation times.
        entry: bool `(N,)`, entries.
        damaged: bool `(N,)`, packets that are not whole.

    Not good are: everything before the first entry, the leading pictures of the first
    entry, and in each group the damaged packet and what follows it.
    """
    entries = np.flatnonzero(entry)
    if not len(entries):
        return np.zeros(len(entry), dtype=np.bool_)
    group = np.cumsum(entry) - 1
    broken: npt.NDArray[np.int64] = np.cumsum(damaged, dtype=np.int64)
    broken_before_group = broken[entries] - damaged[entries]
    good: BoolArray = (group >= 0) & (broken == broken_before_group[group])
    good &= ~((group == 0) & (pts < pts[entries[0]]))
    return good
