"""Walk the whole cold-start path with small networks of random weights.

Weights of YOLO-World and YOLOE are not ours to ship; this shows that the path from a
checkpoint to a file of proposals works with the installed ultralytics.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.cold_start import prompts_of, propose, read_proposals, write_proposals
from training.open_vocabulary import open_network
from training.yolo_env import import_ultralytics
from vision.errors import AuditError, NotFoundError
from vision.taxonomy import load_taxonomy

CATEGORY = "stall"
LONG_SIDE_PX = 256
KINDS = {"world": "yolov8n-worldv2.yaml", "yoloe": "yoloe-v8n.yaml"}


def standin_check(folder: Path) -> None:
    """Propose stalls in two pictures with both kinds of network, offline.

    Args:
        folder: written to; made if it is not there.

    Raises:
        AuditError: a step of the path does not do what it promises.
    """
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    for number, shape in enumerate(((9, 16, 3), (16, 12, 3))):
        small = rng.integers(0, 255, shape, np.uint8)
        large = cv2.resize(small, None, fx=16, fy=16, interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(pictures / f"{number}.png"), large)
    prompts = prompts_of(CATEGORY, load_taxonomy())
    for kind in KINDS:
        weights = folder / f"standin-{kind}.pt"
        make_standin(kind, prompts, weights)
        _check_path(weights, pictures, folder / f"{kind}.json")
        _check_refusal(weights)


def make_standin(kind: str, prompts: tuple[str, ...], target: Path) -> None:
    """Save a network of random weights with embedded prompts.

    Args:
        kind: `world` or `yoloe`.
        prompts: its classes.
        target: the `.pt` file.
    """
    ultralytics = import_ultralytics()
    import torch  # noqa: PLC0415

    torch.manual_seed(3)
    vectors = torch.nn.functional.normalize(torch.randn(1, len(prompts), 512), dim=-1)
    network: Any
    if kind == "world":
        network = ultralytics.YOLOWorld(KINDS[kind])
        network.model.txt_feats = vectors
        network.model.model[-1].nc = len(prompts)
        network.model.names = dict(enumerate(prompts))
    else:
        network = ultralytics.YOLOE(KINDS[kind])
        network.model.eval()
        network.model.set_classes(list(prompts), vectors)
    network.save(str(target))


def _check_path(weights: Path, pictures: Path, target: Path) -> None:
    network = open_network(weights, long_side_px=LONG_SIDE_PX)
    made = propose(network, CATEGORY, pictures, floor=0.0)
    write_proposals(made, target)
    if read_proposals(target) != made:
        msg = f"{target} does not read back as it was written"
        raise AuditError(msg)
    if len(made.pictures) != 2 or not all(p.boxes for p in made.pictures):
        msg = f"{weights} proposed nothing in a picture of {pictures}"
        raise AuditError(msg)
    for box in (b for picture in made.pictures for b in picture.boxes):
        inside = 0 <= box.x1 < box.x2 <= 1 and 0 <= box.y1 < box.y2 <= 1
        if not inside or box.origin != f"proposed:{weights.stem}":
            msg = f"{weights} proposed {box}, which is no box of a picture"
            raise AuditError(msg)


def _check_refusal(weights: Path) -> None:
    """A prompt that is not embedded needs an encoder, and says so."""
    try:
        open_network(weights).ask(["a purple elephant"])
    except NotFoundError as error:
        if "text encoder" not in str(error):
            raise
        return
    msg = f"{weights} took a prompt that it does not hold"
    raise AuditError(msg)
