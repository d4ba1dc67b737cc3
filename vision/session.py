"""Open an onnxruntime session on the device that was asked for."""

from __future__ import annotations

import os
from pathlib import Path

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as native

from vision.errors import CatalogueError, DeviceError

DEVICES = ("auto", "cpu", "cuda")

OrtErrors = (
    native.EPFail,
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.NoModel,
    native.NoSuchFile,
    native.NotImplemented,
    native.RuntimeException,
)
"""What onnxruntime raises for a network that it cannot read or run."""

_CPU = "CPUExecutionProvider"
_CUDA = "CUDAExecutionProvider"


def open_session(path: Path, *, device: str, model_id: str) -> ort.InferenceSession:
    """Return a session for one ONNX file.

    Args:
        path: the network.
        device: `cpu`, `cuda`, or `auto` for CUDA where it works and else the CPU.
        model_id: for messages.

    Raises:
        DeviceError: unknown device, or CUDA was asked for and does not work here.
        CatalogueError: the file is not a network that onnxruntime can run.
    """
    if device not in DEVICES:
        msg = f"the device must be one of {', '.join(DEVICES)}, got {device!r}"
        raise DeviceError(msg)
    installed = _CUDA in ort.get_available_providers()
    if device == "cuda" and not installed:
        msg = (
            "CUDA was asked for but onnxruntime has no CUDA here; "
            "install Liujing with the extra cuda, or choose the device cpu"
        )
        raise DeviceError(msg)
    use_cuda = device != "cpu" and installed
    if use_cuda:
        ort.preload_dlls()
    session = _open(path, [_CUDA, _CPU] if use_cuda else [_CPU], model_id)
    if device == "cuda" and session_device(session) != "cuda":
        msg = (
            "CUDA was asked for but does not start on this machine; check the driver "
            "and the CUDA libraries, or choose the device cpu"
        )
        raise DeviceError(msg)
    return session


def session_device(session: ort.InferenceSession) -> str:
    """Return what a session really runs on: `cpu` or `cuda`."""
    return "cuda" if session.get_providers()[0] == _CUDA else "cpu"


def _open(path: Path, providers: list[str], model_id: str) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # A thread that spins steals the cores that decode the next frame.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return ort.InferenceSession(str(path), options, providers=providers)
    except OrtErrors as error:
        msg = (
            f"model {model_id}: {path.name} in {path.parent} is not a network that "
            "onnxruntime can run; install the model again"
        )
        raise CatalogueError(msg) from error
