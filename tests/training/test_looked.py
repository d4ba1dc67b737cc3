from collections import Counter
from pathlib import Path

import pytest

from training.looked import (
    Looked,
    add_looked,
    read_looked,
    read_private,
    with_private,
)
from training.types import Box, LabelledImage
from vision.errors import FormError, NotFoundError

STREET = Path("street")
COVER = Box("manhole_ok", 0.1, 0.6, 0.2, 0.7)


def picture(*boxes: Box, known: frozenset[str] = frozenset()) -> LabelledImage:
    return LabelledImage(STREET / "set" / "a.jpg", boxes, "set", "s", known)


def test_the_shipped_list_is_read_with_complete_and_incomplete_looks() -> None:
    path = Path(__file__).resolve().parents[2] / "datasets" / "looked-covers.toml"

    looked = read_looked(path)

    assert {row.complete for row in looked.values()} == {True, False}
    boxes = [box for row in looked.values() for box in row.covers]
    assert boxes
    assert {(b.category, b.confidence, b.origin) for b in boxes} == {
        ("manhole_ok", 1.0, "looked")
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("looked = [", "not a TOML", id="no TOML"),
        pytest.param("[[looked]]\ncomplete = true", "row 1", id="no picture"),
        pytest.param("[[looked]]\nimage = 'a'", "complete", id="not said if complete"),
        pytest.param(
            "[[looked]]\nimage='a'\ncomplete=true\n" * 2, "row 2", id="picture twice"
        ),
        pytest.param(
            "[[looked]]\nimage='a'\ncomplete=true\ncovers=[[0.1,0.2,0.3]]",
            "fractions",
            id="three corners",
        ),
        pytest.param(
            "[[looked]]\nimage='a'\ncomplete=true\ncovers=[[10,20,30,40]]",
            "fractions",
            id="pixels",
        ),
        pytest.param(
            "[[looked]]\nimage='a'\ncomplete=true\ncovers=[[nan,0.1,0.2,0.3]]",
            "fractions",
            id="not a number",
        ),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "looked.toml"
    path.write_text(text)

    with pytest.raises(FormError, match=said):
        read_looked(path)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="looked"):
        read_looked(tmp_path / "looked.toml")


def test_a_complete_look_replaces_the_teachers_covers_and_makes_them_known() -> None:
    car = Box("car", 0.5, 0.5, 0.9, 0.9, 0.8)
    false_cover = Box("manhole_ok", 0.7, 0.7, 0.8, 0.8, 0.6)
    looked = {"set/a.jpg": Looked((COVER,), complete=True)}

    (got,) = add_looked([picture(car, false_cover)], looked, street=STREET)

    assert got.boxes == (car, COVER)
    assert got.known == {"manhole_ok"}


def test_an_incomplete_look_says_nothing_of_the_rest() -> None:
    looked = {"set/a.jpg": Looked((COVER,), complete=False)}
    image = picture(known=frozenset({"manhole_ok", "stall"}))

    (got,) = add_looked([image], looked, street=STREET)

    assert got.boxes == (COVER,)
    assert got.known == {"stall"}


def test_a_picture_nobody_looked_at_stays_as_it_is() -> None:
    image = picture(Box("manhole_ok", 0.7, 0.7, 0.8, 0.8, 0.6))

    assert add_looked([image], {}, street=STREET) == [image]
    assert add_looked([image], {}, street=Path("elsewhere")) == [image]


def test_the_shipped_faces_and_plates_are_read() -> None:
    path = Path(__file__).resolve().parents[2] / "datasets" / "looked-private.toml"

    boxes = [box for row in read_private(path).values() for box in row]

    counts = Counter(box.category for box in boxes)
    assert counts["licence_plate"] >= 40
    assert counts["face"] >= 15


def test_what_a_person_saw_replaces_the_teachers_faces_and_plates() -> None:
    car = Box("car", 0.1, 0.1, 0.5, 0.5)
    wrong = Box("licence_plate", 0.6, 0.6, 0.7, 0.7)
    right = Box("licence_plate", 0.2, 0.3, 0.3, 0.4)

    (image,) = with_private(
        [picture(car, wrong)], {"set/a.jpg": (right,)}, street=STREET
    )
    (other,) = with_private([picture(car, wrong)], {}, street=STREET)

    assert image.boxes == (car, right)
    assert {"face", "licence_plate"} <= image.known
    assert other.boxes == (car, wrong)


@pytest.mark.parametrize("corners", ["[0.1, 0.2, 0.3]", "[0.3, 0.1, 0.2, 0.4]", "3"])
def test_a_face_that_is_no_box_is_refused(tmp_path: Path, corners: str) -> None:
    path = tmp_path / "looked.toml"
    path.write_text(f"[[looked]]\nimage = 'a'\nfaces = [{corners}]\n")

    with pytest.raises(FormError, match=r"row 1 \(a\)"):
        read_private(path)
