"""Reviews go out to training: masked frames, boxes, and what is believed of them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from service.cli import review_export
from service.review.apply import apply_review
from service.review.base import ReviewIn
from service.review.export import export_reviews
from service.store import Store
from service.types import PlacedSighting
from tests.service.review.answered import (
    SETTINGS,
    answer,
    fill,
    finding,
    jpeg,
    shown,
)
from tests.service.store.records import NOON_S
from training.reviews.form import read_reviews
from vision.errors import InputError, NotFoundError

NOW_S = NOON_S + 86400.0


def finds(store: Store) -> list[PlacedSighting]:
    """Return a heap, a poster and litter, each in a frame of its own."""
    return [
        shown(store, 0, category="garbage_pile", offset_m=30.0, zone="pavement"),
        shown(store, 80, category="poster", offset_m=90.0, zone="wall_base"),
        shown(store, 160, category="litter", offset_m=140.0),
    ]


def say(store: Store, *answers: ReviewIn) -> None:
    for one in answers:
        apply_review(store, SETTINGS, one)


def exported(store: Store, folder: Path) -> dict[str, dict[str, Any]]:
    """Return each box by its category."""
    export_reviews(store, folder, utc_offset_h=8.0, now_s=NOW_S)
    table = json.loads((folder / "reviews.json").read_text("utf-8"))
    assert table["form"] == "liujing-reviews@1"
    return {
        f"{box['category']} {box['verdict']}": {**picture, **box}
        for picture in table["pictures"]
        for box in picture["boxes"]
    }


def test_a_reviewed_frame_goes_out_with_its_bytes_and_street(
    store: Store, tmp_path: Path
) -> None:
    fill(store, *finds(store))
    say(store, answer(finding(store, "litter"), "false"))

    boxes = exported(store, tmp_path / "out")

    (box,) = boxes.values()  # frames that nobody reviewed stay
    assert (box["category"], box["verdict"], box["drawn"]) == ("litter", "false", False)
    assert box["streets"] == ["s1"]
    assert box["day"] == "2026-09-21"
    assert box["xyxy"] == [300.0, 200.0, 340.0, 240.0]
    assert box["model"] == "street@2"
    assert (tmp_path / "out" / box["image"]).read_bytes() == jpeg(160)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["real"], {"poster real"}),
        (["permitted"], {"poster permitted"}),
        (["false", "false"], {"poster false"}),
        (["real", "false"], {"poster unclear"}),
        (["unclear"], {"poster unclear"}),
    ],
)
def test_what_reviewers_together_say_is_what_goes_out(
    store: Store, tmp_path: Path, verdicts: list[str], said: set[str]
) -> None:
    fill(store, *finds(store))
    say(
        store,
        *(
            answer(finding(store, "poster"), verdict, reviewer=f"审{number}")
            for number, verdict in enumerate(verdicts)
        ),
    )

    assert set(exported(store, tmp_path / "out")) == said


def test_a_corrected_class_is_false_as_it_seemed_and_real_as_it_is(
    store: Store, tmp_path: Path
) -> None:
    fill(store, *finds(store))
    say(store, answer(finding(store, "poster"), "real", category="graffiti"))

    boxes = exported(store, tmp_path / "out")

    assert set(boxes) == {"poster false", "graffiti real"}


def test_no_name_of_a_reviewer_leaves_and_pseudonyms_last(
    store: Store, tmp_path: Path
) -> None:
    fill(store, *finds(store))
    say(store, answer(finding(store, "litter"), "false", reviewer="王小明"))

    first = exported(store, tmp_path / "one")
    second = exported(store, tmp_path / "two")

    text = (tmp_path / "one" / "reviews.json").read_text("utf-8")
    assert "王小明" not in text
    names = {box["reviewer"] for box in (*first.values(), *second.values())}
    assert len(names) == 1
    assert names.pop().startswith("r-")


def test_nothing_reviewed_and_a_foreign_folder_are_refused(
    store: Store, tmp_path: Path
) -> None:
    fill(store, *finds(store))
    with pytest.raises(NotFoundError, match=r"nothing .* was reviewed yet"):
        exported(store, tmp_path / "out")
    say(store, answer(finding(store, "litter")))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")

    with pytest.raises(InputError, match="something else"):
        exported(store, tmp_path / "other")


def test_the_act_of_the_command_says_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(str(tmp_path / "data" / "city"))
    fill(store, *finds(store))
    say(store, answer(finding(store, "litter"), "false"))
    store.close()
    parser = argparse.ArgumentParser()
    review_export.add_acts(parser.add_subparsers())
    where = ["--into", str(tmp_path / "out"), "--data", str(tmp_path / "data")]

    options = parser.parse_args(["export", *where, "--json"])

    assert options.run(options) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"pictures": 1, "boxes": {"false": 1}}


def test_training_reads_what_the_service_wrote(store: Store, tmp_path: Path) -> None:
    fill(store, *finds(store))
    say(store, answer(finding(store, "litter"), "false"))
    exported(store, tmp_path / "out")
    rejected: list[Any] = []

    ((_, image),) = read_reviews(tmp_path / "out", ("litter",), rejected)

    assert rejected == []
    (place,) = image.absent
    assert (place.x1 * 640, place.y2 * 360) == pytest.approx((300.0, 240.0))
    assert image.boxes == image.unsure == ()


def test_what_nobody_was_asked_about_in_a_reviewed_frame_says_so(
    store: Store, tmp_path: Path
) -> None:
    one = shown(store, 5, category="poster", offset_m=90.0, zone="wall_base")
    beside = shown(store, 5, category="litter", xyxy=(10.0, 10.0, 20.0, 20.0))
    fill(store, one, beside)
    say(store, answer(finding(store, "poster"), "real"))

    assert set(exported(store, tmp_path / "out")) == {
        "poster real",
        "litter unreviewed",
    }
