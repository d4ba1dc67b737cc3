"""Which frames a rendering run makes: scenes, views and file names. No Blender."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.synth.pools import Pool, check_seeds
from vision.errors import InputError

ViewKind = Literal["look", "wide"]

LOOKS_PER_SCENE = 8
CPU_S: dict[ViewKind, float] = {"look": 2.5, "wide": 7.4}
SCENE_CPU_S = 8.0
"""Seconds of one core that a view, and building a scene, took; for the forecast."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame to make.

    Attributes:
        seed: of its scene.
        kind: `look` (close, small) or `wide` (the patrol vehicle's view).
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
    *, pool: Pool, seed_start: int, looks: int, wides: int
) -> list[tuple[Shot, ...]]:
    """Spread views over scenes, about `LOOKS_PER_SCENE` each; one tuple per scene.

    Raises:
        InputError: nothing to make, or seeds of the other pool.
    """
    if looks < 0 or wides < 0 or looks + wides == 0:
        msg = f"nothing to render: {looks} look and {wides} wide views"
        raise InputError(msg)
    scenes = max(-(-looks // LOOKS_PER_SCENE), -(-wides // 4))
    check_seeds(pool, seed_start, scenes)
    out = []
    for k in range(scenes):
        shots: list[Shot] = []
        for kind, count in (("look", looks), ("wide", wides)):
            lo, hi = count * k // scenes, count * (k + 1) // scenes
            shots += [Shot(seed_start + k, kind, i - lo, i) for i in range(lo, hi)]  # type: ignore[arg-type]
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
