"""Where a program finds models/ and datasets/: told, the checkout, installed data."""

from __future__ import annotations

import site
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from vision.errors import NotFoundError

_SHARE = Path("share", "liujing")


def models_folder(folder: Path | None = None) -> Path:
    """Return the folder of model cards.

    Args:
        folder: looked at alone when given; else the checkout, then the installed data.

    Raises:
        NotFoundError: there is no such folder.
    """
    return _find("models", folder)


def datasets_folder(folder: Path | None = None) -> Path:
    """Return the folder of the taxonomy and the sample drive.

    Args:
        folder: looked at alone when given; else the checkout, then the installed data.

    Raises:
        NotFoundError: there is no such folder.
    """
    return _find("datasets", folder)


def _find(name: str, folder: Path | None) -> Path:
    if folder is not None:
        if folder.is_dir():
            return folder
        msg = f"there is no folder {folder}; name the folder that holds {name}"
        raise NotFoundError(msg)
    for root in _roots():
        if (root / name).is_dir():
            return root / name
    msg = (
        f"the folder {name} is not installed; install Liujing again or name the folder"
    )
    raise NotFoundError(msg)


def _roots() -> Iterator[Path]:
    beside = Path(__file__).resolve().parents[1]
    # A foreign package named `datasets` may lie beside us; only a checkout has this.
    if (beside / "datasets" / "taxonomy.toml").is_file():
        yield beside
    yield Path(sysconfig.get_path("data")) / _SHARE
    yield Path(site.getuserbase()) / _SHARE
    yield beside / _SHARE  # pip install --target
