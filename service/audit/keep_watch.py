"""keep_watch(): what a camera that stands saw goes into the store, as one drive.

It looks for what stands, so it has eyes of its own: that it saw no litter says nothing.
Its ground is that of its zones; parking bays and markets are lawful places.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from service.audit.drive import card_recall
from service.audit.keep import with_blobs
from service.audit.watched_ground import ZONE_OF, watched_ground
from service.findings import PARKING
from service.records import DriveRecord, SeenBy, StreetPass
from service.roads import Nearest, RoadNetwork, nearest_streets
from service.store import Store
from service.types import CoveragePiece, PlacedSighting
from vision.card import ModelCard
from vision.detect import probability
from vision.errors import InputError
from vision.fixed import Dwell, FixedCamera, Stretch
from vision.geo import distance_m
from vision.taxonomy import WATCHED
from vision.types import Sighting
from vision.watch import Watched

EYES = "standing"
"""Added to the model's name: the same network, asked for what stands alone."""
WAITING = frozenset({"lane", "kerb_lane", "crossing"})
"""Where others wait too: only an unbroken part of a stay is surely one thing."""
SPOT_M = 1.5
"""What stands so near where something stood before has taken its place."""
_FOOT_SIGMA_M = 0.5
_FOOT_SIGMA_PX = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Post:
    """A camera that stands, and the streets that it watches.

    Attributes:
        camera: its ground and zones.
        card: of the detector.
        network: the city's roads.
        every_s: between two pictures.
        coverage: the ground that its zones show.
    """

    camera: FixedCamera
    card: ModelCard
    network: RoadNetwork
    every_s: float
    coverage: tuple[CoveragePiece, ...]


def post_of(
    camera: FixedCamera, card: ModelCard, network: RoadNetwork, every_s: float
) -> Post:
    """Put a camera on the network.

    Raises:
        InputError: its zones show no ground of any street.
    """
    coverage = watched_ground(camera, network)
    if not coverage:
        msg = (
            f"the zones of camera {camera.name} show no ground beside a street of the "
            "road file; check the zones' corners, and give the roads of that place"
        )
        raise InputError(msg)
    return Post(camera, card, network, every_s, coverage)


def keep_watch(
    seen: Watched, post: Post, footage: Mapping[str, str], store: Store, folder: Path
) -> bool:
    """Put a watch into the store; False if this inspection of it was there.

    Args:
        seen: of the whole watch; its times are UTC.
        post: the camera.
        footage: name -> SHA-256 of the files; empty for a live camera.
        store: where to.
        folder: that holds the masked pictures.

    Raises:
        InputError: no picture came.
        StoreError: the store cannot take it; nothing of it is kept but pictures.
    """
    record = record_of_watch(seen, post, footage)
    if store.has(record):
        return False
    sightings = tuple(
        with_blobs(placed, folder, store.blobs) for placed in record.sightings
    )
    return store.add_drive(replace(record, sightings=sightings))


def record_of_watch(
    seen: Watched, post: Post, footage: Mapping[str, str]
) -> DriveRecord:
    """Return what is kept of a watch; its evidence names files of the folder.

    Raises:
        InputError: no picture came.
    """
    if seen.first_s is None or seen.last_s is None:
        msg = f"no picture came from camera {post.camera.name}; nothing can be kept"
        raise InputError(msg)
    sightings = tuple(_sightings(seen, post, seen.first_s))
    watched = {piece.segment_id for piece in post.coverage}
    watched |= {s.segment_id for s in sightings if s.segment_id is not None}
    recall = card_recall(post.card)
    return DriveRecord(
        footage=footage or _live(post.camera.name, seen.first_s, seen.last_s),
        vehicle=None,
        started_s=seen.first_s,
        ended_s=seen.last_s,
        seen_by=SeenBy(
            model_id=eyes_of(post.card),
            model_sha256=post.card.sha256,
            layout_id=None,
            recall={name: recall[name] for name in sorted(WATCHED & recall.keys())},
            names=tuple(name for name in post.card.names if name in WATCHED),
            zones=frozenset(piece.zone for piece in post.coverage),
        ),
        run=_facts(seen, post),
        segments=tuple(post.network.segment(name) for name in sorted(watched)),
        passes=tuple(
            StreetPass(name, seen.first_s, seen.last_s) for name in sorted(watched)
        ),
        sightings=sightings,
        coverage=post.coverage,
    )


def eyes_of(card: ModelCard) -> str:
    """Return the name of the eyes that look for what stands, e.g. street@2/standing."""
    return f"{card.id}/{EYES}"


