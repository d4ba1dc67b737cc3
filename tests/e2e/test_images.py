"""Images and compose.yaml: linted, held to our rules, and run as far as that goes.

What needs Docker itself is not run here: pulling base images and their apt packages.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from service.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = ("Dockerfile", "Dockerfile.gpu")
OURS = ("service", "worker", "worker-gpu")
SECRETS = "docs/compose/make-secrets.sh"

Step = tuple[str, str]


def steps_of(name: str) -> list[Step]:
    """Return the instructions of a Dockerfile with their arguments."""
    text = (ROOT / name).read_text("utf-8")
    text = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", " ")
    lines = (line.split(None, 1) for line in text.splitlines() if line.strip())
    return [(word.upper(), rest) for word, rest in lines]


def last_stage(name: str) -> list[Step]:
    steps = steps_of(name)
    begin = max(i for i, (word, _) in enumerate(steps) if word == "FROM")
    return steps[begin:]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", DOCKERFILES)
def test_the_linter_finds_nothing(name: str) -> None:
    linter = shutil.which("hadolint", path=Path(sys.executable).parent)
    if linter is None:
        pytest.fail('no hadolint: pip install -e ".[test]" brings it')

    done = subprocess.run(
        [linter, "--no-color", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_compose_follows_its_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema"]
    schema = ["--builtin-schema", "vendor.compose-spec"]

    done = subprocess.run(
        [*check, *schema, "compose.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_runs_the_service_as_nobody_special(name: str) -> None:
    steps = last_stage(name)
    said = dict(steps)
    env = " ".join(rest for word, rest in steps if word == "ENV")

    assert said["USER"] == "10001:10001"
    words = [word for word, _ in steps]
    after_user = words[words.index("USER") :]
    assert not {"RUN", "COPY", "ADD"} & set(after_user)
    assert "PYTHONSAFEPATH=1" in env.split()
    assert "LIUJING_SERVER__HOST=0.0.0.0" in env.split()
    assert json.loads(said["ENTRYPOINT"]) == ["/opt/liujing/bin/liujing"]
    assert json.loads(said["CMD"]) == ["serve"]
    assert said["EXPOSE"] == str(load_settings().server.port)
    assert "/health/live" in said["HEALTHCHECK"]


def test_base_images_have_a_version() -> None:
    froms = [
        rest.split()[0]
        for name in DOCKERFILES
        for word, rest in steps_of(name)
        if word == "FROM"
    ]
    images = [s["image"] for s in compose()["services"].values()]
    bought = [i for i in images if not i.startswith("liujing:")]

    for image in (*froms, *bought):
        tag = image.partition(":")[2]
        assert re.match(r"\d", tag), image


DEBIAN = {"bookworm": "15", "trixie": "17"}
"""Release -> the PostgreSQL that it has."""


def test_the_service_can_back_up_the_database_that_compose_starts() -> None:
    city = compose()["services"]
    server = re.match(r"postgres:(\d+)-", city["postgresql"]["image"])
    assert server is not None
    assert city["service"]["build"]["dockerfile"] == "Dockerfile"
    steps = last_stage("Dockerfile")
    release = dict(steps)["FROM"].rpartition("-")[2]
    installed = [rest for word, rest in steps if word == "RUN" and "apt-get" in rest]

    clients = re.findall(r"postgresql-client-(\d+)", " ".join(installed))

    assert clients == [server[1]], "pg_dump of another version"
    assert DEBIAN[release] == server[1], "its Debian has no such client"


class Health(BaseHTTPRequestHandler):
    """Answers one status; a query of another path gets 404."""

    def __init__(self, status: int, *args: Any) -> None:
        self.status = status
        super().__init__(*args)

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/health/live" else 404)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("name", DOCKERFILES)
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_the_health_check_tells_health(name: str, status: int, code: int) -> None:
    check = dict(last_stage(name))["HEALTHCHECK"]
    command = json.loads(check.partition("CMD")[2])
    server = HTTPServer(("127.0.0.1", 0), partial(Health, status))
    Thread(target=server.serve_forever, daemon=True).start()

    text = command[2].replace("8600", str(server.server_port))
    done = subprocess.run([sys.executable, *command[1:2], text], check=False)

    server.shutdown()
    server.server_close()
    assert done.returncode == code
    gone = subprocess.run(
        [sys.executable, *command[1:2], text], check=False, capture_output=True
    )
    assert gone.returncode != 0


def ignored(path: str) -> bool:
    """Say what .dockerignore says of a path: the last line that fits counts."""
    out = False
    ways = [path, *(str(p) for p in Path(path).parents if str(p) != ".")]
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        anywhere = line.startswith("**/")
        tried = [Path(w).name for w in ways] if anywhere else ways
        if any(fnmatch.fnmatchcase(way, pattern) for way in tried):
            out = not line.startswith("!")
    return out


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "secrets/liujing.env",
        "build/demo-city/city/liujing.sqlite",
        "datasets/sample-drive/drive.mp4",
        "tests/conftest.py",
        "service/__pycache__/app.cpython-312.pyc",
    ],
)
def test_nothing_of_a_city_goes_to_the_builder(path: str) -> None:
    assert ignored(path)


@pytest.fixture(scope="module", params=DOCKERFILES)
def wheel(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Run the stage that builds the wheel on what it copies, in a folder of its own."""
    folder = tmp_path_factory.mktemp("stage")
    stage = steps_of(request.param)
    for word, rest in stage:
        if word == "FROM" and "AS wheel" not in rest:
            break
        if word == "COPY":
            _copy(rest.split(), folder)
        if word == "RUN":
            command = rest.replace("/wheels", str(folder / "wheels")).split()
            assert command[:4] == ["python", "-m", "pip", "wheel"]
            python = [sys.executable, "-m", "pip", "-q", "wheel"]
            subprocess.run([*python, *command[4:]], check=True, cwd=folder)
    return next((folder / "wheels").glob("liujing-*.whl"))


