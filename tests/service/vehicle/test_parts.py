"""The parts of the uploader whose answers are arithmetic."""

from __future__ import annotations

import json
import random
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.intake.names import BESIDE_SUFFIXES, checked_name
from service.vehicle.announced import plain_name
from service.vehicle.contact import Contact
from service.vehicle.hours import hours_of
from service.vehicle.lying import BESIDE, FOOTAGE
from service.vehicle.mp4 import Recording, read_recording
from service.vehicle.pace import LEAST, MOST, Chunk, Pace
from service.vehicle.raw import RawRule
from service.vehicle.remembered import KnownDrive, Part, Remembered
from service.vehicle.shown import Board, Current
from service.vehicle.talk import Address
from service.vehicle.waits import LONGEST_ASKED_S, Backoff
from tests.service.vehicle.boxes import NOON_S, ToldClock, box, film, put
from vision.errors import InputError
from vision.suffixes import FOOTAGE_SUFFIXES

# NOON_S is 2026-09-21 14:13:20 UTC.


@pytest.mark.parametrize(
    ("text", "zone", "opens_in_s"),
    [
        pytest.param("14:00-15:00", "UTC", 0.0, id="within"),
        pytest.param("15:00-16:00", "UTC", 2800.0, id="later today"),
        pytest.param("14:13-14:00", "UTC", 0.0, id="over midnight, nearly all day"),
        pytest.param("20:00-06:00", "UTC", 20_800.0, id="tonight"),
        pytest.param("20:00-06:00", "Asia/Shanghai", 0.0, id="22:13 in Shanghai"),
        pytest.param("12:00-14:00", "UTC", 78_400.0, id="over for today"),
        pytest.param("0:00-24:00", "UTC", None, id="all day is no hours"),
        pytest.param("25:00-06:00", "UTC", None, id="no such hour"),
        pytest.param("20-06", "UTC", None, id="no minutes"),
        pytest.param("20:00-06:00", "Mars/Base", None, id="no such zone"),
        pytest.param("20:00-06:00", "../../etc/passwd", None, id="a path is no zone"),
    ],
)
def test_hours_of_the_day(text: str, zone: str, opens_in_s: float | None) -> None:
    if opens_in_s is None:
        with pytest.raises(InputError):
            hours_of(text, zone, "--hours")
        return

    hours = hours_of(text, zone, "--hours")

    assert hours.opens_in_s(NOON_S) == pytest.approx(opens_in_s, abs=1e-6)
    assert hours.open_at(NOON_S) is (opens_in_s == 0)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            film(1, start_s=NOON_S, long_s=61.5), (True, NOON_S, 61.5), id="whole"
        ),
        pytest.param(film(1), (True, None, 60.0), id="a clock that was never set"),
        pytest.param(film(1)[:-1], (False, None, None), id="one byte is missing"),
        pytest.param(film(1) + b"\0", (False, None, None), id="one byte too many"),
        pytest.param(box(b"ftyp", b"isom"), (False, None, None), id="no index"),
        pytest.param(b"", (False, None, None), id="empty"),
        pytest.param(b"\xff" * 50, (False, None, None), id="no boxes"),
        pytest.param(
            b"\0\0\0\1moov" + b"\xff" * 8, (False, None, None), id="2^64 long"
        ),
        pytest.param(box(b"moov", b""), (True, None, None), id="an index of nothing"),
        pytest.param(
            box(b"moov", box(b"mvhd", b"\1")), (True, None, None), id="a short header"
        ),
    ],
)
def test_an_mp4_tells_that_it_ended(
    tmp_path: Path, content: bytes, expected: tuple[bool, float | None, float | None]
) -> None:
    path = put(tmp_path / "f.mp4", content)

    assert read_recording(path) == Recording(*expected)


