"""Where training reads and writes; nothing here is committed but the model itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders of one checkout.

    Attributes:
        datasets: catalogue of data.
        shared: photos and teachers, read only.
        base: everything that can be made again goes below it.
        models: catalogue of models; what is published goes there.
        run_name: folder of the trainer's checkpoints.
        photos_per_set: take so many photos of each set, for the tiny form; None for
            all.
    """

    datasets: Path
    shared: Path
    base: Path
    models: Path
    run_name: str = "street"
    photos_per_set: int | None = None

    @classmethod
    def beside(cls, root: Path) -> Workspace:
        """Return the usual layout: `shared` lies beside the repository."""
        root = root.resolve()
        return cls(
            datasets=root / "datasets",
            shared=(root / ".." / "shared").resolve(),
            base=root / "build",
            models=root / "models",
        )

    def tiny(self, *, photos_per_set: int) -> Workspace:
        """Return the layout of the tiny form, which publishes nothing."""
        base = self.base / "tiny"
        return replace(
            self, base=base, models=base / "models", photos_per_set=photos_per_set
        )

    @property
    def build(self) -> Path:
        """Return the folder of sets, runs and measurements."""
        return self.base / "train"

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
        """Return the rendered pictures that teach."""
        return self.base / "synth" / "train"

    @property
    def rendered_test(self) -> Path:
        """Return the rendered test streets: other seeds, assets never taught."""
        return self.base / "synth" / "test"

    @property
    def pasted(self) -> Path:
        """Return the photos with things pasted in; they only teach."""
        return self.base / "paste" / "train"
