"""May a new model take the place of the current one? Both look at the same pictures.

The score error is points that the score of a picture is off by, over all classes that a
rule scores, each model at the operating points that it would be used with; see
`placed_error`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from service.scoring import Standard, load_standard
from training.evaluate.ap import ap50, rate_at
from training.evaluate.matching import Matches
from training.evaluate.operating import Cost, Part, deduction
from training.evaluate.run import STANDARD
from training.evaluate.seen import KINDS, Eye, see
from training.evaluate.tables import KindSeen, split_kinds
from training.label_maps import LabelMap, read_toml
from training.types import LabelledImage
from vision.errors import FormError

MASKED = ("face", "licence_plate", "person")
"""What the mask needs; asked at the confidence from which it masks."""


@dataclass(frozen=True, slots=True)
class Policy:
    """From when on a class counts as fallen.

    Attributes:
        fall_ap50: so far below the current model's AP50 lies the floor of a class.
        fall_masked_recall: likewise for the recall of what is masked.
        least_precision: so many of a class's finds must lie on one, unless fewer of the
            current model's do.
        least_instances: of fewer instances nothing is judged.
        floors: category -> AP50 on frozen real pictures, where one was set by hand.
    """

    fall_ap50: float
    fall_masked_recall: float
    least_precision: float
    least_instances: int
    floors: Mapping[str, float] = field(default_factory=dict)


def read_policy(path: Path) -> Policy:
    """Return the policy of a TOML file.

    Raises:
        NotFoundError: there is no such file.
        FormError: a key is missing, strange or out of range.
    """
    table = read_toml(path)
    table.pop("version", None)
    try:
        policy = Policy(**table)
    except TypeError as error:
        msg = f"{path.name} is no policy ({error}); see docs/training.md"
        raise FormError(msg) from error
    fractions = [policy.fall_ap50, policy.fall_masked_recall, policy.least_precision]
    fractions += policy.floors.values()
    if not all(isinstance(one, float | int) and 0 <= one <= 1 for one in fractions):
        msg = f"{path.name}: falls and floors are fractions from 0 to 1; correct them"
        raise FormError(msg)
    return policy


@dataclass(frozen=True, slots=True)
class Trial:
    """Pictures that judge.

    Attributes:
        name: `frozen`, `gold` or `reviewed`.
        images: never taught.
    """

    name: str
    images: Sequence[LabelledImage]


@dataclass(frozen=True, slots=True)
class ClassMeasure:
    """One class in one trial.

    Attributes:
        ap50: None without instances.
        instances: labelled ones.
        finds: boxes from the operating point on.
        right: those of them that are on an instance.
    """

    ap50: float | None
    instances: int
    finds: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class TrialMeasure:
    """One network in one trial.

    Attributes:
        trial: its name and kind of pictures, e.g. `frozen real`.
        pictures: how many.
        classes: by category.
        score_error: points a picture, all scored classes together.
        masked_recall: of `MASKED`, where there are instances.
    """

    trial: str
    pictures: int
    classes: Mapping[str, ClassMeasure]
    score_error: float
    masked_recall: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Use:
    """A network as it is used.

    Attributes:
        eye: looks down to low confidences.
        confidence: category -> operating point.
        mask_confidence: category -> from where it is masked.
    """

    eye: Eye
    confidence: Mapping[str, float]
    mask_confidence: Mapping[str, float]


def measure_trials(
    use: Use,
    trials: Sequence[Trial],
    maps: Mapping[str, LabelMap],
    *,
    standard: Standard | None = None,
) -> tuple[TrialMeasure, ...]:
    """Return how a network does in each trial, real and rendered pictures apart."""
    rules = standard or load_standard(STANDARD)
    out = []
    for trial in trials:
        seen = see(use.eye, trial.images)
        kinds = split_kinds(seen, maps, use.eye.detector.names)
        out += [
            _measured(f"{trial.name} {kind}", kinds[kind], use, rules)
            for kind in KINDS
            if kinds[kind].pictures
        ]
    return tuple(out)


def _measured(trial: str, part: KindSeen, use: Use, rules: Standard) -> TrialMeasure:
    classes = {
        name: _class_measure(found, use.confidence.get(name))
        for name, found in part.matches.items()
    }
    costs = {name: deduction(name, rules) for name in use.confidence}
    return TrialMeasure(
        trial=trial,
        pictures=len(part.pictures),
        classes=classes,
        score_error=sum(
            placed_error(
                Part(part.matches[name], len(part.pictures)),
                use.confidence[name],
                cost,
            )
            for name, cost in costs.items()
            if cost is not None
        ),
        masked_recall={
            name: rate_at(part.matches[name], confidence).recall
            for name, confidence in use.mask_confidence.items()
            if name in MASKED and part.matches[name].instances
        },
    )


def placed_error(part: Part, confidence: float, cost: Cost) -> float:
    """Return the points a picture that missed and false finds of a class come to.

    Unlike in `score_error` a false find does not make up for a missed one: it lies
    elsewhere, and so in another cell or on another street. Without this, boxes that all
    lie beside their things would seem to make scores better.
    """
    matches = part.matches
    above = matches.confidence >= confidence
    found, right, labelled = (
        cost(np.bincount(rows, minlength=part.pictures).astype(np.float64))
        for rows in (
            matches.picture[above],
            matches.picture[above & matches.hit],
            matches.truth_picture,
        )
    )
    return float(((labelled - right) + (found - right)).mean())


def _class_measure(found: Matches, confidence: float | None) -> ClassMeasure:
    if confidence is None:
        return ClassMeasure(ap50(found), found.instances)
    above = found.confidence >= confidence
    right = int(found.hit[above].sum())
    return ClassMeasure(ap50(found), found.instances, int(above.sum()), right)


def expected_error(measures: Sequence[TrialMeasure]) -> float:
    """Return the expected score error: the mean over the trials that decide.

    Gold decides, since its answers are known. Where there is none, kept-back reviews
    stand in for it.
    """
    names = {one.trial.partition(" ")[0] for one in measures}
    decide = ("frozen", "gold" if "gold" in names else "reviewed")
    errors = [m.score_error for m in measures if m.trial.startswith(decide)]
    return float(np.mean(errors)) if errors else float("inf")


def reasons_against(
    current: Sequence[TrialMeasure], new: Sequence[TrialMeasure], policy: Policy
) -> tuple[str, ...]:
    """Return why the new network may not be promoted, a sentence each; empty if it may.

    Args:
        current: the current network's measures.
        new: of the other one, same trials.
        policy: says what a fall is.
    """
    against: list[str] = []
    for before, after in zip(current, new, strict=True):
        if not before.trial.startswith("reviewed"):
            against += _fallen(before, after, policy)
            against += _astray(before, after, policy)
            against += _unmasked(before, after, policy)
    if not any(one.trial.startswith(("gold", "reviewed")) for one in new):
        against.append(
            "no reviewed picture was kept back and there is no gold, so nothing shows "
            "that the scores err less; review more streets"
        )
    was, would = expected_error(current), expected_error(new)
    if not would < was:
        against.append(
            f"the expected score error would not shrink: {would:.3f} points a picture, "
            f"now {was:.3f}"
        )
    return tuple(against)


def _fallen(before: TrialMeasure, after: TrialMeasure, policy: Policy) -> list[str]:
    out = []
    for name, was in before.classes.items():
        would = after.classes[name]
        if was.ap50 is None or would.ap50 is None or "+" in name:
            continue
        if was.instances < policy.least_instances:
            continue
        floor = was.ap50 - policy.fall_ap50
        if before.trial == "frozen real":
            floor = policy.floors.get(name, floor)
        if would.ap50 < floor:
            out.append(
                f"{name} would fall below its floor on {before.trial} pictures: AP50 "
                f"{would.ap50:.3f}, floor {floor:.3f}, now {was.ap50:.3f} "
                f"({was.instances} instances)"
            )
    return out


def _astray(before: TrialMeasure, after: TrialMeasure, policy: Policy) -> list[str]:
    """Name classes whose finds lie mostly where nothing is."""
    out = []
    for name, would in after.classes.items():
        was = before.classes[name]
        if would.instances < policy.least_instances or "+" in name:
            continue
        if would.finds < policy.least_instances:
            continue
        least = policy.least_precision
        if was.finds >= policy.least_instances:
            least = min(least, was.right / was.finds)
        if would.right / would.finds < least:
            out.append(
                f"of {would.finds} finds of {name} on {after.trial} pictures only "
                f"{would.right} would lie on one; at least {least:.0%} must"
            )
    return out


def _unmasked(before: TrialMeasure, after: TrialMeasure, policy: Policy) -> list[str]:
    return [
        f"fewer of the class {name} would be masked on {before.trial} pictures: "
        f"{after.masked_recall[name]:.3f}, now {was:.3f}"
        for name, was in before.masked_recall.items()
        if before.classes[name].instances >= policy.least_instances
        and after.masked_recall[name] < was - policy.fall_masked_recall
    ]
