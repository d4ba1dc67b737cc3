"""Put a published network back as a checkpoint that training goes on from.

A published ONNX file has each normalisation folded into its convolution, which training
needs apart. What the folding mixed cannot be told from the file, but need not: with the
means and variances that pictures give, and the weights scaled as in the public start
network, the checkpoint computes what the file computes and learns like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.fit import STARTS, FitSettings
from training.soup import write_checkpoint
from training.yolo_env import import_ultralytics
from vision.detect.letterbox import fit_rectangle, make_blob
from vision.errors import InputError, NotFoundError

LEAST_PICTURES = 8
STRIDE = 32


def restore_checkpoint(
    onnx_file: Path,
    target: Path,
    *,
    weights: Path,
    names: Sequence[str],
    pictures: Sequence[Path],
    settings: FitSettings,
) -> Path:
    """Write the checkpoint of a published network to `target` and return it.

    Args:
        onnx_file: as `export_onnx` wrote it.
        target: the checkpoint.
        weights: folder of the public networks; where the network is not there, weights
            are scaled as in a new one.
        names: class names by class id.
        pictures: some that are taught; they give the normalisations their statistics.
        settings: of the run that the checkpoint stands for: network and input side.

    Raises:
        NotFoundError: a file is missing.
        InputError: the file holds another network, or there are too few pictures.
        OutputError: `target` cannot be written.
    """
    if not onnx_file.is_file():
        msg = f"{onnx_file} is missing; name a network of models/"
        raise NotFoundError(msg)
    if len(pictures) < LEAST_PICTURES:
        msg = f"{len(pictures)} pictures to restore with, {LEAST_PICTURES} are needed"
        raise InputError(msg)
    ultralytics = import_ultralytics()
    from ultralytics.nn.tasks import DetectionModel  # noqa: PLC0415

    architecture, start = STARTS[settings.network]
    network = ultralytics.YOLO(architecture)
    if (weights / start).is_file():
        network.load(str(weights / start))
    public = network.model
    model = DetectionModel(architecture, ch=3, nc=len(names), verbose=False)
    model.names = dict(enumerate(names))
    model.load(public, verbose=False)  # its class branch is as wide as the public one's
    blocks = _blocks(model)
    _load_folded(model, blocks, _initializers(onnx_file, names), onnx_file)
    moments = _moments(model, blocks, pictures, settings.image_px)
    scales = _scales(blocks, _blocks(public))
    for name, block in blocks.items():
        _unfold(block, *moments[name], scales[name])
    return write_checkpoint(model, target)


def _initializers(
    onnx_file: Path, names: Sequence[str]
) -> dict[str, np.ndarray[Any, Any]]:
    """Return the file's weights by name, its classes being `names` in this order."""
    import onnx  # noqa: PLC0415
    from google.protobuf.message import DecodeError  # noqa: PLC0415

    try:
        model = onnx.load(str(onnx_file))
    except DecodeError as error:
        msg = f"{onnx_file} is no ONNX file ({error}); name a network of models/"
        raise InputError(msg) from error
    told = {row.key: row.value for row in model.metadata_props}.get("names", "")
    if told.split(",") != list(names):
        msg = (
            f"{onnx_file} knows the classes {told or 'of no name'}, the taxonomy "
            f"{','.join(names)}; restore it with the taxonomy it was taught by"
        )
        raise InputError(msg)
    return {i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer}


def _blocks(model: Any) -> dict[str, Any]:
    """Return the modules that have a convolution and a normalisation, by name."""
    return {
        name: module
        for name, module in model.named_modules()
        if hasattr(module, "conv") and hasattr(module, "bn")
    }


def _load_folded(
    model: Any,
    blocks: Mapping[str, Any],
    folded: Mapping[str, np.ndarray[Any, Any]],
    onnx_file: Path,
) -> None:
    """Give convolutions the file's weights, normalisations only its biases."""
    import torch  # noqa: PLC0415

    state = {
        name: value
        for name, value in model.state_dict().items()
        if not any(name.startswith(f"{block}.bn.") for block in blocks)
    }
    for name, value in state.items():
        found = folded.get(name)
        if found is None or found.shape != tuple(value.shape):
            msg = (
                f"{onnx_file} has no {name} of shape {tuple(value.shape)}; it is not "
                "a network of this architecture and these classes"
            )
            raise InputError(msg)
        value.copy_(torch.from_numpy(found.copy()))
    for name, block in blocks.items():
        bias = torch.from_numpy(folded[f"{name}.conv.bias"].copy())
        bn = block.bn
        with torch.no_grad():
            bn.weight.fill_(1)
            bn.bias.copy_(bias)
            bn.running_mean.zero_()
            bn.running_var.fill_(1 - bn.eps)


def _moments(
    model: Any, blocks: Mapping[str, Any], pictures: Sequence[Path], side_px: int
) -> dict[str, tuple[Any, Any]]:
    """Return mean and variance of each convolution's output, by channel."""
    import torch  # noqa: PLC0415

    sums: dict[str, list[Any]] = {name: [] for name in blocks}

    def watch(name: str) -> Any:
        def hook(_module: Any, inputs: tuple[Any, ...]) -> None:
            out = inputs[0].double()
            sums[name].append((out.mean((0, 2, 3)), out.square().mean((0, 2, 3))))

        return hook

    hooks = [
        block.bn.register_forward_pre_hook(watch(name))
        for name, block in blocks.items()
    ]
    model.eval()
    with torch.no_grad():
        for path in pictures:
            model(torch.from_numpy(_as_taught(path, side_px)))
    for hook in hooks:
        hook.remove()
    out = {}
    for name, rows in sums.items():
        mean = torch.stack([m for m, _ in rows]).mean(0)
        square = torch.stack([s for _, s in rows]).mean(0)
        out[name] = mean, (square - mean.square()).clamp(min=1e-8)
    return out


def _as_taught(path: Path, side_px: int) -> npt.NDArray[np.float32]:
    """Return float32 `(1, 3, H, W)` RGB in `[0, 1]` of a picture in the set."""
    pixels = cv2.imread(str(path))
    if pixels is None:
        msg = f"{path} does not decode; run `liujing-train data` again"
        raise InputError(msg)
    box = fit_rectangle(
        pixels.shape[1], pixels.shape[0], long_side_px=side_px, stride=STRIDE
    )
    return make_blob(pixels.astype(np.uint8, copy=False), box)


def _scales(blocks: Mapping[str, Any], public: Mapping[str, Any]) -> dict[str, Any]:
    """Return how much larger each channel's weights are in the public network."""
    import torch  # noqa: PLC0415

    out = {}
    for name, block in blocks.items():
        mine = block.conv.weight.detach().flatten(1).norm(dim=1).double()
        other = public.get(name)
        theirs = (
            other.conv.weight.detach().flatten(1).norm(dim=1).double()
            if other is not None and other.conv.weight.shape == block.conv.weight.shape
            else torch.ones_like(mine)
        )
        out[name] = (theirs / mine.clamp(min=1e-12)).clamp(1e-3, 1e3)
    return out


def _unfold(block: Any, mean: Any, variance: Any, scale: Any) -> None:
    """Part one block into weights of the usual size and its normalisation."""
    import torch  # noqa: PLC0415

    bn = block.bn
    with torch.no_grad():
        block.conv.weight.mul_(scale.float()[:, None, None, None])
        spread = variance * scale.square()
        bn.running_mean.copy_(mean * scale)
        bn.running_var.copy_(spread)
        bn.weight.copy_((spread + bn.eps).sqrt() / scale)
        bn.bias.add_(mean.float())