def _live(name: str, first_s: float, last_s: float) -> dict[str, str]:
    text = f"{name} {first_s!r} {last_s!r}"
    return {name: hashlib.sha256(text.encode()).hexdigest()}


def _facts(seen: Watched, post: Post) -> dict[str, Any]:
    """Return what somebody needs to repeat or doubt the watch. No path, no address."""
    camera = post.camera
    return {
        "liujing": metadata.version("liujing"),
        "model": post.card.id,
        "camera": {
            "fixed": camera.name,
            "origin": [camera.view.frame.origin_lon, camera.view.frame.origin_lat],
            "to_ground": camera.view.to_ground.tolist(),
            "zones": [
                [z.name, z.surface, [list(p) for p in z.ring]] for z in camera.zones
            ],
            "every_s": post.every_s,
        },
        "pictures": seen.pictures,
        "dropped": dict(seen.dropped),
        "gaps_s": round(math.fsum(g.to_s - g.from_s for g in seen.gaps), 1),
        "finished": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _sightings(seen: Watched, post: Post, started_s: float) -> Iterator[PlacedSighting]:
    """Yield a sighting of each spot where something stood that may not stand there."""
    stays = [d for d in (*seen.dwells, *seen.standing) if d.surface in ZONE_OF]
    stays = sorted(_one_a_spot(stays), key=lambda dwell: dwell.number)
    pictures = {over.dwell.number: over.evidence for over in seen.outstayed}
    streets = nearest_streets(post.network, [(d.lon, d.lat) for d in stays])
    for dwell, street in zip(stays, streets, strict=True):
        sighting = _sighting(dwell, street, post, started_s)
        picture = pictures.get(dwell.number)
        if picture is not None:
            sighting = replace(sighting, evidence=(picture,))
        yield PlacedSighting(
            sighting,
            None if street is None else street.segment_id,
            None if street is None else street.side,
            None if street is None else street.offset_m,
            sighting.zone_belief,
        )


def _one_a_spot(stays: Iterable[Dwell]) -> list[Dwell]:
    """Return the longest of the stays that followed one another on one spot.

    The store takes a watch for one look, and a look sees one thing in a place.
    """
    kept: list[Dwell] = []
    for dwell in sorted(stays, key=lambda d: (-_stay(d).length_s, d.number)):
        if not any(_took_its_place(dwell, other) for other in kept):
            kept.append(dwell)
    return kept


def _took_its_place(one: Dwell, other: Dwell) -> bool:
    return (
        PARKING.get(one.category, one.category)
        == PARKING.get(other.category, other.category)
        and (one.first_s > other.last_s or other.first_s > one.last_s)
        and distance_m((one.lon, one.lat), (other.lon, other.lat)) <= SPOT_M
    )


def _stay(dwell: Dwell) -> Stretch:
    if dwell.surface in WAITING:
        return dwell.unbroken
    return Stretch(dwell.first_s, dwell.last_s, dwell.frames)


def _sighting(
    dwell: Dwell, street: Nearest | None, post: Post, started_s: float
) -> Sighting:
    """Make a sighting of a stay; without a vehicle's path the street stands for it."""
    stay = _stay(dwell)
    surface = dwell.surface or ""
    sigma_m = _sigma_m(dwell, post.camera)
    return Sighting(
        id=f"stay-{dwell.number}",
        category=dwell.category,
        probability=probability(dwell.category, dwell.confidence, post.card),
        lon=dwell.lon,
        lat=dwell.lat,
        sigma_m=sigma_m,
        lateral_m=0.0 if street is None else street.lateral_m,
        lateral_sigma_m=sigma_m,
        heading_deg=0.0 if street is None else street.direction_deg,
        first_drive_s=stay.first_s - started_s,
        last_drive_s=stay.last_s - started_s,
        frames=stay.frames,
        width_m=None,
        stationary_probability=1.0,
        zone_belief={ZONE_OF[surface]: 1.0},
        evidence=(),
        model_id=eyes_of(post.card),
        surface_belief={surface: 1.0},
    )


def _sigma_m(dwell: Dwell, camera: FixedCamera) -> float:
    """Return the 1-sigma of a foot: the map's, a box's, and what a foot is."""
    uv = camera.view.pixels([(dwell.lon, dwell.lat)])
    lower = camera.view.metres(uv + np.array([0.0, _FOOT_SIGMA_PX]))
    box_m = float(np.hypot(*(lower - camera.view.metres(uv)).T)[0])
    return math.hypot(camera.view.residual_m, box_m, _FOOT_SIGMA_M)
