"""Pruning, on groups written out by hand: `I0 P4 B2 ...` in decode order."""

from __future__ import annotations

import numpy as np
import pytest

from vision.footage.gop import PacketTable, good_pictures, plan_decoding


def table(pts: list[int], entries: list[int], *, counted: bool = False) -> PacketTable:
    entry = np.isin(np.arange(len(pts)), entries)
    return PacketTable(
        pts=np.array(pts, dtype=np.int64),
        size=np.ones(len(pts), dtype=np.int32),
        key=entry,
        entry=entry,
        shown=np.ones(len(pts), dtype=np.bool_),
        counted=counted,
    )


# Two closed groups, then one whose pictures 9 and 10 are shown before its key 11.
PTS = [0, 3, 1, 2, 4, 7, 5, 6, 8, 11, 9, 10, 12]
OPEN = table(PTS, [0, 4, 9])


@pytest.mark.parametrize(
    ("wanted", "fed", "fresh"),
    [
        pytest.param([0], [0], [0], id="a key picture needs itself"),
        pytest.param([3], [0, 1, 2, 3], [0], id="up to it in decode order"),
        pytest.param([5], [4, 5], [4], id="its group only"),
        pytest.param([0, 9], [0, 9], [0, 9], id="groups between are skipped"),
        pytest.param(
            [10],
            [4, 5, 6, 7, 8, 9, 10],
            [4],
            id="a leading picture needs the whole group before, without a restart",
        ),
        pytest.param([12], [9, 10, 11, 12], [9], id="a trailing one does not"),
        pytest.param([4, 11], list(range(4, 12)), [4], id="both of two joined groups"),
        pytest.param([], [], [], id="nothing for nothing"),
    ],
)
def test_plan(wanted: list[int], fed: list[int], fresh: list[int]) -> None:
    plan = plan_decoding(OPEN, np.isin(np.arange(len(PTS)), wanted))

    assert np.flatnonzero(plan.feed).tolist() == fed
    assert np.flatnonzero(plan.fresh).tolist() == fresh
    assert plan.stop == (fed[-1] + 1 if fed else 0)


def test_counted_pictures_need_their_whole_group() -> None:
    counted = table([0, 1, 2, 3, 4, 5], [0, 3], counted=True)

    plan = plan_decoding(counted, np.array([0, 0, 0, 0, 1, 0], dtype=np.bool_))

    assert np.flatnonzero(plan.feed).tolist() == [3, 4, 5]


def test_key_pictures_only_never_restart_the_decoder() -> None:
    plan = plan_decoding(
        table([0, 1, 2, 3], [0, 1, 2, 3]), np.array([1, 0, 0, 1], dtype=np.bool_)
    )

    assert np.flatnonzero(plan.feed).tolist() == [0, 3]
    assert not plan.fresh.any()


def test_more_wanted_pictures_never_need_fewer_packets() -> None:
    random = np.random.default_rng(3)

    for _ in range(50):
        wanted = random.random(len(PTS)) < 0.3
        more = wanted | (random.random(len(PTS)) < 0.3)

        fewer = plan_decoding(OPEN, wanted).feed
        assert not np.any(fewer & ~plan_decoding(OPEN, more).feed)


@pytest.mark.parametrize(
    ("entries", "damaged", "good"),
    [
        pytest.param([0, 4, 9], [], list(range(13)), id="all of a sound file"),
        pytest.param([4, 9], [], list(range(4, 13)), id="nothing before an entry"),
        pytest.param([9], [], [9, 12], id="no leading pictures of the first entry"),
        pytest.param(
            [0, 4, 9], [5], [0, 1, 2, 3, 4, 9, 10, 11, 12], id="none after damage"
        ),
        pytest.param([0, 4, 9], [4], [0, 1, 2, 3, 9, 10, 11, 12], id="a damaged key"),
        pytest.param([], [], [], id="no entry, no picture"),
    ],
)
def test_good_pictures(entries: list[int], damaged: list[int], good: list[int]) -> None:
    rows = np.arange(len(PTS))

    got = good_pictures(
        np.array(PTS, dtype=np.int64), np.isin(rows, entries), np.isin(rows, damaged)
    )

    assert np.flatnonzero(got).tolist() == good