def test_the_sample_drive_is_whole_and_tells_its_time() -> None:
    sample = Path(__file__).parents[3] / "datasets" / "sample-drive" / "drive.mp4"

    read = read_recording(sample)

    # Its metadata say 2026-09-15T02:10:00Z and 31 s.
    assert read == Recording(True, 1_789_438_200.0, 31.0)


def test_vehicle_and_quarantine_agree_on_what_a_drive_is_made_of() -> None:
    assert FOOTAGE == FOOTAGE_SUFFIXES
    assert BESIDE == BESIDE_SUFFIXES


def test_waits_double_to_the_limit_and_differ_between_vehicles() -> None:
    one, other = (Backoff(300.0, random.Random(n)) for n in (1, 2))  # noqa: S311

    waits = [one.next_s() for _ in range(40)]
    others = [other.next_s() for _ in range(40)]

    for n, wait_s in enumerate(waits):
        most_s = min(300.0, 2.0**n)
        assert most_s / 2 <= wait_s <= most_s
    assert waits != others
    one.reset()
    assert one.next_s() <= 1.0
    assert one.asked_s(1e9) <= LONGEST_ASKED_S + 1.0


@pytest.mark.parametrize(
    ("mode", "interface", "hours", "may_go"),
    [
        pytest.param("always", None, None, True, id="always"),
        pytest.param("never", None, None, False, id="never"),
        pytest.param("wifi", "wlan0", None, True, id="its interface is up"),
        pytest.param("wifi", "wlan1", None, False, id="its interface is down"),
        pytest.param("wifi", "wlan9", None, False, id="its interface is not there"),
        pytest.param("wifi", None, "14:00-15:00", True, id="in the depot's hours"),
        pytest.param("wifi", "wlan0", "15:00-16:00", False, id="up, but not the hour"),
    ],
)
def test_raw_footage_goes_by_its_rule(
    tmp_path: Path,
    *,
    mode: str,
    interface: str | None,
    hours: str | None,
    may_go: bool,
) -> None:
    put(tmp_path / "wlan0" / "operstate", b"up\n")
    put(tmp_path / "wlan1" / "operstate", b"dormant\n")
    when = None if hours is None else hours_of(hours, "UTC", "--raw-hours")
    rule = RawRule(mode, interface, when, tmp_path)  # type: ignore[arg-type]

    assert rule.may_go(NOON_S) is may_go


@pytest.mark.parametrize(
    ("offset_s", "sentence"),
    [
        pytest.param(None, None, id="unknown"),
        pytest.param(12.0, None, id="a drift that nobody needs to hear of"),
        pytest.param(-95.0, "时钟慢 95 秒", id="behind"),
        pytest.param(10 * 365.25 * 86400, "时钟快 3652.5 天", id="ten years ahead"),
    ],
)
def test_a_clock_that_is_off_is_told(
    offset_s: float | None, sentence: str | None
) -> None:
    told = Contact(clock_offset_s=offset_s).clock_told

    assert (told is None) is (sentence is None)
    assert sentence is None or sentence in str(told)


def test_bytes_go_no_faster_than_allowed_however_they_are_cut() -> None:
    clock = ToldClock()
    pace = Pace(100_000.0, clock)

    sent = b"".join(
        piece for size in (1, 50_000, 449_999) for piece in pace.pieces(bytes(size))
    )

    assert len(sent) == 500_000
    assert clock.passed_s == pytest.approx(5.0, abs=0.51)


def test_requests_grow_on_good_networks_and_shrink_on_bad_ones() -> None:
    chunk = Chunk()

    for _ in range(10):
        chunk.went(0.1)
    assert chunk.size == MOST
    chunk.went(5.0)
    assert chunk.size == MOST
    for _ in range(20):
        chunk.cut()
    assert chunk.size == LEAST


