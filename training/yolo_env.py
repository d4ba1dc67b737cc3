"""The only door to ultralytics: its surroundings are pinned before it is imported.

ultralytics looks up names, writes settings and may install packages at import; this
keeps it offline, in a folder of ours, on both cores.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from vision.errors import NotFoundError

THREADS = 2


def pin_environment(config_dir: Path | None = None) -> None:
    """Keep ultralytics offline and its settings in `config_dir`."""
    folder = config_dir or Path(gettempdir()) / "liujing-yolo"
    os.environ["YOLO_OFFLINE"] = "1"
    os.environ["YOLO_AUTOINSTALL"] = "0"
    os.environ.setdefault("YOLO_CONFIG_DIR", str(folder))
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def import_ultralytics() -> Any:
    """Return the module `ultralytics`, offline, with both cores in use.

    Raises:
        NotFoundError: it is not installed.
    """
    pin_environment()
    try:
        import torch  # noqa: PLC0415
        import ultralytics  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"{error.name} is not installed; install Liujing with its extra `train`"
        raise NotFoundError(msg) from error

    torch.set_num_threads(THREADS)
    return ultralytics


def load_yolo(weights: Path) -> Any:
    """Return the network of a `.pt` file."""
    return import_ultralytics().YOLO(str(weights))


def best_device() -> str:
    """Return where to teach: the first GPU if there is one, else the processor."""
    import_ultralytics()
    import torch  # noqa: PLC0415

    return "0" if torch.cuda.is_available() else "cpu"
