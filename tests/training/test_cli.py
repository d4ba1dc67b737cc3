import json
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


def test_videos_are_scored_from_two_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, predicted = tmp_path / "truth.json", tmp_path / "predicted.json"
    row = {"frame_id": 0, "event_id": 1, "category": "litter", "bbox": [0, 0, 9, 9]}
    truth.write_text(json.dumps([row, {**row, "frame_id": 1}]))
    predicted.write_text(json.dumps([row]))

    code = main(["governance", "--truth", str(truth), "--predicted", str(predicted)])

    assert code == 0
    # One of two found, nothing false: F1 = 2 / (2 + 1), MOTA = 1 - 1 / 2.
    assert "F1 0.667, MOTA 0.500" in capsys.readouterr().out


def test_a_network_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["--category", "stall", "--images", str(tmp_path), "--out", "o.json"]

    code = main(["propose", "--weights", str(tmp_path / "none.pt"), *wanted])

    assert code == 2
    assert "none.pt is missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ([], "no candidates; name each by --candidate"),
        (["--candidate", "none.onnx"], "none.onnx is missing"),
    ],
)
def test_candidates_that_are_not_there_are_one_sentence(
    wanted: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["candidates", *wanted])

    shown = capsys.readouterr().err
    assert code == 2
    assert sentence in shown
    assert len(shown.strip().splitlines()) == 1
