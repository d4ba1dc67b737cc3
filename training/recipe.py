"""The whole recipe as data: how much is rendered and pasted, what is taught in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace

from training.fit import FitSettings


@dataclass(frozen=True, slots=True)
class Stage:
    """One run of the trainer, or the mean of earlier ones.

    Attributes:
        name: of the run's folder.
        settings: how it teaches; `settings.after` names the stage it goes on from.
            None for a mean.
        mean_of: stages whose weights are averaged; empty for a run.
    """

    name: str
    settings: FitSettings | None = None
    mean_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """From photos and teachers to a model.

    Attributes:
        looks: close rendered views that teach.
        wides: rendered views of the patrol vehicle that teach.
        test_looks: close views of the test streets.
        test_wides: the vehicle's views of the test streets.
        closes: rendered views of faces and plates that teach.
        test_closes: views of faces and plates of the test streets.
        pasted: photos with things pasted in.
        photos_per_set: photos taken of each set; None for all.
        stages: in order; the last one's checkpoint is exported.
        ablation: how each arm of the ablation teaches, but for its kinds of pictures.
        fold: how each fold of the cross-validation teaches, photos alone.
    """

    looks: int
    wides: int
    test_looks: int
    test_wides: int
    closes: int
    test_closes: int
    pasted: int
    photos_per_set: int | None
    stages: tuple[Stage, ...]
    ablation: FitSettings
    fold: FitSettings

    @property
    def run_minutes(self) -> list[float]:
        """Return the wall time of each run of the trainer."""
        return [s.settings.minutes for s in self.stages if s.settings is not None]

    @property
    def last_settings(self) -> FitSettings:
        """Return how the last run of the trainer teaches."""
        return [s.settings for s in self.stages if s.settings is not None][-1]

    @property
    def minutes(self) -> float:
        """Return the wall time of all runs of the trainer together."""
        return sum(self.run_minutes)

    @property
    def last(self) -> Stage:
        """Return the stage whose checkpoint becomes the model."""
        return self.stages[-1]


FIRST_PHOTOS = FitSettings(
    minutes=9.0, kinds=("real",), scale=(0.5, 1.5), calm_epochs=3
)
PHOTOS = (
    Stage("photos-a", FIRST_PHOTOS),
    Stage("photos-b", FitSettings(minutes=27.0, kinds=("real",))),
    Stage("photos", mean_of=("photos-a", "photos-b")),
)
_ALL = FitSettings(minutes=6.0, after="photos", learning_rate=0.0003, calm_epochs=2)
STREET = (
    Stage("street-a", _ALL),
    Stage("street", FitSettings(minutes=42.0, after="street-a", calm_epochs=5)),
)
"""The first is also the ablation's arm that was taught with everything."""

_ON = FitSettings(minutes=36.0, after="street", calm_epochs=4)
MORE = (
    Stage("street-b", _ON),
    Stage("street-c", replace(_ON, minutes=30.0, after="street-b", seed=7)),
    Stage("street-mean", mean_of=("street", "street-b", "street-c")),
)
"""On with more streets; the mean of start, middle and end goes on."""

_CLOSE = FitSettings(
    minutes=32.0, after="street-mean", mosaic=0.4, calm_epochs=2, frame_px=960, seed=8
)
LAST = (
    Stage("street-d", _CLOSE),
    Stage("street-last", mean_of=("street-mean", "street-d")),
)
"""On with windows of whole frames, and the mean of before and after."""

LONGER = (
    Stage(
        "street-e",
        replace(_CLOSE, minutes=46.0, after="street-last", calm_epochs=3, seed=9),
    ),
    Stage("street-all", mean_of=("street-last", "street-e", "street-e")),
)
"""On with streets full of faces and plates; before and after by 1 : 2 is what ships."""

FULL = Recipe(
    looks=880,
    wides=110,
    test_looks=120,
    test_wides=30,
    closes=320,
    test_closes=96,
    pasted=300,
    photos_per_set=None,
    stages=(*PHOTOS, *STREET, *MORE, *LAST, *LONGER),
    ablation=_ALL,
    fold=FIRST_PHOTOS,
)

_TINY_FIT = replace(
    FitSettings(),
    minutes=5.0,
    max_epochs=14,
    image_px=256,
    batch=8,
    mosaic=0.0,
    calm_epochs=0,
    learning_rate=0.001,
    scale=(0.9, 1.1),
)
TINY = Recipe(
    looks=3,
    wides=0,
    test_looks=3,
    test_wides=0,
    closes=0,
    test_closes=0,
    pasted=3,
    photos_per_set=6,
    stages=(Stage("street", _TINY_FIT),),
    ablation=replace(_TINY_FIT, max_epochs=2),
    fold=replace(_TINY_FIT, max_epochs=1, kinds=("real",)),
)
"""Runs all steps on a handful of pictures: it shows that they work, not how well."""
