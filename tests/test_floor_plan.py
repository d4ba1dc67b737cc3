"""The house rules of the imports: an arrow may only point down."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOTS = ("vision", "service", "training")
FLOOR_1 = {
    "vision": (
        "footage",
        "telemetry",
        "privacy",
        "detect",
        "scene",
        "locate",
        "fixed",
    ),
    "service": ("findings", "roads", "scoring", "reports", "store"),
}
FLOOR_0 = {
    "vision": {
        "errors",
        "types",
        "geo",
        "camera",
        "appearance",
        "catalogue",
        "promotions",
        "promote",
        "card",
        "compared",
        "folders",
        "taxonomy",
        "strict_toml",
        "layout_card",
        "session",
        "encode",
        "probe",
        "suffixes",
    },
    "service": {
        "types",
        "records",
        "job_records",
        "camera_records",
        "device_records",
        "upload_records",
        "light",
        "review_records",
        "told",
        "packed",
    },
}
HEAVY = {
    "cv2": (
        "vision/footage",
        "vision/detect",
        "vision/privacy",
        "vision/locate",
        "vision/scene",
        "vision/fixed",
        "vision/encode.py",
        "vision/evidence.py",
        "training",
    ),
    "av": (
        "vision/footage",
        "vision/probe.py",
        "vision/telemetry",
        "vision/privacy",
        "training",
    ),
    "onnxruntime": ("vision/detect", "vision/scene", "vision/session.py", "training"),
    "torch": ("training",),
    "ultralytics": ("training",),
    "bpy": ("training/synth",),
    "gpxpy": ("vision/telemetry",),
    "osmium": ("service/roads",),
    "PIL": (
        "vision/footage",
        "vision/probe.py",
        "vision/telemetry",
        "vision/privacy",
        "training",
    ),
    "sqlalchemy": ("service/store",),
    "alembic": ("service/store",),
    "fastapi": ("service/api", "service/app.py", "service/web"),
    "pydantic_settings": ("service/settings.py",),
    "dbos": ("service/jobs",),
    "label_studio_sdk": ("service/review/label_studio.py",),
    "cryptography": ("service/intake/sealed.py",),
    "python_multipart": ("service/api",),
    "prometheus_client": ("service/api",),
    "urllib3": ("service/vehicle/talk.py",),
    "jinja2": ("service/reports", "training/evaluate"),
}


def files() -> Iterator[Path]:
    for root in ROOTS:
        yield from sorted((ROOT / root).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Return dotted names of everything a file imports, in functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(dotted: str) -> tuple[str, str] | None:
    """Return (root, second part) of one of our modules."""
    parts = dotted.split(".")
    if parts[0] not in ROOTS or len(parts) < 2:
        return None
    return parts[0], parts[1]


def house() -> list[tuple[str, str, set[str]]]:
    rows = []
    for path in files():
        relative = path.relative_to(ROOT)
        part = relative.parts[1].removesuffix(".py")
        rows.append((str(relative), f"{relative.parts[0]}.{part}", imports(path)))
    return rows


def test_roots_meet_only_where_the_plan_says() -> None:
    wrong = []
    for name, here, found in house():
        root = here.split(".")[0]
        for target in found:
            there = target.split(".")[0]
            if there not in ROOTS or there in (root, "vision"):
                continue
            if name.startswith("training/evaluate/") and target.startswith(
                ("service.scoring", "service.roads")
            ):
                continue
            wrong.append(f"{name} imports {target}")

    assert wrong == []


def test_vision_imports_neither_service_nor_training() -> None:
    wrong = [
        f"{name} imports {target}"
        for name, here, found in house()
        for target in found
        if here.startswith("vision.")
        and target.split(".")[0] in ("service", "training")
    ]

    assert wrong == []


def test_siblings_on_floor_1_never_import_each_other() -> None:
    wrong = []
    for name, here, found in house():
        root, part = here.split(".")
        if part not in FLOOR_1.get(root, ()):
            continue
        for target in found:
            there = room(target)
            if there is None or there[0] != root or there[1] == part:
                continue
            if there[1] in FLOOR_1[root]:
                wrong.append(f"{name} imports {target}")

    assert wrong == []


def test_floor_1_and_0_import_nothing_above_them() -> None:
    wrong = []
    for name, here, found in house():
        root, part = here.split(".")
        low = {*FLOOR_1.get(root, ()), *FLOOR_0.get(root, set())}
        if part not in low:
            continue
        for target in found:
            there = room(target)
            if there is None or there[0] not in FLOOR_1:
                continue
            allowed = {*FLOOR_0[there[0]], *FLOOR_1[there[0]]}
            if part in FLOOR_0.get(root, set()):
                allowed = FLOOR_0[there[0]]
            if there[1] not in allowed:
                wrong.append(f"{name} imports {target}")

    assert wrong == []


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_heavy_libraries_stay_in_their_rooms(library: str) -> None:
    wrong = [
        name
        for name, _, found in house()
        if any(t.split(".")[0] == library for t in found)
        and not name.startswith(HEAVY[library])
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        pytest.param("vision.types", {"cv2", "av", "scipy", "pydantic"}, id="nouns"),
        pytest.param("vision.camera", {"cv2", "av", "scipy"}, id="camera"),
        pytest.param("service.types", {"cv2", "av", "shapely"}, id="city nouns"),
        pytest.param("service.cli", {"torch", "ultralytics"}, id="command"),
        pytest.param(
            "service.intake.looker",
            {"numpy", "cv2", "av", "gpxpy", "sqlalchemy", "pydantic"},
            id="the process that looks at files",
        ),
        pytest.param(
            "service.app",
            {"cv2", "av", "onnxruntime", "scipy"},
            id="service",
        ),
        pytest.param(
            "service.cli.upload",
            {"numpy", "cv2", "av", "onnxruntime", "fastapi", "sqlalchemy", "pydantic"},
            id="vehicle's uploader",
        ),
    ],
)
def test_importing_costs_no_more_than_planned(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert unwanted.isdisjoint(done.stdout.split())


def test_catalogues_hold_no_python() -> None:
    assert [p for d in ("models", "datasets") for p in (ROOT / d).rglob("*.py")] == []


def test_no_file_outgrows_its_room() -> None:
    long = [
        str(p.relative_to(ROOT))
        for p in [*files(), *sorted((ROOT / "tests").rglob("*.py"))]
        if len(p.read_text("utf-8").splitlines()) > 500
    ]

    assert long == []


def test_no_drawer_for_odds_and_ends() -> None:
    odd = {"utils", "helpers", "common", "manager", "misc"}

    assert [str(p) for p in files() if p.stem in odd] == []


def test_nothing_swallows_every_exception() -> None:
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id.endswith("xception"))
        )
    ]

    assert broad == []
