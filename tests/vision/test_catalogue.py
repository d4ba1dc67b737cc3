"""The catalogue: folders, taxonomy, cards, files."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from vision import folders
from vision.catalogue import (
    datasets_folder,
    list_models,
    load_card,
    model_file,
    models_folder,
)
from vision.errors import AuditError, CatalogueError, NotFoundError
from vision.taxonomy import load_taxonomy

WEIGHTS = b"weights of a network"

CARD = f"""
id = "street@1"
task = "detect"
file = "street@1.onnx"
sha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}"
license = "AGPL-3.0-or-later"
trained_at = "2026-01-31T12:00:00Z"
code_version = "8f559b7"
summary = "Street problems seen from a vehicle."
names = ["litter", "face"]
limits = ["It does not see at night."]

[input]
long_side_px = 640
stride = 32
resize = "letterbox"
colour = "rgb"
range = [0, 1]

[output]
kind = "yolo"

[operating.litter]
confidence = 0.30
real = {{ precision = 0.71, recall = 0.52 }}

[operating.face]
confidence = 0.36

[calibration.litter]
slope = 0.9
intercept = -0.2

[measured.litter]
real = {{ ap50 = 0.41, instances = 212 }}
rendered = {{ ap50 = 0.55, instances = 540 }}

[[data]]
name = "litter_kerb"
license = "CC-BY-4.0"
images = 60
role = "train"
kind = "real"
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "street@1.toml").write_text(CARD, "utf-8")
    (tmp_path / "street@1.onnx").write_bytes(WEIGHTS)
    return tmp_path


def one_sentence(error: AuditError) -> bool:
    return "\n" not in str(error) and ". " not in str(error)


def test_a_card_says_everything_that_its_file_says(models: Path) -> None:
    card = load_card("street@1", models)

    assert card.names == ("litter", "face")
    assert (card.long_side_px, card.stride, card.output_kind) == (640, 32, "yolo")
    assert card.operating["litter"].confidence == 0.30
    assert card.operating["litter"].real is not None
    assert card.operating["litter"].real.recall == 0.52
    assert card.operating["litter"].rendered is None
    assert card.calibration["litter"].intercept == -0.2
    assert card.measured["litter"].rendered is not None
    assert card.measured["litter"].rendered.instances == 540
    assert "face" not in card.measured
    assert card.data[0].license == "CC-BY-4.0"
    assert card.folder == models


def test_privacy_sees_from_half_the_confidence_unless_told(models: Path) -> None:
    usual = load_card("street@1", models).operating

    assert usual["litter"].mask_confidence is None
    assert usual["face"].mask_confidence == pytest.approx(0.18)

    text = CARD.replace(
        "confidence = 0.36", "confidence = 0.36\nmask_confidence = 0.05"
    )
    (models / "street@1.toml").write_text(text, "utf-8")
    assert load_card("street@1", models).operating["face"].mask_confidence == 0.05


def test_models_are_listed_by_id(models: Path) -> None:
    other = CARD.replace('"street@1"', '"alley@2"')
    (models / "alley@2.toml").write_text(other, "utf-8")

    assert [card.id for card in list_models(models)] == ["alley@2", "street@1"]


def test_an_empty_catalogue_lists_nothing(tmp_path: Path) -> None:
    assert list_models(tmp_path) == ()


def test_an_unknown_model_names_the_installed_ones(models: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no model road@9.*installed: street@1$"):
        load_card("road@9", models)


def test_the_file_is_given_after_its_checksum_agrees(models: Path) -> None:
    path = model_file(load_card("street@1", models))

    assert path == models / "street@1.onnx"


def test_a_changed_file_is_refused_in_one_sentence(models: Path) -> None:
    (models / "street@1.onnx").write_bytes(WEIGHTS[:-1] + b"X")

    with pytest.raises(CatalogueError, match=r"street@1.onnx .* is damaged") as caught:
        model_file(load_card("street@1", models))
    assert one_sentence(caught.value)


def test_a_missing_file_is_refused_in_one_sentence(models: Path) -> None:
    (models / "street@1.onnx").unlink()

    with pytest.raises(CatalogueError, match="cannot be read") as caught:
        model_file(load_card("street@1", models))
    assert one_sentence(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param('id = "street@1"', "id = ", "is not TOML", id="no TOML"),
        pytest.param('id = "street@1"', "", "the key id is missing", id="no id"),
        pytest.param('"street@1"', '"street"', "must be name@version", id="no version"),
        pytest.param('"street@1"', '"road@1"', "the name of the file", id="other id"),
        pytest.param('"detect"', '"paint"', "task must be one of detect", id="task"),
        pytest.param('"litter", "face"', '"litter", "cat"', "class cat", id="unknown"),
        pytest.param(
            '"litter", "face"',
            '"litter", "parking_bike"',
            "class parking_bike",
            id="derived classes are never predicted",
        ),
        pytest.param('"face"]', '"face", "litter"]', "stands twice", id="twice"),
        pytest.param(
            '"face"]', '"face", "car"]', r"\[operating.car\] is missing", id="no floor"
        ),
        pytest.param("0.30", "30", r"confidence must be in \[0, 1\]", id="percent"),
        pytest.param("0.30", "true", "confidence must be a number", id="bool"),
        pytest.param('"yolo"', '"xyz"', "kind must be one of yolo, nms", id="kind"),
        pytest.param('"rgb"', '"bgr"', "colour must be 'rgb'", id="colour"),
        pytest.param(
            "slope",
            "slop",
            r"street@1.toml \[calibration.litter\]: the key slope is missing",
            id="slip",
        ),
        pytest.param("slope = 0.9", "slope = 5e4", r"in \[0, 100\]", id="wild fit"),
        pytest.param("[measured.litter]", "[measured.car]", "key car", id="foreign"),
        pytest.param(
            "[calibration.litter]",
            "[calibrations.litter]",
            "unknown key calibrations",
            id="unknown table",
        ),
        pytest.param(
            "images = 60", "images = 6.5", "a whole number", id="half a photo"
        ),
        pytest.param("12:00:00Z", "noon", "must be ISO 8601", id="time"),
        pytest.param("12:00:00Z", "12:00:00", "must end in Z", id="no zone"),
        pytest.param("street@1.onnx", "../x.onnx", "beside the card", id="escape"),
    ],
)
def test_a_damaged_card_is_refused_in_one_sentence(
    models: Path, old: str, new: str, message: str
) -> None:
    assert old in CARD
    (models / "street@1.toml").write_text(CARD.replace(old, new, 1), "utf-8")

    with pytest.raises(CatalogueError, match=message) as caught:
        load_card("street@1", models)
    assert one_sentence(caught.value)
    assert "street@1.toml" in str(caught.value)


