"""Weather and light of a scene, and the small changes of light between its views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.synth.plan import Look
from training.synth.pools import Pool

Rng = np.random.Generator
Sky = tuple[tuple[float, float, float], tuple[float, float, float]]

WEATHERS = ("clear", "clear", "clear", "overcast", "overcast", "wet", "haze", "dusk")
_CLEAR_SKIES: tuple[Sky, ...] = (
    ((0.16, 0.34, 0.75), (0.62, 0.72, 0.82)),
    ((0.10, 0.26, 0.70), (0.55, 0.68, 0.85)),
    ((0.35, 0.46, 0.62), (0.78, 0.78, 0.74)),
    ((0.24, 0.36, 0.60), (0.80, 0.70, 0.58)),
)
_GREY_SKY: Sky = ((0.6, 0.63, 0.68), (0.8, 0.81, 0.82))
_HAZY_SKY: Sky = ((0.55, 0.57, 0.6), (0.82, 0.8, 0.75))
_DUSK_SKY: Sky = ((0.12, 0.16, 0.34), (0.85, 0.5, 0.3))
_NIGHT_SKY: Sky = ((0.006, 0.008, 0.018), (0.03, 0.03, 0.045))
_ASPHALTS = (
    "#565658", "#626264", "#4a4b4e", "#6e6c6a", "#5c5a56", "#77767a", "#403f42",
    "#686460",
)  # fmt: skip
_PAVINGS: dict[Pool, tuple[str, ...]] = {
    "teach": (
        "#a39a90", "#8f8a86", "#b0998a", "#a8705c", "#9aa09c", "#b4aea2", "#7c7a78",
        "#96604e", "#c0b8a8",
    ),
    "test": ("#aaa294", "#88868a", "#b8a494", "#9c6a58", "#a4a8a0"),
}  # fmt: skip
_SLABS: dict[Pool, tuple[tuple[float, float], ...]] = {
    "teach": ((0.4, 0.2), (0.3, 0.3), (0.2, 0.1), (0.6, 0.3), (0.5, 0.5)),
    "test": ((0.25, 0.25), (0.4, 0.4), (0.24, 0.12), (0.6, 0.4)),
}


def random_look(rng: Rng, pool: Pool = "teach") -> Look:
    """Draw the weather and the tones of the surfaces of one scene."""
    return _look(str(rng.choice(WEATHERS)), rng, pool)


def night_look(rng: Rng, pool: Pool = "teach") -> Look:
    """Draw the surfaces of a scene by lamplight, on a dry or a wet road."""
    return _look("night", rng, pool)


def _look(weather: str, rng: Rng, pool: Pool) -> Look:
    pavings = _PAVINGS["test" if pool == "test" else "teach"]
    slabs = _SLABS["test" if pool == "test" else "teach"]
    surfaces = Look(
        weather=weather,
        asphalt=str(rng.choice(_ASPHALTS)),
        paving=str(rng.choice(pavings)),
        slab_m=slabs[int(rng.integers(len(slabs)))],
        kerb=str(rng.choice(["#b8b4aa", "#a09c94", "#c4c0b6"])),
        wet=_wetness(weather, rng),
    )
    return relit(surfaces, rng)


def _wetness(weather: str, rng: Rng) -> float:
    if weather == "wet" or (weather == "night" and rng.random() < 0.4):
        return float(rng.uniform(0.6, 1.0))
    return 0.0


def relit(look: Look, rng: Rng) -> Look:
    """Draw the sun, the sky and the exposure again; weather and surfaces stay."""
    drawn = replace(
        look,
        sun_azimuth_deg=float(rng.uniform(0, 360)),
        exposure=float(rng.uniform(0.0, 0.85)),
    )
    return _LIGHTS[look.weather](drawn, rng)


def _clear(look: Look, rng: Rng) -> Look:
    return replace(
        look,
        sun_elevation_deg=float(rng.uniform(18, 70)),
        sun_strength=float(rng.uniform(2.8, 5.6)),
        sun_size_deg=float(rng.uniform(0.4, 2.0)),
        sky=_CLEAR_SKIES[int(rng.integers(len(_CLEAR_SKIES)))],
        sky_strength=float(rng.uniform(0.55, 1.1)),
        cloud=float(rng.uniform(0, 0.7)),
    )


def _overcast(look: Look, rng: Rng) -> Look:
    return replace(
        look,
        sun_elevation_deg=float(rng.uniform(25, 70)),
        sun_strength=float(rng.uniform(0.2, 0.8)),
        sun_size_deg=20.0,
        sky=_GREY_SKY,
        sky_strength=float(rng.uniform(1.0, 1.5)),
        cloud=1.0,
    )


def _haze(look: Look, rng: Rng) -> Look:
    return replace(
        look,
        sun_elevation_deg=float(rng.uniform(20, 60)),
        sun_strength=float(rng.uniform(1.0, 2.2)),
        sun_size_deg=8.0,
        sky=_HAZY_SKY,
        sky_strength=float(rng.uniform(0.9, 1.3)),
        cloud=0.8,
    )


def _dusk(look: Look, rng: Rng) -> Look:
    return replace(
        look,
        sun_elevation_deg=float(rng.uniform(4, 14)),
        sun_strength=float(rng.uniform(1.2, 3.2)),
        sun_size_deg=float(rng.uniform(0.6, 2.0)),
        sky=_DUSK_SKY,
        sky_strength=float(rng.uniform(0.4, 0.8)),
        cloud=float(rng.uniform(0.1, 0.6)),
        exposure=float(rng.uniform(0.5, 1.3)),
    )


def _night(look: Look, rng: Rng) -> Look:
    """Light from a street lamp high up, or from the headlights of the own vehicle."""
    return replace(
        look,
        sun_elevation_deg=float(rng.choice([rng.uniform(55, 85), rng.uniform(4, 9)])),
        sun_strength=float(rng.uniform(0.5, 2.2)),
        sun_size_deg=float(rng.uniform(2, 12)),
        sky=_NIGHT_SKY,
        sky_strength=float(rng.uniform(1.0, 4.0)),
        cloud=0.0,
        exposure=float(rng.uniform(0.6, 1.8)),
    )


_LIGHTS = {
    "clear": _clear,
    "overcast": _overcast,
    "wet": _overcast,
    "haze": _haze,
    "dusk": _dusk,
    "night": _night,
}
