"""The report's files: 台账 for Excel, layers for a GIS, a page without a network."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.reports import (
    Label,
    Names,
    Notice,
    OutFolder,
    ReportData,
    ledger_csv,
    render_page,
    segments_geojson,
)
from service.types import (
    CoveragePiece,
    Deduction,
    ElementScore,
    Finding,
    Score,
    Segment,
)
from vision.errors import OutputError
from vision.types import Evidence

SEGMENT = Segment(
    id="jianan-1",
    name="建安大道",
    road_class="2",
    lonlat=np.array([[113.85, 34.03], [113.851, 34.03]]),
    length_m=92.3,
    responsible_unit="=HYPERLINK(1)",
)
FINDING = Finding(
    id="f-1",
    category="litter",
    lon=113.8501,
    lat=34.03001,
    sigma_m=0.8,
    segment_id="jianan-1",
    side="right",
    offset_m=9.2,
    zone="kerb_strip",
    zone_probability=0.7,
    element="kerb",
    state="raw",
    probability=0.8,
    severity=None,
    first_seen="2026-09-15T02:10:03Z",
    last_seen="2026-09-15T02:10:04Z",
    evidence=(
        Evidence(
            image="evidence/000001.jpg",
            crop="evidence/000001-1.jpg",
            xyxy=(10, 20, 30, 40),
            source="drive.mp4",
            pts_s=3.0,
            drive_s=3.0,
        ),
    ),
)
SCORE = Score(
    segment_id="jianan-1",
    status="scored",
    value=89.96,
    low=86.0,
    high=89.96,
    grade="良好",
    grade_by_points="良好",
    grade_certain=True,
    elements=(ElementScore("kerb", 10, "assessed", 0.9, 0.8, 0.8, None),),
    deductions=(Deduction("kerb_litter", "kerb", ("f-1",), (0.8,), 0.8, 0.8, 0.0),),
    red_lines=(),
    provisional_red_lines=(),
    coverage=0.9,
    not_assessed=(),
    unscored=(),
    standard="xuchang@1",
    model_id="street@1",
)
NAMES = Names(
    elements={"kerb": Label("路沿石净", "kerb")},
    rules={"kerb_litter": Label("路沿石有垃圾", "litter at the kerb")},
    categories={"litter": Label("散落垃圾", "litter")},
    grades={"优秀": Label("优秀", "excellent"), "良好": Label("良好", "good")},
)
SCHOOL = Label("学校周边：一中 ×1.5", "near a school: 一中 ×1.5")


def report(title: str = "drive.mp4") -> ReportData:
    return ReportData(
        title=title,
        started="2026-09-15T02:10:00Z",
        run={"standard": "xuchang@1", "model": "street@1", "grade_floors": [90, 85]},
        segments=[(SEGMENT, SCORE)],
        findings=[FINDING],
        aside=[replace(FINDING, id="f-lawful")],
        remarks={"f-1": SCHOOL},
        coverage=[
            CoveragePiece("jianan-1", "kerb_strip", "right", 0, 90, "seen", None)
        ],
        path_lonlat=[(113.85, 34.03), (113.851, 34.03)],
        names=NAMES,
        notices=[Notice("没有相机文件", "no camera file")],
    )


def ledger(*findings: Finding, **remarks: Label) -> list[dict[str, str]]:
    said = {key.replace("_", "-"): label for key, label in remarks.items()}
    streets = {"jianan-1": SEGMENT}
    return rows(ledger_csv(findings, streets, [SCORE], names=NAMES, remarks=said))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_ledger_names_place_unit_and_points_in_chinese() -> None:
    row = ledger(FINDING)[0]

    assert row["问题类型"] == "散落垃圾"
    assert (row["部位"], row["方位"], row["距起点（米）"]) == (
        "路沿石带",
        "右侧",
        "9.2",
    )
    assert row["扣分"] == "0.80"
    assert row["首次发现（北京时间）"] == "2026-09-15 10:10:03"


def test_ledger_never_hands_a_spreadsheet_a_formula() -> None:
    row = ledger(FINDING)[0]

    assert row["责任单位"] == "'=HYPERLINK(1)"


def test_ledger_keeps_negative_numbers_as_numbers() -> None:
    west = replace(FINDING, lon=-0.5)

    row = ledger(west)[0]

    assert row["经度"] == "-0.5000000"


def test_ledger_lists_the_costliest_finding_first() -> None:
    cheap = replace(FINDING, id="a-cheap")

    got = ledger(cheap, FINDING)

    assert [r["问题编号"] for r in got] == ["f-1", "a-cheap"]


def test_ledger_says_in_its_remark_what_makes_a_find_weigh_more() -> None:
    stands = replace(FINDING, candidate=True)

    (near,), (candidate,) = ledger(FINDING, f_1=SCHOOL), ledger(stands, f_1=SCHOOL)

    assert near["备注"] == "学校周边：一中 ×1.5"
    assert candidate["备注"] == "候选，一次经过不能证实；学校周边：一中 ×1.5"
    assert ledger(FINDING)[0]["备注"] == ""


def test_segments_layer_shows_the_truncated_score_beside_the_exact_one() -> None:
    feature = segments_geojson([(SEGMENT, SCORE)])["features"][0]

    assert feature["properties"]["score"] == 89.96
    assert feature["properties"]["score_shown"] == 89.9
    assert feature["geometry"]["coordinates"][0] == [113.85, 34.03]


def test_page_asks_no_network_for_anything() -> None:
    page = render_page(report())

    assert re.findall(r"""<link|src\s*=\s*["']https?:|@import""", page) == []
    assert "url(http" not in page


def test_page_data_cannot_break_out_of_its_script() -> None:
    page = render_page(report(title="</script><script>alert(1)</script>"))

    assert "<script>alert(1)" not in page
    block = page.split('id="data">')[1].split("</script>")[0]
    assert json.loads(block)["title"].startswith("</script>")


def test_page_knows_what_was_set_aside_and_what_is_said_of_it() -> None:
    page = render_page(report())
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])

    assert [f["id"] for f in data["findings"]] == ["f-1"]
    assert [f["id"] for f in data["aside"]] == ["f-lawful"]
    assert data["remarks"] == {"f-1": SCHOOL.as_json()}


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutputError, match=r"cannot write .*--out"):
        OutFolder(tmp_path / "file" / "out")


def test_pictures_nothing_refers_to_are_dropped(tmp_path: Path) -> None:
    folder = OutFolder(tmp_path / "out")
    kept = folder.save("1.jpg", b"one")
    folder.save("2.jpg", b"two")

    folder.keep_only({kept})

    assert [p.name for p in (tmp_path / "out" / "evidence").iterdir()] == ["1.jpg"]
