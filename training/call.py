"""One call of `liujing-train`: where it works and what was typed."""

from __future__ import annotations

import argparse
import subprocess
from dataclasses import dataclass
from pathlib import Path

from training.recipe import Recipe
from training.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the program.

    Attributes:
        root: the checkout.
        workspace: its folders.
        recipe: how much of everything.
        args: what was typed.
    """

    root: Path
    workspace: Workspace
    recipe: Recipe
    args: argparse.Namespace

    @property
    def blender_python(self) -> Path:
        """Return the Python that has bpy."""
        named: Path | None = self.args.blender_python
        return named or self.root / ".venv-synth" / "bin" / "python"

    @property
    def code_version(self) -> str:
        """Return the checkout's commit, short; `unknown` outside git."""
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(self.root), "rev-parse", "--short", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() or "unknown"
