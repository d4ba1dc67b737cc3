"""The pasted set: the same for a seed, honest, never across parts."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.paste.blend import Look, lay
from training.paste.covers import SHEET_PX, Sheet, paint_cover
from training.paste.layout import Layout, layout_from_rows
from training.paste.sets import paste_set, read_pasted
from training.paste.textures import paint_face
from training.paste.view import View
from training.types import Box, LabelledImage
from vision.errors import FormError, InputError

CATEGORIES = ("car", "manhole_ok", "manhole_damaged", "manhole_missing", "poster")
HEIGHT, WIDTH, HORIZON = 420, 420, 202


def street(folder: Path, name: str = "a__front") -> LabelledImage:
    """Write a grey road below a pale wall; a car is boxed on the right."""
    pixels = np.full((HEIGHT, WIDTH, 3), 190, np.uint8)
    pixels[HORIZON + 10 :] = 110
    noise = np.random.default_rng(0).normal(0, 4, pixels.shape)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    cv2.imwrite(str(path), np.clip(pixels + noise, 0, 255).astype(np.uint8))
    return LabelledImage(
        path=path,
        boxes=(Box("car", 0.6, 0.4, 1.0, 0.9, 0.7),),
        source="panoramax_unlabelled",
        scene=f"street/{name}",
        known=frozenset({"car", "manhole_missing"}),
    )


def layout(_: LabelledImage) -> Layout:
    rows = np.full((HEIGHT, WIDTH), 2, np.uint8)
    rows[HORIZON + 10 :] = 0
    return layout_from_rows(rows, rows.shape)


def run(image: LabelledImage, out: Path, *, count: int = 3) -> None:
    paste_set(
        [image], out, count=count, seed=3, categories=CATEGORIES, find_layout=layout
    )


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    image = street(tmp_path / "in")

    run(image, tmp_path / "one")
    run(image, tmp_path / "two")

    files = sorted(p for p in (tmp_path / "one").rglob("*") if p.is_file())
    assert len(files) == 1 + 3 * 3
    for path in files:
        twin = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == twin.read_bytes()


def test_a_cut_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    image = street(tmp_path / "in")
    run(image, tmp_path / "whole")
    run(image, tmp_path / "cut")
    (tmp_path / "cut/meta/p3_00001.json").unlink()
    (tmp_path / "cut/images/p3_00001.jpg").write_bytes(b"half")
    kept = (tmp_path / "cut/images/p3_00000.jpg").stat().st_mtime_ns

    run(image, tmp_path / "cut")

    again = (tmp_path / "cut/images/p3_00001.jpg").read_bytes()
    assert again == (tmp_path / "whole/images/p3_00001.jpg").read_bytes()
    assert (tmp_path / "cut/images/p3_00000.jpg").stat().st_mtime_ns == kept


def test_a_pasted_picture_keeps_scene_boxes_and_knowledge(tmp_path: Path) -> None:
    image = street(tmp_path / "in")
    run(image, tmp_path / "out")

    read = read_pasted(tmp_path / "out", [image])

    assert len(read) == 3
    for pasted in read:
        assert pasted.scene == image.scene
        assert pasted.known == image.known
        assert pasted.boxes[0] == image.boxes[0]
        assert len(pasted.boxes) > 1


def test_nothing_is_pasted_over_a_labelled_box_or_off_its_surface(
    tmp_path: Path,
) -> None:
    image = street(tmp_path / "in")
    run(image, tmp_path / "out", count=8)

    for pasted in read_pasted(tmp_path / "out", [image]):
        for box in pasted.boxes[1:]:
            assert box.x2 <= 0.6 or box.y1 >= 0.9 or box.y2 <= 0.4
            if box.category.startswith("manhole"):
                assert box.y1 * HEIGHT > HORIZON + 10
            else:
                assert box.y2 * HEIGHT < HORIZON + 12


def test_a_photo_that_left_the_train_part_takes_its_pictures_along(
    tmp_path: Path,
) -> None:
    image, other = street(tmp_path / "in"), street(tmp_path / "in", "b__front")
    run(image, tmp_path / "out")

    assert read_pasted(tmp_path / "out", [other]) == ()


def test_a_damaged_meta_file_is_named(tmp_path: Path) -> None:
    image = street(tmp_path / "in")
    run(image, tmp_path / "out", count=1)
    (tmp_path / "out/meta/p3_00000.json").write_text(json.dumps({"scene": "x"}))

    with pytest.raises(FormError, match=r"p3_00000\.json is damaged"):
        read_pasted(tmp_path / "out", [image])


def test_no_photo_to_paste_into_is_told_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match="none of the 0 photos"):
        paste_set(
            [],
            tmp_path / "out",
            count=1,
            seed=1,
            categories=CATEGORIES,
            find_layout=layout,
        )

    assert not (tmp_path / "out").exists()


def test_a_cover_has_the_ellipse_that_the_camera_would_see() -> None:
    # f = 210 px, 2 m high, 8 m ahead: 0.8 m are 21 px wide; the near edge is
    # 420/7.6 = 55.26 px, the far one 420/8.4 = 50 px below the horizon.
    view = View(210, 210, 200, 2.0, 420, (0, 0))

    quad = view.ground_quad(0.0, 8.0, 0.8)

    assert quad[0, 1] == pytest.approx(250.0, abs=0.01)
    assert quad[2, 1] == pytest.approx(255.26, abs=0.01)
    assert quad[:, 0].mean() == pytest.approx(210.0, abs=0.01)
    assert quad[2, 0] - quad[3, 0] == pytest.approx(210 * 0.8 / 7.6, abs=0.01)


def test_a_hole_is_darker_than_the_cover_that_closed_it() -> None:
    face = paint_face(np.random.default_rng(1))
    middle = slice(SHEET_PX // 2 - 40, SHEET_PX // 2 + 40)

    closed = paint_cover("ok", face, np.random.default_rng(2), flatness=3, cover_m=0.7)
    missing = paint_cover(
        "missing", face, np.random.default_rng(2), flatness=3, cover_m=0.7
    )

    assert missing.depth[middle, middle].min() == 1
    assert closed.depth.max() == 0
    dark = missing.colours[middle, middle].mean()
    assert dark < 0.6 * closed.colours[middle, middle].mean()


def test_pixels_far_from_the_paste_stay_untouched() -> None:
    photo = np.full((200, 200, 3), 120, np.uint8)
    sheet = Sheet(
        np.full((64, 64, 3), 0.9, np.float32),
        np.ones((64, 64), np.float32),
        np.zeros((64, 64), np.float32),
    )
    quad = np.float32([[90, 90], [110, 90], [112, 104], [88, 104]])

    out, alpha = lay(photo, sheet, quad, Look(None, 0.0, 0.0, 0.0, 0.5))

    assert (out[:60] == 120).all()
    assert (out[140:] == 120).all()
    assert alpha[95, 100] == pytest.approx(1.0, abs=0.01)
    assert out[97, 100].mean() > 140
