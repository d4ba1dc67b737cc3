"""Where training reads and writes; nothing here is committed but the model itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one checkout.

    Attributes:
        root: repository root.
        shared: photos and teachers, read only.
        run_name: folder of the trainer's checkpoints.
    """

    root: Path
    shared: Path
    run_name: str = "street"

    @classmethod
    def beside(cls, root: Path) -> Workspace:
        """Return the usual layout: `shared` lies beside the repository."""
        root = root.resolve()
        return cls(root=root, shared=(root / ".." / "shared").resolve())

    @property
    def datasets(self) -> Path:
        """Return the catalogue of data."""
        return self.root / "datasets"

    @property
    def models(self) -> Path:
        """Return the catalogue of models."""
        return self.root / "models"

    @property
    def build(self) -> Path:
        """Return the folder for everything that can be made again."""
        return self.root / "build" / "train"

    @property
    def pseudo(self) -> Path:
        """Return the teachers' boxes, one JSON file per picture."""
        return self.build / "pseudo"

    @property
    def assembled(self) -> Path:
        """Return the data set in the trainer's own form."""
        return self.build / "set"

    @property
    def run(self) -> Path:
        """Return the trainer's run folder."""
        return self.build / "runs" / self.run_name

    @property
    def weights(self) -> Path:
        """Return the public pretrained networks."""
        return self.shared / "weights"

    @property
    def rendered(self) -> Path:
        """Return the rendered training frames."""
        return self.root / "build" / "synth" / "train"
