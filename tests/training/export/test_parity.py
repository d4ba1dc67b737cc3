"""Two forms of one network on pictures: how far apart; costs side by side."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from training.export import parity_on, spread
from training.export.engines import open_engine
from training.export.parity import Engine, Floats
from training.export.precision import (
    EngineDetector,
    PrecisionRow,
    compare_costs,
    table_lines,
    write_rows,
)
from training.types import LabelledImage
from vision.errors import InputError
from vision.types import Frame

PICTURE = np.full((90, 160, 3), 120, np.uint8)


def network(
    *, score: float = 0.0, right_px: float = 0.0, faint: bool = False
) -> Engine:
    def run(blob: Floats) -> Floats:
        out = np.zeros((1, 6, 3), np.float32)
        out[0, :4, 0] = (100 + right_px, 60, 40, 20)
        out[0, 4, 0] = 0.02 if faint else 0.5 + score
        return out

    return run


def test_a_network_does_not_differ_from_itself() -> None:
    found = parity_on(network(), network(), [PICTURE])

    assert (found.score_max, found.box_max_px, found.box_mean_px) == (0, 0, 0)
    assert found.anchors == 3  # one anchor in each of the three shapes


def test_scores_and_edges_are_measured_where_something_is_seen() -> None:
    found = parity_on(network(), network(score=0.1, right_px=3), [PICTURE])

    assert found.score_max == pytest.approx(0.1)
    assert found.score_mean == pytest.approx(0.05)  # two classes, one of them apart
    assert found.box_max_px == pytest.approx(3)
    assert found.box_mean_px == pytest.approx(1.5)  # x1 and x2 of four edges


def test_boxes_are_unknown_where_nothing_is_seen() -> None:
    found = parity_on(network(faint=True), network(faint=True), [PICTURE])

    assert found.anchors == 0
    assert found.box_max_px is None
    assert found.score_mean is None


def test_no_picture_is_refused() -> None:
    with pytest.raises(InputError, match="give at least one"):
        parity_on(network(), network(), [])


def test_pictures_are_spread_and_a_bad_one_is_skipped(tmp_path: Path) -> None:
    images = []
    for number in range(9):
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.full((8, 8, 3), number, np.uint8))
        images.append(LabelledImage(path, (), "s", path.stem, frozenset()))
    images[4].path.write_bytes(b"broken")

    got = spread(images, 3)

    assert [int(p[0, 0, 0]) for p in got] == [0, 8]


def test_an_engine_gives_boxes_in_picture_pixels() -> None:
    detector = EngineDetector(network(), ("car", "bus"), model_id="x", long_side_px=640)

    # 160 x 90 is enlarged to 512 x 288 = a scale of 3.2.
    found = detector.detect(Frame(0, 0.0, 0.0, PICTURE, "p.jpg"))

    assert found.xyxy[0] == pytest.approx([25, 15.625, 37.5, 21.875])
    assert found.category(0) == "car"


def test_costs_are_ratios_to_fp32_of_the_same_rounds() -> None:
    def slow(blob: Floats) -> Floats:
        for _ in range(40):
            blob = np.sqrt(blob)
        return blob

    costs = compare_costs(
        {"onnxruntime fp32": slow, "other": lambda blob: blob},
        PICTURE,
        shape=(384, 640),
        threads=1,
        rounds=4,
    )

    assert costs["onnxruntime fp32"].ratio == 1
    assert costs["other"].ratio > 2


def test_an_unknown_precision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="precision must be one of"):
        open_engine("fp7", tmp_path / "n.onnx", threads=1, pictures=[], folder=tmp_path)


def test_the_table_leaves_out_what_was_not_measured(tmp_path: Path) -> None:
    same = parity_on(network(faint=True), network(faint=True), [PICTURE])
    row = PrecisionRow("onnxruntime fp32", None, same)
    onnx_file = tmp_path / "n.onnx"
    onnx_file.write_bytes(b"n")

    write_rows([row], tmp_path / "out" / "precision.json", onnx_file=onnx_file)

    assert table_lines([row])[2] == "| onnxruntime fp32 |  | 0 /  |  |"
    assert '"parity": null' in (tmp_path / "out" / "precision.json").read_text()
