"""A camera's live stream (RTSP): pictures now and then, and honest gaps.

A stream that breaks is opened again, later and later; what was not seen meanwhile is
told as a gap, so that nobody takes silence for an empty street.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import av
import numpy as np
from av.error import FFmpegError

from vision.errors import FootageError, InputError
from vision.types import Image

logger = logging.getLogger(__name__)

SCHEMES = ("rtsp", "rtsps")
_SECRETS = (
    (re.compile(r"//\S*@"), "//"),
    (
        re.compile(
            r"(?i)\b(user(?:name)?|pass(?:word|wd)?|pwd|token|auth|sign)=[^&/\s]*"
        ),
        r"\1=...",
    ),
)
"""Users and passwords stand before the host, or in the path as some cameras want it."""
NOBODY = "nobody watched"
_STALE_S = 1.0
_JUMP_S = 120.0
_DRIFT = 0.001
_OPENING_S = 2.0
"""A stream takes so long until its first picture, and nobody calls that a gap."""


def without_secrets(text: str) -> str:
    """Return a text without the users and passwords of the addresses in it."""
    for secret, instead in _SECRETS:
        text = secret.sub(instead, text)
    return text


def _tell_nobody(_: str) -> None:
    """Say nothing."""


class Lag:
    """How late the pictures of a stream are, by their own clock.

    Who looks slower than pictures come finds old ones waiting in the network's buffers;
    the least lateness there was is none. A camera's clock may be a little slow.
    """

    def __init__(self) -> None:
        self._least_s = math.inf
        self._now_s = math.inf

    def of(self, now_s: float, pts_s: float | None) -> float:
        """Return how late a picture is, seconds; 0 where nobody can tell.

        Args:
            now_s: epoch seconds, when it was decoded.
            pts_s: its time on the stream's clock; None if it has none.
        """
        if pts_s is None:
            return 0.0
        late_s = now_s - pts_s
        passed_s = max(0.0, now_s - self._now_s)
        if late_s - self._least_s > _JUMP_S:
            self._least_s = late_s  # the stream's clock was set back
        self._least_s = min(late_s, self._least_s + _DRIFT * passed_s)
        self._now_s = now_s
        return late_s - self._least_s


@dataclass(frozen=True, slots=True, eq=False)
class LivePicture:
    """One picture of a stream.

    Attributes:
        epoch_s: UTC, when it arrived.
        image: uint8 `(H, W, 3)`, BGR.
    """

    epoch_s: float
    image: Image


@dataclass(frozen=True, slots=True)
class LiveGap:
    """A time in which nothing was seen.

    Attributes:
        from_s: epoch seconds of the last picture before, or of the start.
        to_s: of the first picture after, or of the end.
        reason: what the stream said.
    """

    from_s: float
    to_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How a stream is followed.

    Attributes:
        every_s: between two pictures, >= 0; 0 for all.
        silent_s: a stream that gives nothing for so long counts as broken.
        first_wait_s: before it is opened again; doubled each time.
        longest_wait_s: but never longer.
        give_up_s: without any picture; None to go on for ever.
    """

    every_s: float = 1.0
    silent_s: float = 10.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    give_up_s: float | None = None


@dataclass(frozen=True, slots=True)
class LiveSource:
    """A stream by its address.

    Attributes:
        url: `rtsp://[user:password@]host[:port]/path`; the password is never logged.
        options: how it is followed.
        now: the clock, UTC epoch seconds.
        sleep: waits.
        broke: told the reason whenever the stream breaks.

    Raises:
        InputError: the address is no RTSP address.
    """

    url: str
    options: LiveOptions = field(default_factory=LiveOptions)
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    broke: Callable[[str], None] = _tell_nobody

    def __post_init__(self) -> None:
        """Refuse what is no address of a stream."""
        try:
            parts = urlsplit(self.url)
            good = parts.scheme in SCHEMES and bool(parts.hostname)
            _ = parts.port  # a port that is no number is refused when it is asked for
        except ValueError:
            good = False
        if not good:
            msg = f"{self.name} is no RTSP address; write rtsp://host[:port]/path"
            raise InputError(msg)

    @property
    def name(self) -> str:
        """Return the address without user and password."""
        return without_secrets(self.url)

    def watch(
        self, until_s: float | None = None, *, since_s: float | None = None
    ) -> Iterator[LivePicture | LiveGap]:
        """Yield pictures and gaps as they happen, until a time or for ever.

        Args:
            until_s: epoch seconds; None for ever.
            since_s: epoch seconds up to which somebody else watched, or from when it
                should have been; what lies between is a gap. None for now.

        Raises:
            FootageError: no picture came for `give_up_s`.
        """
        seen_s, wait_s = self.now(), self.options.first_wait_s
        broken: str | None = None
        late_s = 2 * self.options.every_s + _OPENING_S
        if since_s is not None and seen_s - since_s > late_s:
            seen_s, broken = since_s, NOBODY
        began_s = self.now()
        while until_s is None or self.now() < until_s:
            reason = "the stream ended"
            try:
                for picture in self._pictures():
                    if broken is not None:
                        yield LiveGap(seen_s, picture.epoch_s, broken)
                        broken = None
                    seen_s, wait_s = picture.epoch_s, self.options.first_wait_s
                    yield picture
                    if until_s is not None and picture.epoch_s >= until_s:
                        return
            except (FFmpegError, OSError) as error:
                reason = without_secrets(str(error.strerror or error))
            broken = reason
            logger.warning("%s broke off: %s", self.name, reason)
            self.broke(reason)
            self._give_up(max(seen_s, began_s), reason)
            self.sleep(wait_s)
            wait_s = min(2 * wait_s, self.options.longest_wait_s)
        if broken is not None:
            now_s = self.now()
            end_s = now_s if until_s is None else min(now_s, until_s)
            yield LiveGap(seen_s, max(end_s, seen_s), broken)

    @property
    def _starved_s(self) -> float:
        """Return after which time even a stale picture is better than none."""
        return max(5 * self.options.every_s, self.options.silent_s)

    def _give_up(self, seen_s: float, reason: str) -> None:
        patience_s = self.options.give_up_s
        if patience_s is not None and self.now() - seen_s >= patience_s:
            msg = (
                f"{self.name} gave no picture for {self.now() - seen_s:.0f} s "
                f"({reason}); check the camera, its address and the network"
            )
            raise FootageError(msg)

    def _pictures(self) -> Iterator[LivePicture]:
        silent_s = self.options.silent_s
        options = {"rtsp_transport": "tcp", "timeout": str(int(silent_s * 1e6))}
        last_s: float | None = None
        lag = Lag()
        with av.open(self.url, options=options, timeout=(silent_s, silent_s)) as stream:
            if not stream.streams.video:
                msg = f"{self.name} sends no pictures; check the path of the address"
                raise FootageError(msg)
            for frame in stream.decode(video=0):
                now_s = self.now()
                late_s = lag.of(now_s, frame.time)
                if last_s is not None and (
                    now_s - last_s < self.options.every_s
                    or (late_s > _STALE_S and now_s - last_s < self._starved_s)
                ):
                    continue
                last_s = now_s
                pixels = np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
                yield LivePicture(now_s, pixels)
