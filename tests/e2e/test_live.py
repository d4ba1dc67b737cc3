"""A live camera: pictures from a real RTSP server, which dies and comes back."""

from __future__ import annotations

import itertools
import logging
import time

import pytest

from tests.e2e.live_camera import port, serving
from vision.errors import FootageError, InputError
from vision.footage import LiveGap, LiveOptions, LivePicture, LiveSource

__all__ = ["port"]
QUICK = LiveOptions(every_s=0.2, silent_s=4.0, first_wait_s=0.3, longest_wait_s=0.6)

pytestmark = pytest.mark.timeout(900)  # the server may have to be installed


def test_pictures_come_every_so_often(port: int) -> None:
    with serving(port):
        source = LiveSource(f"rtsp://127.0.0.1:{port}/gate", QUICK)
        seen = list(source.watch(time.time() + 4.0))

    pictures = [one for one in seen if isinstance(one, LivePicture)]
    assert len(pictures) >= 6
    assert pictures[0].image.shape == (720, 1280, 3)
    assert pictures[0].image.std() > 10
    gaps_s = [b.epoch_s - a.epoch_s for a, b in itertools.pairwise(pictures)]
    assert min(gaps_s) >= 0.2 - 0.01


def test_a_camera_that_is_gone_for_a_while_leaves_a_gap(port: int) -> None:
    source = LiveSource(f"rtsp://127.0.0.1:{port}/gate", QUICK)
    events: list[LivePicture | LiveGap] = []
    watching = source.watch(time.time() + 60.0)
    with serving(port):
        events += [next(watching) for _ in range(3)]
    gone_s = time.time()
    with serving(port):
        while not isinstance(events[-1], LiveGap):
            events.append(next(watching))
        events.append(next(watching))
    watching.close()

    (gap,) = (one for one in events if isinstance(one, LiveGap))
    assert isinstance(events[-1], LivePicture)
    assert gap.from_s <= gone_s + 4.5
    assert gap.to_s > gone_s
    assert gap.reason


class BrokeError(Exception):
    """Ends a test as soon as a stream breaks."""


def broke(reason: str) -> None:
    raise BrokeError(reason)


def test_who_looks_slowly_sees_what_is_there_now_and_not_what_waited(
    port: int,
) -> None:
    source = LiveSource(f"rtsp://127.0.0.1:{port}/gate", QUICK, broke=broke)
    watching = source.watch()
    with serving(port):
        for _ in range(5):
            assert isinstance(next(watching), LivePicture)
            time.sleep(1.0)  # ten times slower than pictures come
    waited: list[object] = []
    with pytest.raises(BrokeError):
        waited.extend(watching)

    # Five seconds of pictures waited, 25 to be looked at; one second is fresh enough.
    assert len(waited) <= 10


def test_an_address_without_a_camera_is_one_sentence(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    options = LiveOptions(silent_s=1.0, first_wait_s=0.2, give_up_s=0.5)
    source = LiveSource(f"rtsp://warden:se@secret@127.0.0.1:{port}/gate", options)

    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(FootageError, match="gave no picture") as refused,
    ):
        list(source.watch())

    assert "secret" not in str(refused.value)
    assert "secret" not in caplog.text
    assert f"rtsp://127.0.0.1:{port}/gate" in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://camera/1", "rtsp://", "gate", "rtsp://[", "rtsp://camera:gate/1"]
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="is no RTSP address"):
        LiveSource(url)
