"""Teach the current model on with what reviewers said, and let it be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from training.assemble import assemble
from training.collect import collect_parts, load_maps
from training.dataset import write_rejected
from training.evaluate.promotion import Policy
from training.export import export_onnx
from training.fit import FitSettings, fit, note_put_back
from training.label_maps import LabelMap
from training.labels import RENDERED
from training.learned import has_all_epochs
from training.restore import restore_checkpoint
from training.reviews.data_set import write_version
from training.reviews.form import SOURCE, read_reviews
from training.reviews.frozen import FILE, Parts, freeze, read_frozen
from training.reviews.judge import Material, Taught, judge
from training.reviews.parts import Reviewed, part_reviews
from training.types import PARTS, LabelledImage, Rejected
from training.unmeasured import utc_now
from training.workspace import Workspace
from vision.card import ModelCard
from vision.catalogue import load_card, model_file
from vision.errors import FormError, NotFoundError

START, NEW = "current", "reviews"
POLICY_FILE = "promotion.toml"
RESTORE_PICTURES = 96
SETTINGS = FitSettings(
    minutes=30.0,
    kinds=("real", "rendered"),
    learning_rate=0.0003,
    mosaic=0.4,
    calm_epochs=2,
    frame_px=960,
    after=START,
    seed=11,
)
"""As the last stage of the recipe: on from the current model, windows of frames."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How reviews are to be taught, and what the new network must not lose.

    Attributes:
        frozen: folder of the frozen set; made from the old sets where it is not there.
        policy: what a fall is.
        name: of the model that is taught on, without its version.
        settings: how it is taught.
    """

    frozen: Path
    policy: Policy
    name: str = "street"
    settings: FitSettings = SETTINGS


def teach_from_reviews(
    workspace: Workspace, exports: Sequence[Path], wish: Wish
) -> Taught:
    """Teach the current model on with reviews, and judge it.

    A run that was cut goes on: the same reviews are the same version of the data.

    Args:
        workspace: the folders.
        exports: folders of `liujing review export`.
        wish: how.

    Raises:
        NotFoundError: an export, the current model or the old pictures are missing.
        FormError: an export or the frozen set is not of its form, or teaches nothing.
    """
    rejected: list[Rejected] = []
    categories, maps = load_maps(workspace)
    maps = {**maps, SOURCE: LabelMap(SOURCE, "", "", {}, frozenset(), taught=False)}
    current = load_card(wish.name, workspace.models)
    pictures = read_exports(exports, categories, rejected)
    reviewed = part_reviews(pictures, rejected)
    if not reviewed.parts["train"]:
        msg = (
            f"of {len(pictures)} reviewed pictures none is on a street that teaches; "
            "review more streets"
        )
        raise FormError(msg)
    old = old_pictures(workspace, wish.frozen, maps, rejected)
    home = workspace.base / "reviews"
    facts = [one for one, _ in pictures]
    data = write_version(home / "data", reviewed, facts, made_at=utc_now())
    runs = f"{data.id.replace('@', '-')}-{current.sha256[:8]}"
    place = replace(workspace, base=home / runs)
    assemble(
        {part: [*old[part], *reviewed.parts[part]] for part in PARTS},
        place.assembled,
        categories=categories,
        cut=frozenset({RENDERED}),
        rejected=rejected,
    )
    write_rejected(place.build / "rejected.json", rejected)
    onnx = _teach(place, wish.settings, current, categories, old["train"])
    material = Material(
        data, reviewed, old, wish.frozen, maps, wish.policy, home / "looks"
    )
    return judge(place, onnx, current, material)


def read_exports(
    folders: Sequence[Path], categories: tuple[str, ...], rejected: list[Rejected]
) -> list[Reviewed]:
    """Return the pictures of several exports; of one picture the later export's."""
    latest: dict[str, Reviewed] = {}
    for folder in folders:
        for facts, image in read_reviews(folder, categories, rejected):
            latest[facts.image] = (facts, image)
    return [latest[name] for name in sorted(latest)]


def old_pictures(
    workspace: Workspace,
    folder: Path,
    maps: Mapping[str, LabelMap],
    rejected: list[Rejected],
) -> Parts:
    """Return the frozen set; one that is not there yet is made from the old sets.

    Raises:
        NotFoundError: neither it nor the old sets are there.
    """
    if not (folder / FILE).is_file():
        if not (workspace.shared / "data" / "street").is_dir():
            msg = (
                f"there is no frozen set in {folder} and no old pictures in "
                f"{workspace.shared}, so nothing would show what a new model unlearns; "
                "bring a set that `liujing-train freeze` made"
            )
            raise NotFoundError(msg)
        freeze(collect_parts(workspace, maps), folder)
    return read_frozen(folder, rejected)


def _teach(
    place: Workspace,
    settings: FitSettings,
    current: ModelCard,
    categories: tuple[str, ...],
    old: Sequence[LabelledImage],
) -> Path:
    """Put the current model back, teach it on, and return the new network."""
    start = replace(place, run_name=START)
    checkpoint = start.run / "weights" / "last.pt"
    if not checkpoint.is_file():
        step = max(1, len(old) // RESTORE_PICTURES)
        restore_checkpoint(
            model_file(current),
            checkpoint,
            weights=place.weights,
            names=categories,
            pictures=[image.path for image in old[::step]],
            settings=settings,
        )
        note_put_back(start, settings, earlier=[0.0], published=current.file)
    new = replace(place, run_name=NEW)
    if has_all_epochs(new, settings):
        checkpoint = new.run / "weights" / "last.pt"
    else:
        checkpoint = fit(new, settings)
    return export_onnx(checkpoint, place.build / f"{NEW}.onnx", names=categories)
