"""watch_camera(): pictures of a camera that stands -> how long things stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from vision.catalogue import ModelCard
from vision.checkpoint import pack_state, unpack_state
from vision.detect import Detector, draw_detections, select_reaching
from vision.encode import encode_masked
from vision.evidence import EvidenceSink, crop_masked
from vision.fixed import Dwell, DwellOptions, DwellWatch, FixedCamera
from vision.footage import LiveGap, LivePicture, judge_frame
from vision.privacy import mask_regions, private_regions
from vision.taxonomy import WATCHED
from vision.types import Detections, Evidence, FloatArray, Frame


@dataclass(frozen=True, slots=True)
class Outstayed:
    """Something that stood longer than its zone allows, and its picture.

    Attributes:
        dwell: up to the moment when it outstayed the limit.
        evidence: the masked picture with the thing marked, and a masked crop of it; its
            drive clock begins with the first picture.
    """

    dwell: Dwell
    evidence: Evidence


@dataclass(slots=True)
class Watched:
    """What a camera saw.

    Attributes:
        dwells: everything that stood and left, in the order in which it left.
        standing: what stands still, up to the last picture.
        outstayed: what stood too long, when it did.
        gaps: times in which nothing was seen.
        pictures: looked at.
        dropped: reason -> pictures the quality gate dropped.
        first_s, last_s: epoch seconds of the first and last picture; None without any.
    """

    dwells: list[Dwell] = field(default_factory=list)
    standing: list[Dwell] = field(default_factory=list)
    outstayed: list[Outstayed] = field(default_factory=list)
    gaps: list[LiveGap] = field(default_factory=list)
    pictures: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    first_s: float | None = None
    last_s: float | None = None


class CameraWatch:
    """Follows one camera, picture by picture; can be taken up by another process.

    Args:
        camera: its ground and zones.
        detector: finds things, and faces and plates for the mask.
        card: from which confidence they count.
        sink: where masked pictures go.
        options: when two boxes are one thing.
        state: of `state()`, of the same camera; None to begin.

    Attributes:
        seen: what is known so far.

    Raises:
        InputError: the state cannot be read.
    """

    def __init__(
        self,
        *,
        camera: FixedCamera,
        detector: Detector,
        card: ModelCard,
        sink: EvidenceSink,
        options: DwellOptions | None = None,
        state: bytes | None = None,
    ) -> None:
        self._camera = camera
        self._detector = detector
        self._card = card
        self._sink = sink
        self._dwell: DwellWatch
        self.seen: Watched
        if state is None:
            self._dwell = DwellWatch(camera, WATCHED, options=options)
            self.seen = Watched()
        else:
            self._dwell, self.seen = unpack_state(state, {"camera": camera})

    def state(self) -> bytes:
        """Return what is known of things in view and gone; no picture is in it."""
        return pack_state((self._dwell, self.seen), {"camera": self._camera})

    def see(self, event: LivePicture | LiveGap) -> None:
        """Take the next picture or gap."""
        seen = self.seen
        if isinstance(event, LiveGap):
            seen.gaps.append(event)
            return
        seen.first_s = event.epoch_s if seen.first_s is None else seen.first_s
        seen.last_s = event.epoch_s
        seen.pictures += 1
        reason = judge_frame(event.image).reason
        if reason is not None:
            seen.dropped[reason] = seen.dropped.get(reason, 0) + 1
            return
        drive_s = event.epoch_s - seen.first_s
        frame = Frame(seen.pictures, 0.0, drive_s, event.image, self._camera.name)
        found = self._detector.detect(frame)
        height_px, width_px = event.image.shape[:2]
        seen.dwells += self._dwell.update(
            event.epoch_s,
            select_reaching(found, card=self._card),
            (width_px, height_px),
        )
        for over in self._dwell.newly_over():
            name = f"{len(seen.outstayed) + 1:04d}"
            kept = _evidence(frame, found, over, self._sink, name)
            seen.outstayed.append(Outstayed(over[0], kept))
        seen.standing = self._dwell.standing()


def watch_camera(
    events: Iterable[LivePicture | LiveGap],
    *,
    camera: FixedCamera,
    detector: Detector,
    card: ModelCard,
    sink: EvidenceSink,
    options: DwellOptions | None = None,
) -> Iterator[Watched]:
    """Follow a camera; yield what is known after each picture and gap.

    The same object is yielded each time; masked pictures of what outstayed its limit go
    to `sink`.

    Args:
        events: pictures and gaps in time order.
        camera: its ground and zones.
        detector: finds things, and faces and plates for the mask.
        card: from which confidence they count.
        sink: where masked pictures go.
        options: when two boxes are one thing.
    """
    watch = CameraWatch(
        camera=camera, detector=detector, card=card, sink=sink, options=options
    )
    for event in events:
        watch.see(event)
        yield watch.seen


def _evidence(
    frame: Frame,
    found: Detections,
    over: tuple[Dwell, FloatArray],
    sink: EvidenceSink,
    name: str,
) -> Evidence:
    """Store the masked picture with the thing marked, and a masked crop of it."""
    dwell, box = over
    masked = mask_regions(frame.image, private_regions(found, frame.image.shape))
    x1, y1, x2, y2 = (float(v) for v in box)
    crop = crop_masked(masked, (x1, y1, x2, y2))
    marked = Detections(
        frame_index=frame.index,
        xyxy=box[None].astype(np.float32),
        confidence=np.array([dwell.confidence], np.float32),
        class_id=np.zeros(1, np.int32),
        names=(dwell.category,),
        model_id=found.model_id,
    )
    text = [f"{dwell.category} {dwell.dwell_s:.0f} s"]
    whole = draw_detections(masked, marked, text)
    return Evidence(
        image=sink.save(f"{name}.jpg", encode_masked(whole)),
        crop=sink.save(f"{name}-crop.jpg", encode_masked(crop)),
        xyxy=(x1, y1, x2, y2),
        source=frame.source,
        pts_s=frame.pts_s,
        drive_s=frame.drive_s,
    )
