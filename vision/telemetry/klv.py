"""The key-length-value form that GPMF is written in.

Source:
    GPMF introduction of the GoPro gpmf-parser project: key (4 characters), type (1),
    element size (1), repeat (2, big-endian), then data padded to 4 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_FORMS = {
    b"b": "b", b"B": "B", b"s": "h", b"S": "H", b"l": "i", b"L": "I",
    b"j": "q", b"J": "Q", b"f": "f", b"d": "d",
}  # fmt: skip
NESTED = b"\0"


@dataclass(frozen=True, slots=True)
class Klv:
    """One item: what it is, how its elements are typed, and its bytes."""

    key: bytes
    kind: bytes
    element_bytes: int
    data: bytes


def iter_klv(data: bytes) -> Iterator[Klv]:
    """Yield the items side by side in `data`; stops where it is cut off or padded."""
    at = 0
    while at + 8 <= len(data):
        key, kind, size, repeat = struct.unpack_from(">4scBH", data, at)
        length = size * repeat
        if key == bytes(4) or at + 8 + length > len(data):
            return
        yield Klv(key, kind, size, data[at + 8 : at + 8 + length])
        at += 8 + (length + 3) // 4 * 4


def numbers_of(item: Klv, complex_type: bytes = b"") -> list[tuple[float, ...]]:
    """Return the elements of an item as tuples of numbers.

    Args:
        item: of a plain numeric type, or of the complex type `?`.
        complex_type: the `TYPE` item's letters, needed for `?`.

    Returns:
        One tuple an element; empty when the type holds no numbers.
    """
    letters = complex_type if item.kind == b"?" else item.kind
    forms = [_FORMS.get(letters[i : i + 1]) for i in range(len(letters))]
    if not forms or None in forms or item.element_bytes == 0:
        return []
    form = "".join(f for f in forms if f is not None)
    width = struct.calcsize(">" + form)
    if item.element_bytes % width:
        return []
    row = ">" + form * (item.element_bytes // width)
    whole = len(item.data) // item.element_bytes * item.element_bytes
    return list(struct.iter_unpack(row, item.data[:whole]))


def build_klv(key: bytes, kind: bytes, element_bytes: int, data: bytes) -> bytes:
    """Return one item, padded; for a nested one pass `NESTED` and 1."""
    repeat = len(data) // element_bytes if element_bytes else 0
    head = struct.pack(">4scBH", key, kind, element_bytes, repeat)
    return head + data + bytes(-len(data) % 4)
