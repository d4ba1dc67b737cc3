"""Print what the trainer would be taught of four marked frames, as JSON.

Run in the environment of training: `python tests/e2e/show_windows.py FOLDER MOSAIC`
writes frames and labels below FOLDER. Each row is a box and the bounds of the red that
it lies on, xyxy pixels of the input.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.windows import teach_windows
from training.yolo_env import import_ultralytics, pin_environment

INPUT_PX = 128
RED = (0, 0, 255)
ROUNDS = 8
MARGIN_PX = 3


def draw_frames(folder: Path) -> None:
    """Write four frames of 320 by 240, each with one red bar of 32 by 16."""
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    for row in range(4):
        picture = np.full((240, 320, 3), 90, np.uint8)
        x, y = 40 + 60 * row, 100 + 20 * row
        cv2.rectangle(picture, (x, y), (x + 31, y + 15), RED, -1)
        cv2.imwrite(str(folder / "images" / f"{row}.png"), picture)
        line = f"0 {(x + 16) / 320} {(y + 8) / 240} {32 / 320} {16 / 240}\n"
        (folder / "labels" / f"{row}.txt").write_text(line, encoding="utf-8")


def dataset_of(folder: Path, settings: Any) -> Any:
    """Return the trainer's dataset, which shows windows."""
    from ultralytics.data.dataset import YOLODataset  # noqa: PLC0415

    dataset = YOLODataset(
        img_path=str(folder / "images"),
        imgsz=INPUT_PX,
        batch_size=4,
        augment=True,
        hyp=settings,
        cache=None,
        data={"names": {0: "litter"}, "nc": 1, "channels": 3},
        task="detect",
    )
    teach_windows(dataset, 320)
    dataset.cache = "ram"
    dataset.cache_images()
    return dataset


def pairs(example: dict[str, Any]) -> Iterator[tuple[list[float], list[float]]]:
    """Yield each box, and the bounds of the red within it and just around it."""
    picture = example["img"].numpy()
    red = (picture.max(0) - picture.min(0)) > 80
    for x, y, w, h in example["bboxes"].numpy() * INPUT_PX:
        box = np.array([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
        near = box + MARGIN_PX * np.array([-1, -1, 1, 1])
        left, top, right, bottom = near.clip(0, INPUT_PX).round().astype(int)
        rows, columns = np.nonzero(red[top:bottom, left:right])
        low = [int(columns.min()) + left, int(rows.min()) + top]
        high = [int(columns.max()) + left + 1, int(rows.max()) + top + 1]
        yield box.tolist(), [float(v) for v in (*low, *high)]


def main(folder: Path, mosaic: float) -> None:
    """Print the pairs of all examples, and of those after the mosaics are over."""
    pin_environment(folder)
    import_ultralytics()
    from ultralytics.cfg import get_cfg  # noqa: PLC0415

    random.seed(3)
    plain = {"hsv_h": 0.0, "hsv_s": 0.0, "hsv_v": 0.0, "translate": 0.1}
    settings = get_cfg(overrides={**plain, "mosaic": mosaic, "scale": (0.9, 1.1)})
    draw_frames(folder)
    dataset = dataset_of(folder, settings)
    rows = [p for _ in range(ROUNDS) for row in range(4) for p in pairs(dataset[row])]
    dataset.close_mosaic(settings)
    calm = [p for row in range(4) for p in pairs(dataset[row])]
    sys.stdout.write("\n" + json.dumps({"rows": rows, "calm": calm}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
