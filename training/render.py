"""Have streets rendered by the Python that carries Blender, resumably.

Blender as a module needs a Python of its own (3.11), so the renderer is another
process; it skips what is there, which makes a cut run go on.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from vision.errors import NotFoundError, OutputError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RenderJob:
    """Views to have.

    Attributes:
        out: folder to fill.
        pool: whose assets, `teach` or `test`.
        looks: close views.
        wides: views of the patrol vehicle.
        closes: views of faces and plates.
    """

    out: Path
    pool: str
    looks: int
    wides: int
    closes: int = 0


def render(job: RenderJob, blender_python: Path, *, dry_run: bool = False) -> int:
    """Render what is missing of a job and return how many pictures its folder holds.

    Progress goes to standard output.

    Raises:
        NotFoundError: there is no such Python.
        OutputError: the renderer stopped.
    """
    if not blender_python.is_file():
        msg = (
            f"{blender_python} is missing; run `make .venv-synth/.ready` or name the "
            "Python that has bpy with --blender-python"
        )
        raise NotFoundError(msg)
    command = [
        str(blender_python.absolute()),
        *("-m", "training.synth", "frames", "--out", str(job.out.absolute())),
        *("--pool", job.pool, "--looks", str(job.looks), "--wides", str(job.wides)),
        *("--closes", str(job.closes)),
    ]
    if dry_run:
        command.append("--dry-run")
    sys.stdout.flush()
    done = subprocess.run(command, check=False)  # noqa: S603
    if done.returncode not in (0, 1):
        msg = (
            f"rendering into {job.out} stopped with code {done.returncode}; see the "
            "lines above and run it again: it goes on where it stopped"
        )
        raise OutputError(msg)
    return len(list((job.out / "images").glob("*.jpg")))
