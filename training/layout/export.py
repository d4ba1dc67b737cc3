"""Write a taught layout network as the ONNX file that ships."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.export.onnx_file import MAX_BYTES, OPSET
from training.layout.net import STRIDE, layout_network
from vision.errors import NotFoundError, OutputError


def load_taught(checkpoint: Path, classes: int) -> Any:
    """Return the running mean of the taught weights as a network, ready to look.

    Raises:
        NotFoundError: there is no checkpoint.
    """
    if not checkpoint.is_file():
        msg = f"{checkpoint} is missing; run `liujing-train layout-fit` first"
        raise NotFoundError(msg)
    import torch  # noqa: PLC0415

    network = layout_network(classes)
    kept = torch.load(checkpoint, map_location="cpu", weights_only=False)["mean"]
    state = {
        name.removeprefix("module."): value
        for name, value in kept.items()
        if name.startswith("module.")
    }
    network.load_state_dict(state)
    return network.eval()


def export_layout(network: Any, target: Path, *, names: Sequence[str]) -> Path:
    """Write `target`: fp32, dynamic height and width, scores at a quarter.

    Raises:
        OutputError: the file is larger than a model of the catalogue may be.
    """
    import onnx  # noqa: PLC0415
    import onnxslim  # noqa: PLC0415
    import torch  # noqa: PLC0415

    target.parent.mkdir(parents=True, exist_ok=True)
    raw = target.with_suffix(".raw")
    torch.onnx.export(
        network,
        (torch.zeros(1, 3, 4 * STRIDE, 6 * STRIDE),),
        str(raw),
        opset_version=OPSET,
        dynamo=False,
        input_names=["image"],
        output_names=["scores"],
        dynamic_axes={
            "image": {2: "height", 3: "width"},
            "scores": {2: "h", 3: "w"},
        },
    )
    model = onnxslim.slim(onnx.load(str(raw)))
    raw.unlink()
    del model.metadata_props[:]
    onnx.helper.set_model_props(
        model, {"names": ",".join(names), "license": "AGPL-3.0-or-later"}
    )
    model.producer_name, model.producer_version = "liujing-train", ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
    size = target.stat().st_size
    if size > MAX_BYTES:
        msg = f"{target} has {size} bytes, more than {MAX_BYTES}; use a smaller network"
        raise OutputError(msg)
    return target
