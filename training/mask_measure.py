"""Measure what the mask of a published model hides, for the verb and for the card."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from training.evaluate import open_eye, see
from training.evaluate.masking import LEAST_PX, SIZES_PX, MaskReport, mask_reports
from training.evaluate.seen import Kind, Seen
from training.looked import read_private, with_private
from training.pixels import read_pixels
from training.types import LabelledImage, Part
from training.unmeasured import unmeasured_card
from training.workspace import Workspace
from vision.catalogue import list_layouts, load_card
from vision.detect.onnx import confidence_floors
from vision.privacy import Region, head_regions
from vision.scene import OnnxLayout, load_layout

ALONE = ""
"""Label of the reports without a layout network."""
NAMES = {"face": "faces", "licence_plate": "plates"}


def measure_mask(
    workspace: Workspace, model_id: str, parts: Mapping[Part, Sequence[LabelledImage]]
) -> dict[str, dict[Kind, MaskReport]]:
    """Return the reports by layout network, `ALONE` first; of `val` and `test`.

    Real photos count by the faces and plates that a person saw in them.

    Raises:
        NotFoundError: there is no such model.
    """
    card = load_card(model_id, workspace.models)
    floors = dict(zip(card.names, confidence_floors(card, None).tolist(), strict=True))
    bare = unmeasured_card(
        card.folder / card.file,
        card.names,
        network=model_id,
        long_side_px=card.long_side_px,
    )
    eye = open_eye(bare, str(card.long_side_px), memory=workspace.build / "looks")
    pictures = with_private(
        [*parts["val"], *parts["test"]],
        read_private(workspace.datasets / "looked-private.toml"),
        street=workspace.shared / "data" / "street",
    )
    seen = see(eye, pictures)
    found = {ALONE: mask_reports(seen, floors)}
    for layout in list_layouts(workspace.models):
        reader = load_layout(layout, device="cpu")

        def heads(one: Seen, reader: OnnxLayout = reader) -> list[Region]:
            pixels = read_pixels(one.image)
            people = reader.read(pixels).people()
            return head_regions(people, pixels.shape)

        found[layout.id] = mask_reports(seen, floors, heads=heads)
    return found


def mask_limits(reports: Mapping[str, Mapping[Kind, MaskReport]]) -> Iterator[str]:
    """Yield a sentence for the card of every kind of pictures and layout network."""
    for layout, kinds in reports.items():
        beside = f" with {layout}" if layout else ""
        for kind, report in kinds.items():
            parts = [part for name in NAMES for part in _part(name, report)]
            if parts:
                yield (
                    f"Masked{beside}, nine tenths of the area, {kind} val and test: "
                    f"{'; '.join(parts)}; {report.area_share:.1%} of a picture; "
                    f"problems hidden {report.evidence.count} of {report.evidence.of}."
                )


def _part(name: str, report: MaskReport) -> Iterator[str]:
    share = report.recall[name]
    if share.interval is None:
        return
    low, high = share.interval
    sizes = [
        f"{bottom:.0f} px {one.count}/{one.of}"
        for (bottom, _), one in zip(
            itertools.pairwise(SIZES_PX), report.by_size[name], strict=True
        )
        if one.of
    ]
    yield (
        f"{NAMES[name]} from {LEAST_PX[name]:.0f} px {share.count} of {share.of} "
        f"[{low:.2f}, {high:.2f}] (by height from {', '.join(sizes)})"
    )
