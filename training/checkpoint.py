"""Checkpoints that are whole or not there: a full disk never costs the last one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vision.errors import OutputError


class SafeCheckpoints:
    """Comes before the trainer among a class's bases and guards what it writes.

    Attributes:
        last: the newest checkpoint, as the trainer names it.
        best: written by the trainer too; here it is the newest one as well.
        csv: the run's table, one line an epoch.
        epoch: 0-based number of the epoch that has ended.
    """

    last: Path
    best: Path
    csv: Path
    epoch: int

    def save_model(self) -> bool:
        """Write the checkpoint beside the last one, then put it in its place.

        Raises:
            OutputError: the disk is full or gone; the last checkpoint is as it was.
        """
        final = self.last
        part = final.with_suffix(".part")
        self.last = self.best = part
        try:
            super().save_model()  # type: ignore[misc]
            part.replace(final)
        except OSError as error:
            raise self._cannot_write(final.parent, error) from error
        finally:
            part.unlink(missing_ok=True)
            self.last = self.best = final
        return True

    def save_metrics(self, metrics: Any) -> None:
        """Append a line to the run's table.

        Raises:
            OutputError: the disk is full or gone.
        """
        try:
            super().save_metrics(metrics)  # type: ignore[misc]
        except OSError as error:
            raise self._cannot_write(self.csv.parent, error) from error

    def _cannot_write(self, folder: Path, error: OSError) -> OutputError:
        return OutputError(
            f"epoch {self.epoch + 1} cannot be saved in {folder} ({error.strerror}); "
            "make room and run `liujing-train fit` again: it goes on from the last "
            "epoch that was saved"
        )
