"""A small drawing of a street and the thing on it; no tile server is asked."""

from __future__ import annotations

import math
from html import escape

import numpy as np

from service.types import Segment
from vision.geo import LocalFrame

_WIDE_PX, _HIGH_PX, _EDGE_PX = 240.0, 150.0, 18.0
_LEAST_M = 30.0


def street_svg(street: Segment, lon: float, lat: float) -> str:
    """Return an SVG of a street with one place on it, north up, to scale.

    Args:
        street: at least two points.
        lon: of the place, degrees east.
        lat: of the place, degrees north.
    """
    frame = LocalFrame(lon, lat)
    line = frame.to_xy(street.lonlat)
    every = np.vstack([line, [[0.0, 0.0]]])
    low, high = every.min(axis=0), every.max(axis=0)
    extent = np.maximum(high - low, _LEAST_M)
    room = np.array([_WIDE_PX - 2 * _EDGE_PX, _HIGH_PX - 2 * _EDGE_PX])
    px_per_m = float((room / extent).min())
    middle = (low + high) / 2

    def at(east: float, north: float) -> tuple[float, float]:
        x = _WIDE_PX / 2 + (east - middle[0]) * px_per_m
        y = _HIGH_PX / 2 - (north - middle[1]) * px_per_m
        return round(float(x), 1), round(float(y), 1)

    points = " ".join("{},{}".format(*at(*p)) for p in line.tolist())
    (x, y), (x0, y0) = at(0.0, 0.0), at(*line[0].tolist())
    bar_m = 10.0 ** math.floor(math.log10(_WIDE_PX / 3 / px_per_m))
    bar_px = round(bar_m * px_per_m, 1)
    name = escape(street.name or street.id)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE_PX:g}" '
        f'height="{_HIGH_PX:g}" viewBox="0 0 {_WIDE_PX:g} {_HIGH_PX:g}" '
        'font-family="sans-serif" font-size="11">'
        f'<rect width="{_WIDE_PX:g}" height="{_HIGH_PX:g}" fill="#f4f4f2"/>'
        f'<polyline points="{points}" fill="none" stroke="#c9c9c4" stroke-width="11" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
        f'<polyline points="{points}" fill="none" stroke="#fff" stroke-width="8" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
        f'<circle cx="{x0}" cy="{y0}" r="3" fill="#888"/>'
        f'<circle cx="{x}" cy="{y}" r="7" fill="#e5484d" fill-opacity=".25"/>'
        f'<circle cx="{x}" cy="{y}" r="4" fill="#e5484d" stroke="#fff"/>'
        f'<text x="8" y="15" fill="#555">{name}（灰点为起点）</text>'
        f'<path d="M8 {_HIGH_PX - 8:g}h{bar_px}" stroke="#555" stroke-width="2"/>'
        f'<text x="8" y="{_HIGH_PX - 13:g}" fill="#555">{bar_m:g} m</text>'
        f'<text x="{_WIDE_PX - 22:g}" y="17" fill="#555">北↑</text></svg>'
    )
