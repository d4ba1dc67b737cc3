from pathlib import Path

import pytest

from training.cli import STEPS, main


def test_every_step_is_a_verb_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])

    shown = capsys.readouterr().out
    assert stopped.value.code == 0
    assert all(name in shown for name in (*STEPS, "model"))


def test_a_dry_run_of_a_step_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["data", "--dry-run", "--root", str(tmp_path)])

    assert code == 0
    assert "would" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_missing_set_is_one_sentence_and_exit_code_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["fit", "--root", str(tmp_path)])

    assert code == 2
    shown = capsys.readouterr().err
    assert "run `liujing-train data` first" in shown
    assert len(shown.strip().splitlines()) == 1


def test_an_unknown_verb_is_refused() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["polish"])

    assert stopped.value.code == 2
