"""One network, several precisions: each opened as an engine that takes a blob.

`onnxruntime fp32` is what we ship. int8 is made by quantising with real pictures: by
onnxruntime as QDQ, by NNCF for OpenVINO.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from training.export.parity import Engine, Floats, blobs
from vision.errors import InputError, NotFoundError
from vision.types import Image

ONNX_FP32 = "onnxruntime fp32"
PRECISIONS = (
    ONNX_FP32,
    "onnxruntime int8",
    "onnxruntime int8 dynamic",
    "openvino fp32",
    "openvino bf16",
    "openvino int8",
)
CALIBRATION_SHAPE = (384, 640)


def open_engine(
    precision: str,
    onnx_file: Path,
    *,
    threads: int,
    pictures: Sequence[Image],
    folder: Path,
) -> Engine:
    """Return a network at a precision; what must be made for it is made once.

    Args:
        precision: one of `PRECISIONS`.
        onnx_file: fp32, dynamic.
        threads: of the engine.
        pictures: calibrate int8; never those that measure.
        folder: files that were made lie here, by name of precision.

    Raises:
        InputError: unknown precision.
        NotFoundError: the package that makes or runs it is not installed.
    """
    if precision not in PRECISIONS:
        msg = f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}"
        raise InputError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    runtime, _, kind = precision.partition(" ")
    try:
        if runtime == "openvino":
            return _openvino(kind, onnx_file, threads, pictures, folder)
        if kind == "fp32":
            return onnx_engine(onnx_file, threads=threads)
        target = folder / f"{onnx_file.stem}.{kind.replace(' ', '-')}.onnx"
        if not target.is_file():
            make = _make_static if kind == "int8" else _make_dynamic
            make(onnx_file, target, pictures)
        return onnx_engine(target, threads=threads)
    except ModuleNotFoundError as error:
        msg = f"{precision} needs {error.name}; install it beside the extra `train`"
        raise NotFoundError(msg) from error


def onnx_engine(onnx_file: Path, *, threads: int) -> Engine:
    """Return an ONNX file run by onnxruntime on the CPU."""
    import onnxruntime as ort  # noqa: PLC0415

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    session = ort.InferenceSession(
        str(onnx_file), options, providers=["CPUExecutionProvider"]
    )
    feed = session.get_inputs()[0].name

    def run(blob: Floats) -> Floats:
        return np.asarray(session.run(None, {feed: blob})[0], np.float32)

    return run


def _make_static(source: Path, target: Path, pictures: Sequence[Image]) -> None:
    import onnx  # noqa: PLC0415
    from onnxruntime import quantization as q  # noqa: PLC0415
    from onnxruntime.quantization.shape_inference import (  # noqa: PLC0415
        quant_pre_process,
    )

    class Reader(q.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self, feed: str) -> None:
            self._feed = feed
            self._left: Iterator[Floats] = iter(blobs(pictures, [CALIBRATION_SHAPE]))

        def get_next(self) -> dict[str, Floats] | None:
            blob = next(self._left, None)
            return None if blob is None else {self._feed: blob}

    prepared = target.with_suffix(".prepared")
    part = target.with_suffix(".part")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    model = onnx.load(str(prepared))
    q.quantize_static(
        str(prepared),
        str(part),
        Reader(model.graph.input[0].name),
        quant_format=q.QuantFormat.QDQ,
        per_channel=True,
        activation_type=q.QuantType.QUInt8,
        weight_type=q.QuantType.QInt8,
        op_types_to_quantize=["Conv"],
        nodes_to_exclude=_head_nodes(model),
    )
    prepared.unlink()
    part.replace(target)


def _head_nodes(model: Any) -> list[str]:
    """Return the names of the nodes of the decoding layer, whatever its number."""
    numbers = [_layer(node.name) for node in model.graph.node]
    last = max((n for n in numbers if n is not None), default=None)
    return [
        node.name
        for node, number in zip(model.graph.node, numbers, strict=True)
        if number == last and last is not None
    ]


def _layer(name: str) -> int | None:
    parts = name.split("/")
    found = [p.removeprefix("model.") for p in parts if p.startswith("model.")]
    return int(found[0]) if found and found[0].isdigit() else None


def _make_dynamic(source: Path, target: Path, _: Sequence[Image]) -> None:
    from onnxruntime import quantization as q  # noqa: PLC0415

    part = target.with_suffix(".part")
    q.quantize_dynamic(str(source), str(part), weight_type=q.QuantType.QUInt8)
    part.replace(target)


def _openvino(
    kind: str, onnx_file: Path, threads: int, pictures: Sequence[Image], folder: Path
) -> Engine:
    os.environ.setdefault("OPENVINO_TELEMETRY_DISABLE", "1")
    import openvino as ov  # noqa: PLC0415

    core = ov.Core()
    model = core.read_model(str(onnx_file))
    if kind == "int8":
        target = folder / f"{onnx_file.stem}.openvino-int8.xml"
        if not target.is_file():
            _make_nncf(model, target, pictures)
        model = core.read_model(str(target))
    hint = ov.Type.bf16 if kind == "bf16" else ov.Type.f32
    options = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": hint,
    }
    request = core.compile_model(model, "CPU", options).create_infer_request()

    def run(blob: Floats) -> Floats:
        request.infer([blob])
        return np.array(request.get_output_tensor(0).data, np.float32)

    return run


def _make_nncf(model: Any, target: Path, pictures: Sequence[Image]) -> None:
    import openvino as ov  # noqa: PLC0415

    nncf: Any = import_module("nncf")

    inputs = list(blobs(pictures, [CALIBRATION_SHAPE]))
    made = nncf.quantize(
        model,
        nncf.Dataset(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(inputs),
        ignored_scope=nncf.IgnoredScope(
            patterns=[_head_pattern(model)], validate=False
        ),
    )
    # The .xml comes last: while it is missing the network is made again.
    part = target.with_name(f"part-{target.name}")
    ov.save_model(made, str(part), compress_to_fp16=False)
    part.with_suffix(".bin").replace(target.with_suffix(".bin"))
    part.replace(target)


def _head_pattern(model: Any) -> str:
    names = [op.get_friendly_name() for op in model.get_ops()]
    last = max((n for n in map(_layer, names) if n is not None), default=-1)
    return rf".*model\.{last}/.*"
