"""YOLO-World and YOLOE as open-vocabulary detectors; their weights come from the user.

Prompts become numbers by a text encoder, which lies in a file of its own. A network
that was saved with its prompts already embedded needs none.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from training.yolo_env import import_ultralytics
from vision.detect.decode import Boxes
from vision.errors import InputError, NotFoundError
from vision.types import Image

LONG_SIDE_PX = 960
ENCODER = {"world": "ViT-B-32.pt", "yoloe": "mobileclip_blt.ts"}


def open_network(
    weights: Path, *, text_encoder: Path | None = None, long_side_px: int = LONG_SIDE_PX
) -> UltralyticsVocabulary:
    """Load a YOLO-World or YOLOE checkpoint; nothing is downloaded.

    Args:
        weights: the `.pt` file.
        text_encoder: `ViT-B-32.pt` for YOLO-World, `mobileclip_blt.ts` or
            `mobileclip2_b.ts` for YOLOE; None if the prompts are embedded already.
        long_side_px: longer side of the input.

    Raises:
        NotFoundError: a file is missing, or ultralytics is not installed.
        InputError: the checkpoint is no open-vocabulary network.
    """
    for path in (weights, text_encoder):
        if path is not None and not path.is_file():
            msg = f"{path} is missing; give the path of the file"
            raise NotFoundError(msg)
    ultralytics = import_ultralytics()
    try:
        plain = ultralytics.YOLO(str(weights))
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        msg = f"{weights} cannot be loaded as a network: {error}"
        raise InputError(msg) from error
    kind = type(plain.model).__name__
    if kind == "WorldModel":
        network = ultralytics.YOLOWorld(str(weights))
        return UltralyticsVocabulary(network, "world", text_encoder, long_side_px)
    if kind in {"YOLOEModel", "YOLOESegModel"}:
        network = ultralytics.YOLOE(str(weights))
        return UltralyticsVocabulary(network, "yoloe", text_encoder, long_side_px)
    msg = f"{weights} is a {kind}, not a YOLO-World or YOLOE network; give one of those"
    raise InputError(msg)


class UltralyticsVocabulary:
    """One of the two networks; satisfies `OpenVocabulary`.

    Args:
        network: of ultralytics.
        kind: `world` or `yoloe`.
        text_encoder: its file, or None.
        long_side_px: longer side of the input.
    """

    def __init__(
        self, network: Any, kind: str, text_encoder: Path | None, long_side_px: int
    ) -> None:
        self._network = network
        self._kind = kind
        self._text_encoder = text_encoder
        self._long_side_px = long_side_px
        self._own_names = [str(n) for n in dict(network.names).values()]
        self._own = _embedded(network.model, kind)

    @property
    def name(self) -> str:
        """Name of the checkpoint's file."""
        return Path(str(self._network.ckpt_path)).stem

    def ask(self, prompts: Sequence[str]) -> None:
        """Look for these from now on.

        Raises:
            NotFoundError: the prompts are not embedded and no text encoder is there.
        """
        words = list(prompts)
        embeddings = self._embed(words)
        model = self._network.model
        if self._kind == "yoloe":
            model.set_classes(words, embeddings)
        else:
            model.txt_feats = embeddings
            model.model[-1].nc = len(words)
            model.names = dict(enumerate(words))
        self._network.predictor = None

    def look(self, image: Image, *, floor: float) -> Boxes:
        """Return boxes in pixels of a BGR picture; class ids are prompts' numbers."""
        side = int(np.ceil(min(max(image.shape[:2]), self._long_side_px) / 32) * 32)
        result = self._network.predict(
            image, imgsz=side, conf=max(floor, 1e-6), device="cpu", verbose=False
        )[0]
        rows = result.boxes.data.cpu().numpy().astype(np.float32)
        return Boxes(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int32))

    def _embed(self, words: list[str]) -> Any:
        """Return `(1, P, D)`: one row a prompt."""
        if self._own is not None and set(words) <= set(self._own_names):
            return self._own[:, [self._own_names.index(word) for word in words]]
        model = self._network.model
        if getattr(model, "clip_model", None) is None:
            model.clip_model = self._load_encoder(words)
        return model.get_text_pe(words, cache_clip_model=True)

    def _load_encoder(self, words: Sequence[str]) -> Any:
        if self._text_encoder is None:
            wanted = ENCODER[self._kind]
            msg = (
                f"{self.name} does not hold the prompts {', '.join(words)}; give its "
                f"text encoder ({wanted}), which Liujing never downloads"
            )
            raise NotFoundError(msg)
        if find_spec("clip") is None:
            msg = (
                "the Python package clip (its tokenizer) is not installed; "
                "install it to turn prompts into numbers"
            )
            raise NotFoundError(msg)
        from ultralytics.nn import text_model  # noqa: PLC0415

        encoder = text_model.CLIP if self._kind == "world" else None
        if encoder is not None:
            return encoder(str(self._text_encoder), "cpu")
        return text_model.MobileCLIPTS("cpu", weight=str(self._text_encoder))


def _embedded(model: Any, kind: str) -> Any:
    """Return the prompts' numbers `(1, P, D)` that a checkpoint holds, or None."""
    if kind == "world":
        return getattr(model, "txt_feats", None)
    found = getattr(model, "pe", None)
    return None if found is None else found.float()
