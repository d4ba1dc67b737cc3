"""A hidden Markov chain over lists of states: the likeliest path and its doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What the chain says.

    Attributes:
        path: `(T,)` row of the chosen state at each step.
        posterior: per step, float64 `(S_t,)`, probabilities of its states, sum 1.
        starts: `(T,)` True where the chain had to start anew (no way from before).
    """

    path: IntArray
    posterior: tuple[FloatArray, ...]
    starts: npt.NDArray[np.bool_]


def decode(emission: Sequence[FloatArray], transition: Sequence[FloatArray]) -> Decoded:
    """Find the likeliest path of states and the posterior of every state.

    Args:
        emission: per step, log-likelihood `(S_t,)` of each state, S_t >= 1.
        transition: per step but the last, log-likelihood `(S_t, S_t+1)`; `-inf`
            where there is no way. A matrix without any way starts a new chain.

    Source:
        Viterbi (1967); forward-backward as in Rabiner, "A tutorial on hidden Markov
        models" (1989), with scaled probabilities.
    """
    steps = len(emission)
    starts = np.zeros(steps, dtype=np.bool_)
    starts[0] = True
    best = emission[0] - emission[0].max()
    back: list[IntArray] = [np.zeros(len(best), dtype=np.intp)]
    alpha = [_normal(emission[0])]
    for t in range(1, steps):
        through = best[:, None] + transition[t - 1]
        came = through.argmax(axis=0)
        gained = through[came, np.arange(through.shape[1])]
        carried = alpha[-1] @ np.exp(transition[t - 1])
        starts[t] = not (np.isfinite(gained).any() and carried.max() > 1e-280)
        if starts[t]:
            gained = np.zeros(through.shape[1])
            came = np.full(through.shape[1], best.argmax())
            carried = np.ones(through.shape[1])
        best = gained + emission[t]
        best -= best.max()
        back.append(came)
        with np.errstate(divide="ignore"):
            alpha.append(_normal(np.log(carried) + emission[t]))
    return Decoded(
        path=_trace(best, back),
        posterior=_posterior(alpha, emission, transition, starts),
        starts=starts,
    )


def _normal(log_weight: FloatArray) -> FloatArray:
    weight: FloatArray = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return weight


def _trace(best: FloatArray, back: list[IntArray]) -> IntArray:
    path = np.zeros(len(back), dtype=np.intp)
    path[-1] = best.argmax()
    for t in range(len(back) - 1, 0, -1):
        path[t - 1] = back[t][path[t]]
    return path


def _posterior(
    alpha: list[FloatArray],
    emission: Sequence[FloatArray],
    transition: Sequence[FloatArray],
    starts: npt.NDArray[np.bool_],
) -> tuple[FloatArray, ...]:
    beta = np.ones(len(alpha[-1]))
    out = [alpha[-1]]
    for t in range(len(alpha) - 2, -1, -1):
        if starts[t + 1]:
            beta = np.ones(len(alpha[t]))
        else:
            seen = beta * np.exp(emission[t + 1] - emission[t + 1].max())
            beta = np.exp(transition[t]) @ seen
        beta = beta / max(beta.max(), 1e-300)
        both = alpha[t] * beta
        total = both.sum()
        out.append(both / total if total > 0 else alpha[t])
    return tuple(out[::-1])