def _copy(names: list[str], folder: Path) -> None:
    *sources, target = names
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *sources],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    sent = [name for name in tracked if not ignored(name)]
    assert {name.split("/")[0] for name in sent} == set(sources)
    assert target == "./" or sources == [target]
    for name in sent:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)


def test_the_wheel_of_the_image_runs_beside_a_folder_that_looks_like_it(
    wheel: Path, tmp_path: Path
) -> None:
    home = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, "--no-deps", "--target", home, wheel], check=True)
    footage = tmp_path / "footage"
    (footage / "service").mkdir(parents=True)
    (footage / "service" / "__init__.py").write_text("raise SystemExit('not ours')")

    def run(*arguments: str, safe: str) -> subprocess.CompletedProcess[str]:
        lent = sysconfig.get_path("purelib")
        return subprocess.run(
            [sys.executable, "-m", "service.cli", *arguments],
            cwd=footage,
            env={"PYTHONSAFEPATH": safe, "PYTHONPATH": f"{home}:{lent}"},
            capture_output=True,
            text=True,
            check=False,
        )

    helped = run("--help", safe="1")
    assert helped.returncode == 0, helped.stderr
    assert "demo-city" in helped.stdout
    assert "xuchang@1" in run("standards", safe="1").stdout
    assert "not ours" in run("--help", safe="").stderr
    files = home / "service" / "web" / "files"
    here = ROOT / "service" / "web" / "files"
    assert {p.relative_to(files) for p in files.rglob("*")} == {
        p.relative_to(here) for p in here.rglob("*")
    }


def test_the_gpu_build_is_of_the_version_that_was_tested() -> None:
    install = next(r for w, r in last_stage("Dockerfile.gpu") if "onnxruntime-gpu" in r)
    found = re.search(r"onnxruntime-gpu==\$\((sed [^)]+)\)", install)
    assert found is not None
    command = found[1].replace("/wheels/", f"{ROOT}/")

    said = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=True
    ).stdout

    assert f"\nonnxruntime=={said}" in (ROOT / "constraints.txt").read_text("utf-8")
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", said)
    assert "uninstall -y onnxruntime " in install


def test_every_service_heals_itself_and_shows_itself_to_this_machine_alone() -> None:
    for name, service in compose()["services"].items():
        assert service["restart"] == "unless-stopped", name
        assert "no-new-privileges:true" in service["security_opt"], name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name
        health = service.get("healthcheck", {"test": "the image's own"})
        assert health.get("test") or not service.get("ports"), name


def test_secrets_come_from_files_and_volumes_have_names() -> None:
    city = compose()
    for name, service in city["services"].items():
        assert all(f.startswith("secrets/") for f in service["env_file"]), name
        told = json.dumps(service.get("environment", {})).lower()
        assert not re.search("password|secret|token|postgresql://", told), name
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in city["volumes"], name
    assert {"secrets/"} <= {
        line.strip("/") + "/" for line in (ROOT / ".gitignore").read_text().split()
    }
    for name in OURS:
        ours = city["services"][name]
        assert ours["read_only"]
        assert ours["cap_drop"] == ["ALL"]
    assert city["networks"]["inside"] == {"internal": True}
    assert city["services"]["postgresql"]["networks"] == ["inside"]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a folder with secrets, made twice."""
    (tmp_path / "docs" / "compose").mkdir(parents=True)
    shutil.copy(ROOT / SECRETS, tmp_path / SECRETS)
    command = ["sh", str(tmp_path / SECRETS)]
    subprocess.run(command, check=True, capture_output=True)
    first = {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()}
    subprocess.run(command, check=True, capture_output=True)
    again = {p.name: p.read_text() for p in (tmp_path / "secrets").iterdir()}
    assert again == first
    return tmp_path / "secrets"


def _env(file: Path) -> dict[str, str]:
    rows = (line.split("=", 1) for line in file.read_text().splitlines())
    return {name: value for name, value in rows}  # noqa: C416 - pairs of lists


def test_the_service_reads_the_secrets_that_are_made(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = compose()["services"]
    for name in OURS:
        given = {**_env(made / "liujing.env"), **city[name]["environment"]}
        for key, value in given.items():
            monkeypatch.setenv(key, value)

        settings = load_settings()

        database = _env(made / "postgresql.env")
        user, password = database["POSTGRES_USER"], database["POSTGRES_PASSWORD"]
        server = f"postgresql://{user}:{password}@postgresql:5432"
        assert settings.store_where == f"{server}/{database['POSTGRES_DB']}"
        assert settings.jobs_url == settings.store_where, "the image makes no other"
        assert settings.store.blobs == Path("/data/blobs")
        assert len(password) == 48
        assert password not in str(settings.shown())


def test_secrets_are_for_their_owner_alone_and_every_file_is_made(made: Path) -> None:
    wanted = {f for s in compose()["services"].values() for f in s["env_file"]}

    assert {f"secrets/{p.name}" for p in made.iterdir()} == wanted
    assert {p.stat().st_mode & 0o777 for p in made.iterdir()} == {0o600}
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_lost_file_gets_the_password_that_the_database_was_made_with(
    made: Path,
) -> None:
    before = (made / "liujing.env").read_text()
    (made / "liujing.env").unlink()

    subprocess.run(["sh", str(made.parent / SECRETS)], check=True, capture_output=True)

    assert (made / "liujing.env").read_text() == before