def test_the_form_in_the_readme_is_the_form_that_is_read(tmp_path: Path) -> None:
    readme = (models_folder() / "README.md").read_text("utf-8")
    example = readme.split("```toml\n")[1].split("```")[0]
    example = example.replace("64 hex digits", "0" * 64)
    example = example.replace('"litter", "garbage_pile"', '"litter", "face"')
    (tmp_path / "street@1.toml").write_text(example, "utf-8")

    card = load_card("street@1", tmp_path)

    assert card.operating["face"].mask_confidence == 0.10
    assert card.data[0].note is not None


def test_every_installed_model_is_whole() -> None:
    for card in list_models():
        assert model_file(card).stat().st_size <= 15 * 2**20


def test_the_checkout_is_found_by_itself() -> None:
    root = Path(__file__).resolve().parents[2]

    assert models_folder() == root / "models"
    assert datasets_folder() == root / "datasets"


def test_a_folder_that_is_told_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no folder"):
        models_folder(tmp_path / "nowhere")


def test_installed_data_is_found_without_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = tmp_path / "prefix" / "share" / "liujing" / "models"
    share.mkdir(parents=True)
    # A foreign package `models` beside ours, as HuggingFace's `datasets` may be.
    (tmp_path / "site-packages" / "models").mkdir(parents=True)
    monkeypatch.setattr(
        folders, "__file__", str(tmp_path / "site-packages" / "vision" / "folders.py")
    )
    monkeypatch.setattr(
        folders.sysconfig, "get_path", lambda _name: str(tmp_path / "prefix")
    )

    assert models_folder() == share


def test_the_taxonomy_holds_what_the_city_is_told_about() -> None:
    taxonomy = load_taxonomy()

    assert taxonomy.category("litter").zh == "散落垃圾"
    assert taxonomy.category("poster").on == "raised"
    assert [c.id for c in taxonomy.with_role("state")] == ["manhole_ok"]
    assert [c.id for c in taxonomy.with_role("derived")] == [
        "parking_motor",
        "parking_bike",
        "fire_lane_blocked",
    ]
    assert "parking_motor" not in taxonomy.predictable
    assert {"face", "licence_plate", "person"} <= taxonomy.predictable
    assert "unicorn" not in taxonomy
    assert len(taxonomy) == len(set(taxonomy.ids)) == 23


def test_an_unknown_category_is_refused_by_name() -> None:
    with pytest.raises(CatalogueError, match="no category unicorn"):
        load_taxonomy().category("unicorn")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("version = 1", "the key category is missing", id="empty"),
        pytest.param("version = 1\ncategory = []", "array of tables", id="none"),
        pytest.param("version = 0", r"version must be in \[1", id="version"),
        pytest.param(
            'version = 1\n[[category]]\nid = "a"\nzh = "a"\nen = "a"\n'
            'role = "hero"\non = "ground"',
            "number 1: role must be one of",
            id="role",
        ),
        pytest.param(
            "version = 1\n"
            + 2
            * (
                '[[category]]\nid = "a"\nzh = "a"\nen = "a"\n'
                'role = "state"\non = "ground"\n'
            ),
            "names a twice",
            id="twice",
        ),
    ],
)
def test_a_damaged_taxonomy_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "taxonomy.toml").write_text(text, "utf-8")

    with pytest.raises(CatalogueError, match=message):
        load_taxonomy(tmp_path)


def test_a_missing_taxonomy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"taxonomy.toml cannot be read"):
        load_taxonomy(tmp_path)


def test_the_catalogue_costs_the_standard_library_only() -> None:
    code = (
        "import sys, vision.catalogue; "
        "print({'numpy', 'cv2', 'onnxruntime'} & set(sys.modules))"
    )

    out = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert out.stdout.strip() == "set()"
