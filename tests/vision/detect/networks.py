"""Tiny networks with exact answers, and cards for them: made, not checked in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper

from vision.card import Calibration, DataUsed, ModelCard, Operating, OutputKind

NAMES = ("litter", "car", "face", "licence_plate", "person")
RED_BGR = (0, 0, 255)


def make_card(
    folder: Path,
    model: ModelProto,
    *,
    output_kind: OutputKind = "yolo",
    long_side_px: int = 640,
    operating: Mapping[str, Operating] | None = None,
    calibration: Mapping[str, Calibration] | None = None,
) -> ModelCard:
    """Write the network beside a card that describes it truly."""
    data = model.SerializeToString()
    (folder / "tiny@1.onnx").write_bytes(data)
    points = {name: Operating(0.25) for name in NAMES}
    return ModelCard(
        id="tiny@1",
        task="detect",
        folder=folder,
        file="tiny@1.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        license="AGPL-3.0-or-later",
        trained_at="2026-01-01T00:00:00Z",
        code_version="0",
        summary="Finds one red rectangle.",
        names=NAMES,
        limits=("It sees nothing but red.",),
        long_side_px=long_side_px,
        stride=32,
        output_kind=output_kind,
        operating={**points, **(operating or {})},
        calibration=calibration or {},
        measured={},
        data=(DataUsed("none", "none", 0, "train", "rendered", None),),
    )


def red_box_network(
    output_kind: OutputKind = "yolo", fixed_px: tuple[int, int] | None = None
) -> ModelProto:
    """Return a network that finds the extent of everything red, as class 0.

    Its score is 0.9 where anything is red and 0 where nothing is. Only a picture in RGB
    and `[0, 1]` has red by its measure (red - green > 0.5), so it also proves the
    preprocessing.

    Args:
        output_kind: how the box is written.
        fixed_px: width and height of a static export; None for dynamic axes.
    """
    width, height = fixed_px or ("W", "H")
    nodes = [
        helper.make_node("Split", ["images"], ["r", "g", "b"], axis=1, num_outputs=3),
        helper.make_node("Sub", ["r", "g"], ["excess"]),
        helper.make_node("Greater", ["excess", "half"], ["is_red"]),
        helper.make_node("Cast", ["is_red"], ["red"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMax", ["red", "by_x"], ["columns"], keepdims=0),
        helper.make_node("ReduceMax", ["red", "by_y"], ["rows"], keepdims=0),
        helper.make_node("ReduceMax", ["red", "by_all"], ["any"], keepdims=0),
        *_edges("columns", "x1", "x2"),
        *_edges("rows", "y1", "y2"),
        helper.make_node("Mul", ["any", "sure"], ["score1"]),
        helper.make_node("Reshape", ["score1", "one"], ["score"]),
    ]
    if output_kind == "yolo":
        nodes += _yolo_rows()
        shape: list[int | str] = [1, 4 + len(NAMES), 1]
    else:
        nodes += [
            helper.make_node(
                "Concat", ["x1", "y1", "x2", "y2", "score", "zero"], ["flat"], axis=0
            ),
            helper.make_node("Reshape", ["flat", "nms_shape"], ["output0"]),
        ]
        shape = [1, 1, 6]
    constants = {
        "half": np.array(0.5, np.float32),
        "sure": np.array(0.9, np.float32),
        "zero": np.zeros(1, np.float32),
        "others": np.zeros(len(NAMES) - 1, np.float32),
        "two": np.array(2, np.float32),
        "one_more": np.array(1, np.float32),
        "one": np.array([1], np.int64),
        "by_x": np.array([0, 1, 2], np.int64),
        "by_y": np.array([0, 1, 3], np.int64),
        "by_all": np.array([0, 1, 2, 3], np.int64),
        "yolo_shape": np.array([1, 4 + len(NAMES), 1], np.int64),
        "nms_shape": np.array([1, 1, 6], np.int64),
    }
    return _model(nodes, [1, 3, height, width], shape, constants)


def constant_network(
    output: np.ndarray, input_shape: tuple[int | str, ...] = (1, 3, "H", "W")
) -> ModelProto:
    """Return a network that gives `output` whatever it sees."""
    nodes = [
        helper.make_node("ReduceMax", ["images"], ["most"], keepdims=0),
        helper.make_node("Mul", ["most", "nothing"], ["still"]),
        helper.make_node("Add", ["answer", "still"], ["output0"]),
    ]
    constants = {
        "answer": output.astype(np.float32),
        "nothing": np.array(0, np.float32),
    }
    return _model(nodes, list(input_shape), list(output.shape), constants)


def _edges(line: str, first: str, last: str) -> list[object]:
    """Return the first set cell of a line, and one past the last."""
    return [
        helper.make_node("ArgMax", [line], [f"{first}_i"], axis=0),
        helper.make_node("ArgMax", [line], [f"{last}_i"], axis=0, select_last_index=1),
        helper.make_node("Cast", [f"{first}_i"], [first], to=TensorProto.FLOAT),
        helper.make_node("Cast", [f"{last}_i"], [f"{last}_f"], to=TensorProto.FLOAT),
        helper.make_node("Add", [f"{last}_f", "one_more"], [last]),
    ]


def _yolo_rows() -> list[object]:
    rows = []
    for low, high, centre, size in (("x1", "x2", "cx", "w"), ("y1", "y2", "cy", "h")):
        rows += [
            helper.make_node("Sub", [high, low], [size]),
            helper.make_node("Add", [high, low], [f"{centre}_twice"]),
            helper.make_node("Div", [f"{centre}_twice", "two"], [centre]),
        ]
    return [
        *rows,
        helper.make_node(
            "Concat", ["cx", "cy", "w", "h", "score", "others"], ["flat"], axis=0
        ),
        helper.make_node("Reshape", ["flat", "yolo_shape"], ["output0"]),
    ]


def _model(
    nodes: list[object],
    input_shape: list[int | str],
    output_shape: list[int | str],
    constants: Mapping[str, np.ndarray],
) -> ModelProto:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, input_shape)],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, output_shape)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    )
    checker.check_model(model)
    return model
