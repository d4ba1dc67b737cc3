"""Our nouns to their wire form and back, digit by digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from service.audit.outing import Outing
from service.edge.form import (
    CameraForm,
    ClockForm,
    EvidenceForm,
    FailureForm,
    FootageForm,
    InspectionForm,
    MetreForm,
    ObservedForm,
    OutingForm,
    SeenForm,
    SightingForm,
    TrackForm,
)
from vision.catalogue import ModelCard
from vision.errors import Failure, FormError
from vision.footage import FootageInfo
from vision.geo import LocalFrame
from vision.inspect import Inspection, observed_from
from vision.scene import SeenZones
from vision.telemetry import Track
from vision.types import (
    Camera,
    ClockOffset,
    Evidence,
    FloatArray,
    Observed,
    Sighting,
    Standpoint,
)


def form_of(outing: Outing, seen: Inspection) -> InspectionForm:
    """Return the wire form of an inspection.

    How long it took is left out: the same drive gives the same bytes.
    """
    shapes, observed = _observed_forms(seen.observed)
    return InspectionForm(
        outing=OutingForm(
            footage=[_footage_form(info) for info in outing.footage],
            files=dict(outing.hashes()),
            track=_track_form(outing.track, outing.path_s),
            path_s=outing.path_s,
            clock=ClockForm(**asdict(outing.clock)),
            clock_offset_s=outing.clock_offset_s,
            telemetry_format=outing.telemetry_format,
            telemetry_source=outing.telemetry_source,
            datum=outing.datum,  # type: ignore[arg-type]
            dropped_fixes=dict(outing.dropped_fixes),
            camera=CameraForm(**asdict(outing.camera)),
            device=outing.device,  # type: ignore[arg-type]
            spacing_m=outing.spacing_m,
            wall_m=outing.wall_m,
            failures=_failure_forms(outing.failures),
        ),
        seen=SeenForm(
            sightings=[_sighting_form(one) for one in seen.sightings],
            shapes_m=[[(x, y) for x, y in shape.tolist()] for shape in shapes],
            observed=observed,
            street=[_metre_form(metre) for metre in seen.street],
            dropped=dict(seen.dropped),  # type: ignore[arg-type]
            frames=seen.frames,
            detections=dict(seen.detections),
            failures=_failure_forms(seen.failures),
        ),
    )


def outing_of(
    form: OutingForm, *, card: ModelCard, layout_id: str | None, aboard: str
) -> Outing:
    """Return the drive that a form tells of.

    Args:
        form: read from a package.
        card: of the detector, from our own catalogue.
        layout_id: of the network that read the layout.
        aboard: version of the program that wrote it.

    Raises:
        AuditError: its columns disagree, or no camera is like that.
    """
    files = dict(form.files)
    path_s = form.path_s
    track = _track(form.track)
    if not track.start_s <= path_s[0] <= path_s[1] <= track.end_s:
        msg = "outing.path_s does not lie within the track"
        raise FormError(msg)
    return Outing(
        footage=tuple(_footage(one) for one in form.footage),
        hashes=lambda: files,
        track=track,
        path_s=path_s,
        clock=ClockOffset(**form.clock.model_dump()),
        telemetry_format=form.telemetry_format,
        telemetry_source=form.telemetry_source,
        datum=form.datum,
        dropped_fixes=form.dropped_fixes,
        camera=Camera(**form.camera.model_dump()),
        card=card,
        layout_id=layout_id,
        device=form.device,
        spacing_m=form.spacing_m,
        wall_m=form.wall_m,
        failures=_failures(form.failures),
        aboard=aboard,
        clock_offset_s=form.clock_offset_s,
    )


def inspection_of(form: SeenForm, *, card: ModelCard) -> Inspection:
    """Return what a form says was seen.

    Raises:
        FormError: it names a category that the network cannot see, or a shape that is
            not there.
    """
    shapes: list[FloatArray] = [
        np.array(shape, dtype=np.float64).reshape(-1, 2) for shape in form.shapes_m
    ]
    return Inspection(
        sightings=tuple(_sighting(one, card) for one in form.sightings),
        observed=tuple(_observed(one, shapes) for one in form.observed),
        dropped=dict(form.dropped.items()),
        frames=form.frames,
        detections=dict(form.detections),
        failures=_failures(form.failures),
        seconds={},
        street=tuple(_metre(one) for one in form.street),
    )


def _footage_form(info: FootageInfo) -> FootageForm:
    return FootageForm(
        name=info.name,
        kind="photos" if info.kind == "photos" else "video",
        codec=info.codec,
        width_px=info.width_px,
        height_px=info.height_px,
        start_drive_s=info.start_drive_s,
        duration_s=info.duration_s,
    )


def _footage(form: FootageForm) -> FootageInfo:
    return FootageInfo(**form.model_dump(), epoch_at_start_s=None, picture_drive_s=())


def _track_form(track: Track, path_s: tuple[float, float]) -> TrackForm:
    """Return a track; the metres driven are told at its fixes and the path's ends."""
    at_s = sorted({*track.t.tolist(), *path_s})
    return TrackForm(
        origin_lon=track.frame.origin_lon,
        origin_lat=track.frame.origin_lat,
        t_s=track.t.tolist(),
        x_m=track.xy[:, 0].tolist(),
        y_m=track.xy[:, 1].tolist(),
        east_mps=track.velocity[:, 0].tolist(),
        north_mps=track.velocity[:, 1].tolist(),
        heading_deg=track.heading_deg.tolist(),
        variance_m2=track.variance_m2.tolist(),
        velocity_variance=track.velocity_variance.tolist(),
        acceleration_psd=track.acceleration_psd,
        standing=track.standing.tolist(),
        gaps_s=list(track.gaps),
        look_offset_deg=track.look_offset_deg,
        travelled_at_s=at_s,
        travelled_m=[track.travelled_m(time_s) for time_s in at_s],
    )


