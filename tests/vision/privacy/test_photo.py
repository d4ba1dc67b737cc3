"""One photo, masked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import PngImagePlugin

from vision.detect import FakeBox, FakeDetector
from vision.errors import FootageError, NotFoundError, OutputError
from vision.privacy import is_photo, mask_file, mask_photo
from vision.types import Detections, Frame, Image

FACE = (20, 40, 60, 90)
DETECTOR = FakeDetector(("face",), {0: [FakeBox("face", FACE)]})


def striped(height: int = 120, width: int = 160) -> Image:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, ::2] = 255
    return image


def contrast(image: Image, box: tuple[int, int, int, int]) -> float:
    x1, y1, x2, y2 = box
    part = image[y1:y2, x1:x2].astype(int)
    return float(np.abs(part[:, 1:] - part[:, :-1]).mean())


def read(path: Path) -> Image:
    return np.asarray(Pillow.open(path).convert("RGB"))[:, :, ::-1]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".JPG"])
def test_the_face_is_gone_and_the_rest_is_there(tmp_path: Path, suffix: str) -> None:
    path, out = tmp_path / "a.png", tmp_path / f"out{suffix}"
    Pillow.fromarray(striped()).save(path)

    masked = mask_photo(path, out, detector=DETECTOR)

    image = read(out)
    assert (masked.frames, masked.regions, masked.failure) == (1, 1, None)
    assert image.shape == (120, 160, 3)
    assert contrast(image, FACE) < 20
    assert contrast(image, (90, 0, 160, 120)) > 200


def test_the_picture_stands_upright_and_says_nothing_else(tmp_path: Path) -> None:
    # Orientation 6: stored turned by a quarter; upright it is 90 wide, 120 high.
    upright = np.full((120, 90, 3), 200, np.uint8)
    upright[:20, :20] = 0  # a dark corner, top left
    stored = Pillow.fromarray(np.rot90(upright).copy())
    exif = Pillow.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera of Mr. Li"
    exif.get_ifd(0x8825)[2] = (34.0, 1.0, 2.0)
    path, out = tmp_path / "a.jpg", tmp_path / "out.jpg"
    stored.save(path, exif=exif, comment=b"taken by Mr. Li", quality=95)
    frames: list[Frame] = []

    class Watcher:
        def detect(self, frame: Frame) -> Detections:
            frames.append(frame)
            return FakeDetector(("face",), {}).detect(frame)

    mask_photo(path, out, detector=Watcher())

    with Pillow.open(out) as picture:
        assert picture.size == (90, 120)
        assert not dict(picture.getexif())
        assert "comment" not in picture.info
    assert b"Mr. Li" not in out.read_bytes()
    assert frames[0].image[5:15, 5:15].max() < 60
    assert read(out)[5:15, 5:15].max() < 60
    assert read(out)[5:15, 75:85].min() > 150


def test_texts_of_a_png_are_left_out(tmp_path: Path) -> None:
    path, out = tmp_path / "a.png", tmp_path / "out.png"
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Mr. Li")
    Pillow.fromarray(striped()).save(path, pnginfo=texts)

    mask_photo(path, out, detector=DETECTOR)

    assert b"Mr. Li" not in out.read_bytes()


def test_what_a_second_finder_sees_is_masked_as_well(tmp_path: Path) -> None:
    path, out = tmp_path / "a.png", tmp_path / "out.png"
    Pillow.fromarray(striped()).save(path)
    other = FakeDetector(("face",), {0: [FakeBox("face", (100, 20, 140, 60))]})

    masked = mask_photo(path, out, detector=DETECTOR, also=(other,))

    assert masked.regions == 2
    assert contrast(read(out), (100, 20, 140, 60)) < 20


def test_the_original_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Pillow.fromarray(striped()).save(path)
    before = path.read_bytes()
    link = tmp_path / "link.png"
    link.symlink_to(path)

    for out in (path, link, tmp_path / "." / "a.png"):
        with pytest.raises(OutputError, match="is the original"):
            mask_photo(path, out, detector=DETECTOR)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("nowhere/out.jpg", "its folder does not exist", id="no folder"),
        pytest.param("out.docx", "its name must end in .jpg", id="suffix"),
        pytest.param("folder.jpg", "it is a folder", id="folder"),
        pytest.param("x" * 300 + ".jpg", "cannot be written", id="name too long"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused(
    tmp_path: Path, name: str, message: str
) -> None:
    path = tmp_path / "a.png"
    Pillow.fromarray(striped()).save(path)
    (tmp_path / "folder.jpg").mkdir()

    with pytest.raises(OutputError, match=message):
        mask_photo(path, tmp_path / name, detector=DETECTOR)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "folder.jpg"]


def test_damaged_and_missing_photos_are_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jpg"
    Pillow.fromarray(striped()).save(whole)
    for name, data in {
        "empty.jpg": b"",
        "text.jpg": b"hello",
        "half.jpg": whole.read_bytes()[:900],
    }.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FootageError, match=f"{name} in .* is not a photo"):
            mask_file(tmp_path / name, tmp_path / "out.jpg", detector=DETECTOR)
    with pytest.raises(NotFoundError, match="there is no file"):
        mask_file(tmp_path / "no.jpg", tmp_path / "out.jpg", detector=DETECTOR)
    assert not (tmp_path / "out.jpg").exists()


def test_photos_are_known_by_their_content(tmp_path: Path) -> None:
    Pillow.fromarray(striped()).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.mp4")
    (tmp_path / "b.jpg").write_bytes(b"no picture")

    assert is_photo(tmp_path / "a.mp4")
    assert not is_photo(tmp_path / "b.jpg")
    assert not is_photo(tmp_path / "none.jpg")
