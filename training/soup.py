"""Average the weights of several trainings that began from the same network.

Source:
    Wortsman et al. (2022), Model soups: trainings from one start lie in one basin, and
    their mean often sees better than each; docs/decisions/0010 says what it gave here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.yolo_env import import_ultralytics
from vision.errors import InputError, NotFoundError, OutputError


def average_checkpoints(checkpoints: Sequence[Path], target: Path) -> Path:
    """Write the mean of the checkpoints' weights to `target` and return it.

    All but the floating point weights are the first one's.

    Raises:
        InputError: there is nothing to average, or the networks differ in shape.
        NotFoundError: a checkpoint is missing.
        OutputError: `target` cannot be written.
    """
    if not checkpoints:
        msg = "no checkpoints to average; teach a stage first"
        raise InputError(msg)
    for path in checkpoints:
        if not path.is_file():
            msg = f"{path} is missing; teach that stage first"
            raise NotFoundError(msg)
    import_ultralytics()
    import torch  # noqa: PLC0415

    loaded = [
        torch.load(p, map_location="cpu", weights_only=False) for p in checkpoints
    ]
    networks = [_network(row) for row in loaded]
    states = [network.float().state_dict() for network in networks]
    networks[0].load_state_dict(_mean(states, checkpoints))
    return write_checkpoint(networks[0], target)


def write_checkpoint(network: Any, target: Path) -> Path:
    """Write a network as a checkpoint that training can start from, and return it.

    Raises:
        OutputError: `target` cannot be written; an earlier one is as it was.
    """
    import torch  # noqa: PLC0415

    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"model": network.half(), "epoch": -1}, part)
        part.replace(target)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        msg = f"{target} cannot be written ({error}); make room and run it again"
        raise OutputError(msg) from error
    return target


def _network(row: dict[str, Any]) -> Any:
    return row["ema"] if row.get("ema") is not None else row["model"]


def _mean(
    states: Sequence[dict[str, Any]], checkpoints: Sequence[Path]
) -> dict[str, Any]:
    first = states[0]
    for state, path in zip(states, checkpoints, strict=True):
        same = state.keys() == first.keys() and all(
            state[name].shape == first[name].shape for name in first
        )
        if not same:
            msg = f"{path} is another network than {checkpoints[0]}; average like ones"
            raise InputError(msg)
    return {
        name: sum(state[name] for state in states) / len(states)
        if value.is_floating_point()
        else value
        for name, value in first.items()
    }
