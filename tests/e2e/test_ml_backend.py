"""Our boxes on a new picture of anybody's project in a real Label Studio."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service.keys import make_key
from service.links import link_secret, signed_link
from service.store import Store
from tests.e2e.studio import ROOT, Session, Studio, free_port, wait_for

PICTURE = ROOT / "datasets" / "fixed-view" / "snapshots" / "020300.jpg"
PAGE = """<View>
  <Image name="photo" value="$picture"/>
  <RectangleLabels name="what" toName="photo">
    <Label value="占道摊点"/><Label value="Car"/><Label value="某物"/>
  </RectangleLabels>
</View>"""


@dataclass(frozen=True, slots=True)
class Backend:
    """The model behind Label Studio, and a key for it."""

    url: str
    key: str
    store: Store
    log: Path


@pytest.fixture(scope="module")
def backend(
    tmp_path_factory: pytest.TempPathFactory, studio: Studio
) -> Iterator[Backend]:
    folder = tmp_path_factory.mktemp("model")
    store = Store(str(folder / "city"))
    key = make_key(store, name="label-studio", role="reviewer")[1]
    port, log = free_port(), folder / "log"
    command = [
        sys.executable, "-m", "service.cli", "review", "serve-ml", "--device", "cpu",
        "--data", str(folder), "--port", str(port),
    ]  # fmt: skip
    environ = {
        "LIUJING_REVIEW__URL": studio.url,
        "LIUJING_REVIEW__TOKEN": studio.token(),
        "LIUJING_LOG": "DEBUG",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=out, stderr=out
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/health", process)
        yield Backend(url, key, store, log)
    finally:
        process.terminate()
        process.wait(30)
        store.close()


def project(who: Session, title: str, page: str) -> int:
    made = who.ask("POST", "/api/projects/", {"title": title, "label_config": page})
    number: int = made["id"]
    return number


def connect(who: Session, number: int, backend: Backend) -> Any:
    return who.ask(
        "POST",
        "/api/ml/",
        {
            "project": number,
            "url": backend.url,
            "title": "六净",
            "auth_method": "BASIC_AUTH",
            "basic_auth_user": "label-studio",
            "basic_auth_pass": backend.key,
        },
    )


def test_new_pictures_get_boxes_under_the_projects_own_labels(
    studio: Studio, backend: Backend
) -> None:
    who = studio.session()
    number = project(who, "别的项目", PAGE)
    ours = backend.store.blobs.put(PICTURE.read_bytes(), ".jpg")
    link = signed_link(
        link_secret(backend.store), ours, now_s=time.time(), life_s=600.0
    )
    body = [{"data": {"picture": "http://city.example" + link}}]
    who.ask("POST", f"/api/projects/{number}/import", body)
    who.upload(f"/api/projects/{number}/import", PICTURE)

    connect(who, number, backend)
    path = f"/api/dm/actions?id=retrieve_tasks_predictions&project={number}"
    who.ask("POST", path, {"selectedItems": {"all": True, "excluded": []}})

    by_link, uploaded = who.tasks(number)
    assert "/data/upload/" in uploaded["data"]["picture"]
    for task in (by_link, uploaded):
        (found,) = task["predictions"]
        assert found["model_version"] == "street@2"
        labels = [row["value"]["rectanglelabels"] for row in found["result"]]
        assert labels
        assert {label for (label,) in labels} <= {"占道摊点", "Car"}
        for row in found["result"]:
            value = row["value"]
            assert 0 <= value["x"] < value["x"] + value["width"] <= 100.01
            assert 0 <= value["y"] < value["y"] + value["height"] <= 100.01
    assert by_link["predictions"][0]["result"] == uploaded["predictions"][0]["result"]
    log = backend.log.read_text("utf-8")
    assert studio.token() not in log
    assert backend.key not in log


def test_a_project_without_our_labels_is_refused_and_the_log_names_them(
    studio: Studio, backend: Backend
) -> None:
    who = studio.session()
    page = PAGE.replace("占道摊点", "Stand").replace("Car", "Wagen")
    number = project(who, "没有我们的标签", page)

    with pytest.raises(urllib.error.HTTPError) as refused:
        connect(who, number, backend)

    assert refused.value.code == 400
    assert "Check the ML backend server console logs" in refused.value.read().decode()
    refused.value.close()
    said = backend.log.read_text("utf-8")
    assert "no label of the project (Stand, Wagen, 某物) is a class of" in said
