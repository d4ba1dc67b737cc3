"""Pictures that somebody sent: is it a JPEG, of a sane size, and nothing besides?"""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from vision.errors import FootageError

MOST_SIDE_PX = 4096
_END = b"\xff\xd9"
_PLAIN = frozenset({"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"})
"""What Pillow tells of a JPEG without metadata."""


def refuse_no_jpeg(data: bytes, name: str) -> None:
    """Decode a picture and refuse what our own encoder does not write.

    Metadata can hold a place or a thumbnail that nobody masked, and so can bytes after
    the picture's end.

    Raises:
        FootageError: it is no JPEG, damaged, larger than 4096 px, or carries more than
            its pixels.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            if max(picture.size) > MOST_SIDE_PX:
                width_px, height_px = picture.size
                msg = f"{name} has {width_px}x{height_px} pixels; more than 4096"
                raise FootageError(msg)
            picture.load()
            more = set(picture.info) - _PLAIN
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        msg = f"{name} is no picture that can be read; send it again"
        raise FootageError(msg) from error
    if more or not data.endswith(_END):
        msg = f"{name} carries more than its pixels; send only masked pictures"
        raise FootageError(msg)
