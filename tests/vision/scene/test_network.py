"""The layout reader over a small network whose answer is known."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, checker, helper, numpy_helper

from vision.catalogue import list_layouts, list_models, load_layout_card
from vision.errors import CatalogueError, InputError
from vision.scene import load_layout, paint_layout

NAMES = ("red", "green", "blue")
CARD = """id = "tiny@1"
task = "layout"
file = "tiny@1.onnx"
sha256 = "{sha}"
license = "AGPL-3.0-or-later"
trained_at = "2026-01-01T00:00:00Z"
code_version = "0"
summary = "Tells three colours apart."
names = {names}
limits = ["It knows three colours."]

[input]
long_side_px = 128
stride = 32
resize = "stretch"
colour = "rgb"
range = [0, 1]

[measured]
[measured.colours]
mean_iou = 0.9
red = {{ iou = 0.9, pictures = 3 }}

[[data]]
name = "none"
license = "none"
images = 0
role = "train"
kind = "rendered"
note = "by hand"
"""


def colour_network(channels: int = 3) -> bytes:
    """Return a network whose scores are 40 times the mean colour of 4 x 4 pixels."""
    nodes = [
        helper.make_node(
            "AveragePool", ["image"], ["mean"], kernel_shape=[4, 4], strides=[4, 4]
        ),
        helper.make_node("Mul", ["mean", "gain"], ["all"]),
        helper.make_node("Slice", ["all", "zero", "end", "axis"], ["scores"]),
    ]
    floats = numpy_helper.from_array(np.array([40.0], np.float32), "gain")
    ints = [
        numpy_helper.from_array(np.array([value], np.int64), name)
        for name, value in (("zero", 0), ("end", channels), ("axis", 1))
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "colours",
        [value("image", TensorProto.FLOAT, [1, 3, "H", "W"])],
        [value("scores", TensorProto.FLOAT, [1, "C", "h", "w"])],
        [floats, *ints],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    checker.check_model(model)
    return model.SerializeToString()


def installed(folder: Path, names: tuple[str, ...] = NAMES) -> Path:
    data = colour_network()
    (folder / "tiny@1.onnx").write_bytes(data)
    listed = "[" + ", ".join(f'"{n}"' for n in names) + "]"
    sha = hashlib.sha256(data).hexdigest()
    (folder / "tiny@1.toml").write_text(CARD.format(sha=sha, names=listed), "utf-8")
    return folder


def picture(height: int, width: int) -> np.ndarray:
    """Return a BGR picture: red to the left, green right, blue below."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2] = (0, 0, 255)
    image[:, width // 2 :] = (0, 255, 0)
    image[height // 2 :] = (255, 0, 0)
    return image


def test_every_pixel_gets_its_class_at_the_pictures_size(tmp_path: Path) -> None:
    reader = load_layout(load_layout_card("tiny@1", installed(tmp_path)), device="cpu")
    layout = reader.read_whole(picture(200, 300))

    assert layout.classes.shape == (200, 300)
    assert [
        NAMES[layout.classes[y, x]] for y, x in ((20, 20), (20, 280), (180, 150))
    ] == [
        "red",
        "green",
        "blue",
    ]
    assert layout.sure[20, 20] > 0.99


def test_a_frame_is_read_at_half_the_inputs_size(tmp_path: Path) -> None:
    reader = load_layout(load_layout_card("tiny@1", installed(tmp_path)), device="cpu")

    # 300 x 200 fits into 128 as 128 x 85, nearest multiples of 32: 128 x 96.
    assert reader.read(picture(200, 300)).classes.shape == (48, 64)
    # Never enlarged but to the stride.
    assert reader.read(picture(40, 50)).classes.shape == (16, 32)


def test_a_network_with_other_classes_than_its_card_is_refused(tmp_path: Path) -> None:
    card = load_layout_card("tiny@1", installed(tmp_path, (*NAMES, "grey")))

    with pytest.raises(CatalogueError, match="gives 3 classes, its card names 4"):
        load_layout(card, device="cpu").read(picture(64, 64))


def test_an_input_smaller_than_the_stride_is_refused(tmp_path: Path) -> None:
    card = load_layout_card("tiny@1", installed(tmp_path))

    with pytest.raises(InputError, match="at least 32"):
        load_layout(card, device="cpu", long_side_px=16)


def test_layouts_and_detectors_are_listed_apart(tmp_path: Path) -> None:
    folder = installed(tmp_path)

    assert [card.id for card in list_layouts(folder)] == ["tiny@1"]
    assert list_models(folder) == ()
    assert list_layouts(folder)[0].measured["colours"]["red"].pictures == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"red", "green"', '"red", "red"', "in names twice"),
        ('resize = "stretch"', 'resize = "letterbox"', "resize must be 'stretch'"),
        ("mean_iou = 0.9\n", "", "mean_iou is missing"),
        ("iou = 0.9,", "iou = 1.9,", r"iou must be in \[0, 1\]"),
        ('id = "tiny@1"', 'id = "other@1"', "must be the name of the file"),
    ],
)
def test_a_damaged_card_is_one_sentence(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = installed(tmp_path) / "tiny@1.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")

    with pytest.raises(CatalogueError, match=said):
        load_layout_card("tiny@1", tmp_path)


def test_a_painted_layout_has_a_legend_of_what_it_shows(tmp_path: Path) -> None:
    reader = load_layout(load_layout_card("tiny@1", installed(tmp_path)), device="cpu")
    image = picture(200, 300)
    painted = paint_layout(image, reader.read(image))

    assert painted.shape[0] > 200
    assert painted.shape[1] == 300
    assert (image == picture(200, 300)).all()  # not painted in place
