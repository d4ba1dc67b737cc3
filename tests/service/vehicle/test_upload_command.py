"""`liujing upload` as it is called: what it refuses, what it loads, what it weighs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.cli.main import VERBS, build_parser
from tests.service.jobs.short_drive import ROOT
from tests.service.vehicle.boxes import film, put, token_file
from tests.service.vehicle.fake_service import FakeService, serving

MOST_KB = 80_000
_WEIGHED = (
    "import sys; from service.cli import main; code = main(sys.argv[1:]); "
    "peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]; "
    "print(peak, file=sys.stderr); sys.exit(code)"
)


@pytest.fixture
def service() -> Iterator[FakeService]:
    with serving() as made:
        yield made


def liujing(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _WEIGHED, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"folder": "missing"}, "there is no folder"),
        ({"--token-file": "missing"}, "there is no token file"),
        ({"--token-file": "empty"}, "is empty"),
        ({"--token-file": "two"}, "one key and nothing else"),
        ({"--token-file": "recordings"}, "cannot be read"),
        ({"--server": "liujing.example.cn"}, "--server must be like"),
        ({"--server": "http://10.0.0.7"}, "--insecure"),
        ({"--ca": "missing"}, "authorities"),
        ({"--hours": "8-6"}, "hours like 20:00-06:00"),
        ({"--limit-mbit": "0"}, "--limit-mbit must be more than 0"),
        ({"--longest-wait": "nan"}, "--longest-wait must be more than 0"),
        ({"--raw": "wifi"}, "--raw-on IFACE"),
        ({"--raw-on": "wlan0"}, "--raw wifi goes with"),
        ({"--status": "no/such/folder.json"}, "for --status"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_a_wrong_argument_is_one_sentence_and_exit_code_2(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    sentence: str,
) -> None:
    from service.cli import main  # noqa: PLC0415 - as a command is started

    monkeypatch.chdir(tmp_path)
    (tmp_path / "recordings").mkdir()
    token_file(tmp_path)
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "two").write_text("lj1.a lj2.b")
    given = {
        "--server": "https://127.0.0.1:1",
        "--token-file": "token",
        **{k: v for k, v in change.items() if k != "folder"},
    }
    options = [word for pair in given.items() for word in pair]

    code = main(["upload", change.get("folder", "recordings"), "--once", *options])

    said = capfd.readouterr().err
    assert code == 2
    assert sentence in said
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_a_second_uploader_in_one_folder_is_refused(
    service: FakeService, tmp_path: Path
) -> None:
    import fcntl  # noqa: PLC0415 - the lock that the first one holds

    token = token_file(tmp_path)
    folder = tmp_path / "recordings"
    (folder / ".liujing").mkdir(parents=True)
    with (folder / ".liujing" / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        done = liujing(
            "upload", str(folder), "--server", service.url, "--token-file", str(token)
        )

    assert done.returncode == 2
    assert "another liujing upload" in done.stderr


def test_a_token_that_others_can_read_is_warned_of_and_never_shown(
    service: FakeService, tmp_path: Path
) -> None:
    token = token_file(tmp_path)
    token.chmod(0o644)
    folder = tmp_path / "recordings"
    put(folder / "night" / "f.mp4", film(1))

    done = liujing(
        "upload", str(folder), "--server", service.url, "--token-file", str(token),
        "--once", "--still", "0.1", "--quiet", "0.1",
    )  # fmt: skip

    assert done.returncode == 0
    assert "chmod 600" in done.stderr
    everything = done.stdout + done.stderr
    for path in (folder / ".liujing").iterdir():
        everything += path.read_text("utf-8")
    assert token.read_text("ascii") not in everything


def test_a_large_file_costs_no_more_memory_than_a_small_one(
    service: FakeService, tmp_path: Path
) -> None:
    token = token_file(tmp_path)
    folder = tmp_path / "recordings"
    large = folder / "night" / "f.ts"
    put(large, b"\x47")
    os.truncate(large, 300 << 20)
    put(folder / "night" / "g.mp4", film(1))

    done = liujing(
        "upload", str(folder), "--server", service.url, "--token-file", str(token),
        "--once", "--still", "0.1", "--quiet", "0.1",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert len(service.files) == 2
    assert int(done.stderr.split()[-1]) < MOST_KB


def test_a_vehicle_needs_one_library(service: FakeService, tmp_path: Path) -> None:
    """So a box can be set up with `pip install --no-deps` and urllib3."""
    folder = tmp_path / "recordings"
    put(folder / "night" / "f.mp4", film(1))
    code = (
        "import sys; before = set(sys.modules); from service.cli import main; "
        "code = main(sys.argv[1:]); found = set(sys.modules) - before; "
        "print(*sorted({m.split('.')[0] for m in found} - sys.stdlib_module_names), "
        "file=sys.stderr); sys.exit(code)"
    )

    done = subprocess.run(
        [
            *(sys.executable, "-c", code, "upload", str(folder), "--once"),
            *("--server", service.url, "--token-file", str(token_file(tmp_path))),
            *("--still", "0.1", "--quiet", "0.1"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    loaded = {name for name in done.stderr.split() if not name.startswith("_")}
    assert loaded == {"service", "vision", "urllib3"}


def test_a_verb_alone_is_the_same_as_among_all() -> None:
    (verbs,) = (a for a in build_parser()._actions if a.dest == "verb")

    assert list(verbs.choices or ()) == list(VERBS)
    for verb in VERBS:
        (alone,) = (a for a in build_parser(verb)._actions if a.dest == "verb")
        assert verb in (alone.choices or ())
