"""Turn a checkpoint into the ONNX file that we ship."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from training.yolo_env import import_ultralytics
from vision.errors import NotFoundError, OutputError

logger = logging.getLogger(__name__)

OPSET = 17
MAX_BYTES = 15_000_000


def export_onnx(
    checkpoint: Path,
    target: Path,
    *,
    names: Sequence[str],
    max_bytes: int | None = MAX_BYTES,
) -> Path:
    """Write `target`: fp32, dynamic height and width, no suppression inside.

    Of the metadata only our names and the licence are kept. `max_bytes` is None for a
    network that is only compared.

    Raises:
        NotFoundError: there is no checkpoint.
        OutputError: the file is larger than a model of the catalogue may be.
    """
    if not checkpoint.is_file():
        msg = f"{checkpoint} is missing; run `liujing-train fit` first"
        raise NotFoundError(msg)
    copy = target.parent / "export" / "street.pt"
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(checkpoint, copy)
    network = import_ultralytics().YOLO(str(copy))
    made = Path(
        network.export(
            format="onnx",
            dynamic=True,
            simplify=True,
            opset=OPSET,
            nms=False,
            batch=1,
            device="cpu",
        )
    )
    _rewrite_metadata(made, target, names=names)
    size = target.stat().st_size
    if max_bytes is not None and size > max_bytes:
        msg = f"{target} has {size} bytes, more than {max_bytes}; use a smaller network"
        raise OutputError(msg)
    return target


def _rewrite_metadata(made: Path, target: Path, *, names: Sequence[str]) -> None:
    import onnx  # noqa: PLC0415

    model = onnx.load(str(made))
    del model.metadata_props[:]
    onnx.helper.set_model_props(
        model, {"names": ",".join(names), "license": "AGPL-3.0-or-later"}
    )
    model.doc_string = ""
    model.producer_name = "liujing-train"
    model.producer_version = ""
    model.graph.name = "street"
    model.graph.doc_string = ""
    batch = model.graph.input[0].type.tensor_type.shape.dim[0]
    batch.Clear()
    batch.dim_value = 1
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 lower-case hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
