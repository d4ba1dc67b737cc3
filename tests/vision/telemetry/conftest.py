"""Synthetic drives with exact truth, and where the real ones lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from vision.geo import LocalFrame
from vision.types import FloatArray, GnssFix

EPOCH_S = 1_700_000_000.0


@dataclass(frozen=True, slots=True, eq=False)
class TrueDrive:
    """Truth every 0.1 s: north, a stop from about 30 to 50 s, a right turn, east."""

    frame: LocalFrame
    t: FloatArray
    xy: FloatArray
    speed_mps: FloatArray
    heading_deg: FloatArray

    @property
    def travelled_m(self) -> FloatArray:
        steps = np.hypot(*np.diff(self.xy, axis=0).T)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def fixes(
        self,
        error_m: FloatArray,
        *,
        every: int = 10,
        speeds: str = "none",
    ) -> list[GnssFix]:
        """Receive every n-th row, displaced by `error_m` `(K, 2)`."""
        rows = np.arange(0, len(self.t), every)
        lonlat = self.frame.to_lonlat(self.xy[rows] + error_m)
        return [
            GnssFix(
                epoch_s=EPOCH_S + float(self.t[row]),
                lon=float(place[0]),
                lat=float(place[1]),
                speed_mps=None if speeds == "none" else float(self.speed_mps[row]),
                course_deg=float(self.heading_deg[row]) if speeds == "both" else None,
            )
            for row, place in zip(rows, lonlat, strict=True)
        ]

    def white(self, sigma_m: float, *, seed: int = 1, every: int = 10) -> FloatArray:
        """Return independent errors, `sigma_m` per axis."""
        n = len(range(0, len(self.t), every))
        return np.random.default_rng(seed).normal(0, sigma_m, (n, 2))

    def drift(
        self, sigma_m: float, *, seed: int = 1, memory_s: float = 30
    ) -> FloatArray:
        """Return errors of one-second fixes that change slowly (Gauss-Markov)."""
        rng = np.random.default_rng(seed)
        keep = float(np.exp(-1 / memory_s))
        rows = [rng.normal(0, sigma_m, 2)]
        for _ in range(10, len(self.t), 10):
            kick = rng.normal(0, sigma_m * np.sqrt(1 - keep**2), 2)
            rows.append(keep * rows[-1] + kick)
        return np.array(rows)


def _smoothed(values: FloatArray, width: int) -> FloatArray:
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


@pytest.fixture(scope="session")
def drive() -> TrueDrive:
    t = np.arange(0, 121, 0.1)
    speed = np.full(len(t), 9.0)
    speed[(t > 30) & (t < 50)] = 0.0
    speed[(t > 64) & (t < 72)] = 5.0
    speed = _smoothed(speed, 41)
    speed[speed < 1e-9] = 0.0
    gone = np.concatenate([[0.0], np.cumsum(speed[1:] * 0.1)])
    turn = np.clip((gone - gone[680]) / 12.0, 0, np.pi / 2)
    steps = np.diff(gone)[:, None] * np.stack([np.sin(turn), np.cos(turn)], axis=1)[1:]
    xy = np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    return TrueDrive(LocalFrame(113.8, 34.0), t, xy, speed, np.degrees(turn))


@pytest.fixture(scope="session")
def drives() -> Path:
    """Return the folder of real drives."""
    return Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "drives"
