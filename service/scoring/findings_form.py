"""`findings.geojson`: findings as GeoJSON points."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from service.scoring.form import checked, read_json, rows_of, write_json
from service.types import Finding, FindingState
from vision.errors import FormError
from vision.types import ZONES, Evidence, Side

Fraction = Annotated[float, Field(ge=0, le=1)]
Metres = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]

UNKNOWN_SIGMA_M = 5.0
"""Position error of a finding whose file states none (class C of GB/T 47678.5)."""

_POSITION_DIGITS = 8


class _Evidence(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    image: Text
    crop: str = ""
    xyxy: tuple[float, float, float, float]
    source: str = ""
    pts_s: float = 0.0
    drive_s: float = 0.0

    def noun(self) -> Evidence:
        return Evidence(**self.model_dump())


class _Properties(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    id: Text
    category: Text
    zone: str | None = None
    element: str | None = None
    state: FindingState
    probability: Fraction
    severity: Text | None = None
    sigma_m: Metres = UNKNOWN_SIGMA_M
    segment_id: Text | None
    side: Side | None = None
    offset_m: float | None = None
    first_seen: Text | None = None
    last_seen: Text | None = None
    candidate: bool = False
    zone_probability: Fraction | None = None
    size_m: Metres | None = None
    evidence: tuple[_Evidence, ...] = ()

    @model_validator(mode="after")
    def _known_zone(self) -> Self:
        if self.zone is not None and self.zone not in ZONES:
            msg = f"zone must be one of {', '.join(ZONES)} or null, got {self.zone!r}"
            raise ValueError(msg)
        return self


class _Point(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)

    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=3)]

    @model_validator(mode="after")
    def _on_earth(self) -> Self:
        lon, lat = self.coordinates[:2]
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            msg = (
                f"coordinates must be longitude, latitude in degrees, got {lon}, {lat}"
            )
            raise ValueError(msg)
        return self


class _Feature(BaseModel):
    type: Literal["Feature"]
    geometry: _Point
    properties: _Properties

    def noun(self) -> Finding:
        lon, lat = self.geometry.coordinates[:2]
        fields = self.properties.model_dump(exclude={"evidence"})
        evidence = tuple(e.noun() for e in self.properties.evidence)
        return Finding(lon=lon, lat=lat, evidence=evidence, **fields)


_FEATURE = TypeAdapter(_Feature)


def findings_geojson(findings: Iterable[Finding]) -> dict[str, Any]:
    """Return findings as a GeoJSON FeatureCollection of points, in the order given."""
    features = [_feature(finding) for finding in findings]
    return {"type": "FeatureCollection", "features": features}


def _feature(finding: Finding) -> dict[str, Any]:
    lon, lat = (
        round(degrees, _POSITION_DIGITS) for degrees in (finding.lon, finding.lat)
    )
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "id": finding.id,
            "category": finding.category,
            "zone": finding.zone,
            "element": finding.element,
            "state": finding.state,
            "probability": finding.probability,
            "severity": finding.severity,
            "sigma_m": finding.sigma_m,
            "segment_id": finding.segment_id,
            "side": finding.side,
            "offset_m": finding.offset_m,
            "first_seen": finding.first_seen,
            "last_seen": finding.last_seen,
            "evidence": [
                {
                    "image": e.image,
                    "crop": e.crop,
                    "xyxy": list(e.xyxy),
                    "source": e.source,
                    "pts_s": e.pts_s,
                    "drive_s": e.drive_s,
                }
                for e in finding.evidence
            ],
            "candidate": finding.candidate,
            "zone_probability": finding.zone_probability,
            "size_m": finding.size_m,
        },
    }


def write_findings(path: Path, findings: Iterable[Finding]) -> None:
    """Write `findings.geojson`.

    Raises:
        OutputError: it cannot be written.
    """
    write_json(path, findings_geojson(findings))


def read_findings(path: Path) -> list[Finding]:
    """Read findings, ours or written by hand.

    Needed properties: `id, category, zone, segment_id, side, offset_m, state,
    probability`, of which all but `id, category, segment_id, state, probability` may be
    left out as unknown. Properties of other programs are ignored.

    Raises:
        NotFoundError: there is no such file.
        FormError: names the feature (counted from 1), the field and what is wrong.
    """
    raw = read_json(path)
    if not isinstance(raw, dict) or raw.get("type") != "FeatureCollection":
        msg = f"{path.name} is no GeoJSON FeatureCollection; give findings as points"
        raise FormError(msg)
    features = rows_of(
        raw.get("features"), what="features", where=f"{path.name}, field features"
    )
    findings: list[Finding] = []
    for number, feature in enumerate(features, start=1):
        where = f"{path.name}: feature {number}"
        findings.append(checked(_FEATURE, feature, where=where).noun())
    _refuse_twins(findings, path.name)
    return findings


def _refuse_twins(findings: Iterable[Finding], name: str) -> None:
    seen: dict[str, int] = {}
    for number, finding in enumerate(findings, start=1):
        if finding.id in seen:
            msg = (
                f"{name}: feature {number}, field properties.id: {finding.id!r} is "
                f"also feature {seen[finding.id]}; give each finding its own id"
            )
            raise FormError(msg)
        seen[finding.id] = number
