"""The plug point of footage: whatever gives pictures with times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vision.types import Frame


@dataclass(frozen=True, slots=True)
class FootageInfo:
    """What a source says of itself before anything is decoded.

    Attributes:
        name: file or folder name, for messages and records.
        kind: `video` or `photos`.
        width_px: of the upright picture.
        height_px: of the upright picture.
        start_drive_s: where this source begins on the drive clock.
        duration_s: from its first to the end of its last picture.
        epoch_at_start_s: UTC of its first picture as the container or EXIF says; None
            if it says nothing believable.
        picture_drive_s: drive times of all pictures of a photo source, or of the key
            frames of a video (for snapping); may be empty for a video.
        codec: e.g. `h264`, `hevc`, `mjpeg`, `jpeg`.
    """

    name: str
    kind: str
    width_px: int
    height_px: int
    start_drive_s: float
    duration_s: float
    epoch_at_start_s: float | None
    picture_drive_s: tuple[float, ...]
    codec: str


class FootageSource(Protocol):
    """Pictures in time order."""

    @property
    def info(self) -> FootageInfo:
        """What is known without decoding."""

    def frames(self, at_drive_s: Sequence[float], first_index: int) -> Iterator[Frame]:
        """Yield the picture nearest to each wanted time, decoding no more than needed.

        Args:
            at_drive_s: ascending times on the drive clock within this source.
            first_index: `Frame.index` of the first one yielded.

        Raises:
            FootageError: the file ends or breaks before the last wanted time; the
                message names the last good second. What came before was yielded.
        """
