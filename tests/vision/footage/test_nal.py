"""Units written out byte by byte."""

from __future__ import annotations

import pytest

from vision.footage.nal import NalFormat, is_clean_entry, is_closed_entry, is_disposable

H264 = NalFormat("h264", 0, single_layer=True)
H264_MP4 = NalFormat("h264", 4, single_layer=True)
H265 = NalFormat("hevc", 0, single_layer=True)
START = b"\x00\x00\x00\x01"


def by_length(*units: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4) + unit for unit in units)


def by_start_code(*units: bytes) -> bytes:
    return b"".join(START + unit for unit in units)


# First byte of an H.264 unit: nal_ref_idc << 5 | nal_unit_type.
B_UNUSED, B_USED, IDR, SEI = b"\x01ab", b"\x21ab", b"\x65ab", 0x06
# First byte of an H.265 unit: nal_unit_type << 1; the second holds the layer.
TRAIL_N, TRAIL_R, IDR_N_LP, CRA = b"\x00\x01a", b"\x02\x01a", b"\x28\x01a", b"\x2a\x01a"


@pytest.mark.parametrize(
    ("data", "form", "disposable"),
    [
        pytest.param(by_start_code(B_UNUSED), H264, True, id="H.264, ref_idc 0"),
        pytest.param(by_start_code(B_USED), H264, False, id="H.264, ref_idc 1"),
        pytest.param(by_length(B_UNUSED, B_UNUSED), H264_MP4, True, id="two slices"),
        pytest.param(by_length(b"\x06abc", B_UNUSED), H264_MP4, True, id="after SEI"),
        pytest.param(by_length(B_UNUSED, B_USED), H264_MP4, False, id="one is used"),
        pytest.param(by_length(b"\x06abc"), H264_MP4, False, id="no slice"),
        pytest.param(by_start_code(TRAIL_N), H265, True, id="H.265 TRAIL_N"),
        pytest.param(by_start_code(TRAIL_R), H265, False, id="H.265 TRAIL_R"),
        pytest.param(
            by_start_code(TRAIL_N),
            NalFormat("hevc", 0, single_layer=False),
            False,
            id="H.265 with layers above",
        ),
        pytest.param(
            b"anything", NalFormat("vp9", 0, single_layer=True), False, id="VP9"
        ),
    ],
)
def test_disposable(data: bytes, form: NalFormat, disposable: bool) -> None:  # noqa: FBT001
    assert is_disposable(data, form) is disposable


@pytest.mark.parametrize(
    ("data", "clean", "closed"),
    [
        pytest.param(by_start_code(IDR), True, True, id="IDR"),
        pytest.param(by_start_code(B_USED), True, False, id="plain I picture"),
        # SEI payload 6, 1 byte: ue(v) 0 is the bit 1; ue(v) 1 is 010.
        pytest.param(
            by_start_code(bytes([SEI, 6, 1, 0b11000000]), B_USED),
            True,
            False,
            id="recovery at once",
        ),
        pytest.param(
            by_start_code(bytes([SEI, 6, 1, 0b01010000]), B_USED),
            False,
            False,
            id="recovery after one picture",
        ),
    ],
)
def test_h264_entry(data: bytes, clean: bool, closed: bool) -> None:  # noqa: FBT001
    assert is_clean_entry(data, H264) is clean
    assert is_closed_entry(data, H264) is closed


def test_h265_idr_is_closed_and_cra_is_not() -> None:
    assert is_closed_entry(by_start_code(IDR_N_LP), H265)
    assert not is_closed_entry(by_start_code(CRA), H265)


@pytest.mark.parametrize("cut", range(9))
def test_cut_units_are_no_error(cut: int) -> None:
    data = by_length(B_UNUSED, B_USED)[:cut]

    assert is_disposable(data, H264_MP4) in {True, False}
