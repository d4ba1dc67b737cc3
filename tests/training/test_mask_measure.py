"""What the card says of the mask."""

from __future__ import annotations

from training.evaluate.masking import SIZES_PX, MaskReport, Share
from training.mask_measure import ALONE, mask_limits

NONE = tuple(Share(0, 0) for _ in SIZES_PX[1:])
SIX = (*NONE[:-1], Share(6, 7))


def report(faces: Share, sizes: tuple[Share, ...]) -> MaskReport:
    return MaskReport(
        recall={"face": faces, "licence_plate": Share(0, 0)},
        by_size={"face": sizes, "licence_plate": NONE},
        area_share=0.037,
        evidence=Share(6, 350),
        pictures=280,
    )


def test_the_card_says_how_many_of_how_many_and_how_sure() -> None:
    reports = {
        ALONE: {"real": report(Share(6, 7), SIX)},
        "layout@1": {"real": report(Share(7, 7), SIX)},
    }

    alone, beside = mask_limits(reports)  # type: ignore[arg-type]

    assert "faces from 16 px 6 of 7 [0.48, 0.99] (by height from 48 px 6/7)" in alone
    assert "3.7% of a picture; problems hidden 6 of 350" in alone
    assert "plates" not in alone
    assert beside.startswith("Masked with layout@1")


def test_nothing_to_mask_is_nothing_to_say() -> None:
    empty = report(Share(0, 0), NONE)

    assert list(mask_limits({ALONE: {"real": empty}})) == []
