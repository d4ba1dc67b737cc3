"""Which frames a rendering run makes: scenes, views and file names. No Blender."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.synth.pools import PRIVATE_SEEDS, SEEDS, Pool, check_seeds
from vision.errors import InputError

ViewKind = Literal["look", "wide", "close"]

LOOKS_PER_SCENE = 8
CPU_S: dict[ViewKind, float] = {"look": 2.5, "wide": 7.4, "close": 2.5}
SCENE_CPU_S = 8.0
"""Seconds of one core that a view, and building a scene, took; for the forecast."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame to make.

    Attributes:
        seed: of its scene.
        kind: `look` (one thing, small), `wide` (the patrol vehicle's view) or `close`
            (a face or a plate).
        number: 0-based among the views of this kind in the scene.
        turn: 0-based among all views of this kind in the run; decides what a look
            view aims at.
    """

    seed: int
    kind: ViewKind
    number: int
    turn: int

    @property
    def name(self) -> str:
        """Stem of its files."""
        return f"synth_{self.seed:05d}_{self.kind}{self.number:02d}"


def schedule(
    *, pool: Pool, seed_start: int, looks: int, wides: int, closes: int = 0
) -> list[tuple[Shot, ...]]:
    """Spread views over scenes, about `LOOKS_PER_SCENE` each; one tuple per scene.

    Close views have streets of their own, whose seeds start as far into
    `PRIVATE_SEEDS` as `seed_start` lies in `SEEDS`.

    Raises:
        InputError: nothing to make, or seeds of the other pool.
    """
    if min(looks, wides, closes) < 0 or looks + wides + closes == 0:
        msg = f"nothing to render: {looks} look, {wides} wide, {closes} close views"
        raise InputError(msg)
    scenes = max(-(-looks // LOOKS_PER_SCENE), -(-wides // 4))
    check_seeds(pool, seed_start, max(scenes, 1))
    out = _spread(seed_start, scenes, {"look": looks, "wide": wides})
    scenes = -(-closes // LOOKS_PER_SCENE)
    if scenes:
        first = PRIVATE_SEEDS[pool].start + seed_start - SEEDS[pool].start
        check_seeds(pool, first, scenes, PRIVATE_SEEDS)
        out += _spread(first, scenes, {"close": closes})
    return out


def _spread(
    first_seed: int, scenes: int, counts: dict[ViewKind, int]
) -> list[tuple[Shot, ...]]:
    out = []
    for k in range(scenes):
        shots: list[Shot] = []
        for kind, count in counts.items():
            lo, hi = count * k // scenes, count * (k + 1) // scenes
            shots += [Shot(first_seed + k, kind, i - lo, i) for i in range(lo, hi)]
        out.append(tuple(shots))
    return out


def of_shard(
    scenes: list[tuple[Shot, ...]], shard: tuple[int, int]
) -> list[tuple[Shot, ...]]:
    """Return the scenes of share `i` of `n`, 0-based, for processes side by side.

    Raises:
        InputError: not `0 <= i < n`.
    """
    i, n = shard
    if not 0 <= i < n:
        msg = f"shard must be I/N with 0 <= I < N, got {i}/{n}"
        raise InputError(msg)
    return scenes[i::n]


def picture(out: Path, shot: Shot) -> Path:
    """Return where a shot's picture goes; it is written last."""
    return out / "images" / f"{shot.name}.jpg"


def missing(out: Path, scenes: list[tuple[Shot, ...]]) -> list[tuple[Shot, ...]]:
    """Return what has no picture yet, scene by scene, finished scenes left out."""
    left = (tuple(s for s in shots if not picture(out, s).exists()) for shots in scenes)
    return [shots for shots in left if shots]


def forecast_cpu_s(scenes: list[tuple[Shot, ...]]) -> float:
    """Return the seconds of one core that these shots will take, about."""
    views = sum(CPU_S[shot.kind] for shots in scenes for shot in shots)
    return views + SCENE_CPU_S * len(scenes)