def _track(form: TrackForm) -> Track:
    count = len(form.t_s)
    per_fix = (
        form.x_m,
        form.y_m,
        form.east_mps,
        form.north_mps,
        form.heading_deg,
        form.variance_m2,
        form.velocity_variance,
    )
    good = all(len(column) == count for column in per_fix)
    good = good and len(form.standing) == count - 1
    good = good and len(form.travelled_m) == len(form.travelled_at_s)
    if not good:
        msg = "the columns of outing.track have different lengths"
        raise FormError(msg)
    if not (_ascends(form.t_s) and _ascends(form.travelled_at_s)):
        msg = "the times of outing.track do not ascend"
        raise FormError(msg)
    return Track(
        frame=LocalFrame(form.origin_lon, form.origin_lat),
        t=np.array(form.t_s),
        xy=np.column_stack([form.x_m, form.y_m]),
        velocity=np.column_stack([form.east_mps, form.north_mps]),
        heading_deg=np.array(form.heading_deg),
        variance_m2=np.array(form.variance_m2),
        velocity_variance=np.array(form.velocity_variance),
        acceleration_psd=form.acceleration_psd,
        standing=np.array(form.standing, dtype=np.bool_),
        gaps=tuple(form.gaps_s),
        look_offset_deg=form.look_offset_deg,
        fine_t=np.array(form.travelled_at_s),
        fine_m=np.array(form.travelled_m),
    )


def _ascends(times_s: Sequence[float]) -> bool:
    return bool(np.all(np.diff(times_s) > 0))


def _failure_forms(failures: Sequence[Failure]) -> list[FailureForm]:
    return [FailureForm(**asdict(failure)) for failure in failures]


def _failures(forms: Sequence[FailureForm]) -> tuple[Failure, ...]:
    return tuple(Failure(**form.model_dump()) for form in forms)


def _sighting_form(one: Sighting) -> SightingForm:
    return SightingForm(
        id=one.id,
        category=one.category,
        probability=one.probability,
        lon=one.lon,
        lat=one.lat,
        sigma_m=one.sigma_m,
        lateral_m=one.lateral_m,
        lateral_sigma_m=one.lateral_sigma_m,
        heading_deg=one.heading_deg,
        first_drive_s=one.first_drive_s,
        last_drive_s=one.last_drive_s,
        frames=one.frames,
        width_m=one.width_m,
        stationary_probability=one.stationary_probability,
        zone_belief=one.zone_belief,  # type: ignore[arg-type]
        surface_belief=one.surface_belief,  # type: ignore[arg-type]
        appearance=one.appearance,
        evidence=[EvidenceForm(**asdict(picture)) for picture in one.evidence],
    )


def _sighting(form: SightingForm, card: ModelCard) -> Sighting:
    if form.category not in card.names:
        msg = f"sighting {form.id} is a {form.category!r}, which {card.id} cannot see"
        raise FormError(msg)
    given = {name: getattr(form, name) for name in type(form).model_fields}
    evidence = tuple(Evidence(**one.model_dump()) for one in form.evidence)
    return Sighting(**{**given, "evidence": evidence}, model_id=card.id)


def _observed_forms(
    observed: Sequence[Observed],
) -> tuple[list[FloatArray], list[ObservedForm]]:
    """Return the distinct shapes of the ground, and the frames that refer to them."""
    shapes: list[FloatArray] = []
    rows: dict[bytes, int] = {}
    forms = []
    for one in observed:
        if one.stood is None:
            msg = "observed ground that was moved is no part of an inspection"
            raise FormError(msg)
        key = one.stood.shape_m.tobytes()
        if key not in rows:
            rows[key] = len(shapes)
            shapes.append(one.stood.shape_m)
        forms.append(
            ObservedForm(
                drive_s=one.drive_s,
                lon=one.stood.lon,
                lat=one.stood.lat,
                heading_deg=one.heading_deg,
                shape=rows[key],
                reason=one.reason,  # type: ignore[arg-type]
            )
        )
    return shapes, forms


def _observed(form: ObservedForm, shapes: Sequence[FloatArray]) -> Observed:
    if form.shape >= len(shapes):
        msg = f"seen.observed names shape {form.shape}, which is not there"
        raise FormError(msg)
    return observed_from(
        Standpoint(form.lon, form.lat, shapes[form.shape]),
        drive_s=form.drive_s,
        heading_deg=form.heading_deg,
        reason=form.reason,
    )


def _metre_form(metre: SeenZones) -> MetreForm:
    return MetreForm(
        lon=metre.lon,
        lat=metre.lat,
        heading_deg=metre.heading_deg,
        seen={side: sorted(zones) for side, zones in metre.seen.items()},  # type: ignore[arg-type]
        there={side: sorted(zones) for side, zones in metre.there.items()},  # type: ignore[arg-type]
    )


def _metre(form: MetreForm) -> SeenZones:
    return SeenZones(
        lon=form.lon,
        lat=form.lat,
        heading_deg=form.heading_deg,
        seen={side: frozenset(zones) for side, zones in form.seen.items()},
        there={side: frozenset(zones) for side, zones in form.there.items()},
    )