@pytest.mark.parametrize(
    ("url", "insecure", "good"),
    [
        pytest.param("https://a.example/liujing/", False, True, id="https with a path"),
        pytest.param("http://127.0.0.1:8600", False, True, id="this machine"),
        pytest.param("http://[::1]:8600", False, True, id="this machine, v6"),
        pytest.param("http://10.0.0.7", False, False, id="http to another machine"),
        pytest.param("http://10.0.0.7", True, True, id="http, knowingly"),
        pytest.param("http://localhost.evil.example", False, False, id="a look-alike"),
        pytest.param("ftp://a.example", False, False, id="another protocol"),
        pytest.param("a.example", False, False, id="no protocol"),
        pytest.param("https://me:secret@a.example", False, False, id="a password"),
        pytest.param("https://a.example/?x=1", False, False, id="a query"),
        pytest.param("https://a.example:99999", False, False, id="no such port"),
        pytest.param("", False, False, id="nothing"),
    ],
)
def test_an_address_that_would_show_the_token_is_refused(
    url: str, *, insecure: bool, good: bool
) -> None:
    if good:
        assert not Address.of(url, insecure=insecure).base.endswith("/")
        return

    with pytest.raises(InputError, match="--server") as refused:
        Address.of(url, insecure=insecure)
    assert "secret" not in str(refused.value)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_is_written_over_and_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    clock, terminal = ToldClock(), Terminal()
    board = Board(tmp_path / "status.json", terminal, clock, "https://a.example")
    board.at("sending", Current("night", "night/路面.mp4", 0, 4_000_000))
    clock.sleep(1.0)

    board.at("sending", Current("night", "night/路面.mp4", 2_000_000, 4_000_000))

    lines = terminal.getvalue().split("\r\x1b[2K")
    assert lines[-1].startswith("发送中 sending night/路面.mp4 50% 2.0")
    # Five Chinese characters take two cells each, so 34 characters fill 39 cells.
    assert "\n" not in terminal.getvalue()
    assert max(len(line) for line in lines) <= 39 - 5
    status = json.loads((tmp_path / "status.json").read_text("utf-8"))
    assert status["current"]["offset"] == 2_000_000
    assert status["bytes_per_s"] == 2_000_000


def test_what_is_remembered_comes_back_and_what_is_damaged_is_forgotten(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.json"
    memory = Remembered(path)
    memory.drives["a"] = KnownDrive("a", "a/f.mp4", 1.0, 2.0)
    memory.drives["a"].parts["a/f.mp4"] = Part("0" * 64, (1, 2, 3), "f.mp4")
    memory.save()

    assert Remembered(path).drives == memory.drives
    for damaged in (b"", b"{", b"[]", b'{"form": 9}', b"\xff\xfe", b'{"form":1}'):
        path.write_bytes(damaged)
        assert Remembered(path).drives == {}


def test_drives_of_which_nothing_is_left_do_not_pile_up(tmp_path: Path) -> None:
    memory = Remembered(tmp_path / "state.json")
    for n in range(300):
        memory.drives[f"d{n}"] = KnownDrive("", f"f{n}", n, n, settled=True)
    memory.drives["open"] = KnownDrive("", "f", 0, 0)

    memory.save()

    assert len(memory.drives) == 101
    assert {"open", "d299"} <= memory.drives.keys()


_ODD = st.text(
    st.one_of(st.sampled_from(" ._/\\\0\x85\u3000\u202e~车"), st.characters()),
    max_size=260,
)
_ENDINGS = sorted({*FOOTAGE_SUFFIXES, *BESIDE_SUFFIXES, ".edge.zip", ".MP4"})


@given(stem=_ODD, ending=st.sampled_from(_ENDINGS))
@example(stem=" ", ending=".mp4")
@example(stem="", ending=".mp4")
@example(stem=". .", ending=".mp4")
@example(stem="x" * 300, ending=".edge.zip")
@example(stem="\udcff", ending=".gpx")
def test_the_service_takes_every_name_that_the_vehicle_lists(
    stem: str, ending: str
) -> None:
    name = plain_name(f"{stem}{ending}")

    assert checked_name(name) == name
    assert plain_name(name) == name
