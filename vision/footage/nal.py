"""Reads the first bytes of H.264 and H.265 units: what refers to what.

Source:
    ITU-T H.264 7.3.1, 7.4.1 (nal_ref_idc, nal_unit_type), D.1.8 (recovery point);
    ITU-T H.265 7.4.2.2, table 7-1 (sub-layer non-reference pictures), 7.3.2.2;
    ISO/IEC 14496-15 5.3.3, 8.3.3 (avcC, hvcC).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_H264_SLICES = range(1, 6)
_H264_IDR = 5
_H264_SEI = 6
_H265_SLICES = range(32)
_H265_NON_REFERENCE = frozenset(range(0, 16, 2))
_H265_IDR = frozenset({19, 20})
_H265_SPS = 33
_SEI_RECOVERY_POINT = 6


@dataclass(frozen=True, slots=True)
class NalFormat:
    """How a stream's packets are cut into units.

    Attributes:
        codec: `h264`, `hevc` or another codec, of which nothing is known.
        length_bytes: size of the length before each unit; 0 for start codes (Annex B).
        single_layer: False where H.265 pictures marked non-reference may still serve
            higher temporal layers.
    """

    codec: str
    length_bytes: int
    single_layer: bool

    @classmethod
    def of(cls, codec: str, extradata: bytes | None) -> NalFormat:
        """Read the format from the stream's codec name and extradata."""
        extra = extradata or b""
        if codec == "h264" and len(extra) > 4 and extra[0] == 1:
            return cls(codec, (extra[4] & 3) + 1, single_layer=True)
        if codec == "hevc" and len(extra) > 21 and extra[0] == 1:
            layers = (extra[21] >> 3) & 7
            return cls(codec, (extra[21] & 3) + 1, single_layer=layers == 1)
        return cls(codec, 0, single_layer=codec != "hevc" or _one_layer(extra))


def is_disposable(data: bytes, form: NalFormat) -> bool:
    """Say if no other picture refers to this packet's picture; False if unknown."""
    if form.codec == "h264":
        slices = [
            unit[0]
            for unit in _units(data, form.length_bytes)
            if unit[0] & 31 in _H264_SLICES
        ]
        return bool(slices) and all(first >> 5 & 3 == 0 for first in slices)
    if form.codec == "hevc" and form.single_layer:
        kinds = [unit[0] >> 1 & 63 for unit in _units(data, form.length_bytes)]
        slices = [kind for kind in kinds if kind in _H265_SLICES]
        return bool(slices) and all(kind in _H265_NON_REFERENCE for kind in slices)
    return False


def is_clean_entry(data: bytes, form: NalFormat) -> bool:
    """Say if decoding that starts at this key packet is exact from it on.

    An H.264 recovery point with a frame count (gradual refresh) is not.
    """
    if form.codec != "h264":
        return True
    for unit in _units(data, form.length_bytes):
        kind = unit[0] & 31
        if kind == _H264_IDR:
            return True
        if kind == _H264_SEI and _recovers_later(unit):
            return False
    return True


def is_closed_entry(data: bytes, form: NalFormat) -> bool:
    """Say if no picture shown before this key packet follows it; False if unknown."""
    if form.codec == "h264":
        return any(
            unit[0] & 31 == _H264_IDR for unit in _units(data, form.length_bytes)
        )
    if form.codec == "hevc":
        kinds = (unit[0] >> 1 & 63 for unit in _units(data, form.length_bytes))
        return any(kind in _H265_IDR for kind in kinds)
    return False


def _units(data: bytes, length_bytes: int) -> Iterator[bytes]:
    """Yield the first 64 bytes of each unit (at least 2 bytes)."""
    starts = _by_length(data, length_bytes) if length_bytes else _by_start_code(data)
    for start in starts:
        unit = data[start : start + 64]
        if len(unit) >= 2:
            yield unit


def _by_length(data: bytes, length_bytes: int) -> Iterator[int]:
    offset = 0
    while offset + length_bytes < len(data):
        size = int.from_bytes(data[offset : offset + length_bytes])
        yield offset + length_bytes
        offset += length_bytes + size


def _by_start_code(data: bytes) -> Iterator[int]:
    found = data.find(b"\x00\x00\x01")
    while found >= 0:
        yield found + 3
        found = data.find(b"\x00\x00\x01", found + 3)


def _recovers_later(unit: bytes) -> bool:
    """Say if this SEI unit has a recovery point with recovery_frame_cnt > 0."""
    body = unit[1:].replace(b"\x00\x00\x03", b"\x00\x00")
    offset = 0
    while offset + 2 < len(body):
        kind, size = body[offset], body[offset + 1]
        if 255 in (kind, size):
            return False
        if kind == _SEI_RECOVERY_POINT:
            return body[offset + 2] < 0x80  # ue(v): a first bit of 1 is the count 0
        offset += 2 + size
    return False


def _one_layer(extradata: bytes) -> bool:
    """Read sps_max_sub_layers_minus1 from the parameter sets (Annex B)."""
    return any(
        unit[2] >> 1 & 7 == 0
        for unit in _units(extradata, 0)
        if unit[0] >> 1 & 63 == _H265_SPS and len(unit) > 2
    )
