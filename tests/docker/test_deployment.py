"""What docker/ says, held against the code and the published schemas. No container engine runs here: images are built
and started elsewhere; what can be run without one (entry point, first start, health question) is run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from typer.main import get_command

from exchange_hub.cli.main import app
from exchange_hub.core.settings import Settings
from exchange_hub.embedded.airflow import PROCESSES

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
KUBERNETES = DOCKER / "kubernetes"
BIN = Path(sys.executable).parent
# Read by docker/entrypoint.sh, not by the hub.
ENTRYPOINT = {"HUB_DATABASE_HOST", "HUB_BROKER_HOST", "HUB_SECRETS_DIR"}
SETTINGS = {f"HUB_{name.upper()}" for name in Settings.model_fields} | {"HUB_HOME"}
AIRFLOW_COMMANDS = {*PROCESSES.values(), ("api-server",), ("scheduler",), ("triggerer",), ("db", "migrate")}


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
    return document


def manifests() -> list[dict[str, Any]]:
    files = sorted(KUBERNETES.glob("*.yaml"))
    return [
        document
        for path in files
        if path.name != "kustomization.yaml"
        for document in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def containers() -> list[dict[str, Any]]:
    pods = [one["spec"]["template"]["spec"] for one in manifests() if "template" in one.get("spec", {})]
    return [container for pod in pods for container in pod["containers"]]


def variables() -> dict[str, str]:
    """Every variable that compose file or manifests give to a process of ours."""
    found = {
        name: str(value)
        for service in compose()["services"].values()
        for name, value in service.get("environment", {}).items()
    }
    for path in (KUBERNETES / "hub-settings.env", DOCKER / "site.env.example"):
        lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        found |= dict(line.split("=", 1) for line in lines)
    return found


def command_lines() -> list[list[str]]:
    lines = [service["command"] for service in compose()["services"].values() if "command" in service]
    return [*lines, *(container["args"] for container in containers() if "args" in container)]


def run(*command: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60, **options)


@pytest.mark.parametrize(
    "command",
    [
        ("hadolint", "docker/Dockerfile", "docker/check/Dockerfile"),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker/compose.yaml"),
        ("yamllint", "--strict", "docker"),
    ],
    ids=lambda command: command[0],
)
def test_the_linters_have_nothing_to_say(command: tuple[str, ...]) -> None:
    done = run(BIN / command[0], *command[1:], cwd=ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_manifest_is_of_the_published_schema() -> None:
    for document in manifests():
        kubernetes_validate.validate(document, "1.33", strict=True)


def test_the_kustomization_lists_every_manifest() -> None:
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))

    assert set(listed["resources"]) == {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert all((KUBERNETES / name).is_file() for maps in listed["configMapGenerator"] for name in maps.get("envs", ()))


def test_every_command_exists() -> None:
    ours = get_command(app).commands  # type: ignore[attr-defined]
    asked = {tuple(line) for line in command_lines()}

    assert all(line[1] in ours for line in asked if line[0] == "hub")
    airflow = {line[1:] for line in asked if line[0] == "airflow"}
    assert airflow - AIRFLOW_COMMANDS == {("celery", "worker")}  # the Celery provider's own
    assert {line[0] for line in asked} <= {"hub", "airflow", "postgres", "server", "sh"}


def test_the_image_serves_the_portal_and_copies_what_is_there() -> None:
    text = (DOCKER / "Dockerfile").read_text("utf-8")
    [served] = [json.loads(line.removeprefix("CMD ")) for line in text.splitlines() if line.startswith("CMD ")]
    module, name = served[1].split(":")

    assert served[0] == "uvicorn"
    assert re.search(rf"^{name} = ", _source(module).read_text("utf-8"), re.MULTILINE)
    copied = re.findall(r"^COPY (?:--chmod=\S+ )?((?!--from).+) \S+$", text, re.MULTILINE)
    assert copied
    assert all((ROOT / path).exists() for line in copied for path in line.split())
    packages = re.search(r"^packages = (\[.*\])", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert packages is not None
    assert set(json.loads(packages[1])) <= {path for line in copied for path in line.split()}
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)


def test_every_variable_is_one_that_is_read() -> None:
    named = set(variables())
    described = yaml.safe_load((_source("airflow").parent / "config_templates" / "config.yml").read_text("utf-8"))
    airflow = {
        f"AIRFLOW__{section}__{option}".upper() for section, parts in described.items() for option in parts["options"]
    }

    assert {name for name in named if name.startswith("HUB_")} <= SETTINGS | ENTRYPOINT | {"HUB_HOSTNAME", "HUB_TLS"}
    celery = {name for name in named if name.startswith("AIRFLOW__CELERY__")}  # the provider's, not installed here
    wanted = {name for name in named if name.startswith("AIRFLOW__")} - celery
    assert {name for name in wanted if "SIMPLE_AUTH_MANAGER" not in name} <= airflow
    assert celery == {"AIRFLOW__CELERY__WORKER_CONCURRENCY", "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER"}


def test_no_secret_stands_in_a_file() -> None:
    suspicious = re.compile(r"PASSWORD|SECRET|ACCESS_KEY|TOKEN|_CONN$|DATABASE_URL|BROKER_URL")

    assert not [n for n in variables() if suspicious.search(n) and not n.endswith("_FILE")]
    assert (ROOT / ".gitignore").read_text("utf-8").count("docker/secrets/") == 1
    tracked = run("git", "ls-files", "docker/secrets", cwd=ROOT)
    assert tracked.stdout == ""


def test_each_secret_is_made_named_and_read() -> None:
    made = re.search(r"for name in (.*?); do", (DOCKER / "first-start.sh").read_text("utf-8"), re.DOTALL)
    assert made is not None
    named = set(made[1].replace("\\\n", " ").split())
    mounted = {name for service in compose()["services"].values() for name in service.get("secrets", ())}

    assert named == set(compose()["secrets"]) == mounted
    read = set(re.findall(r"secrets/(\w+)|from_secret \w+ (\w+)|\(secret (\w+)\)", _texts()))
    assert named - {"postgres_password"} <= {name for names in read for name in names if name}


def _source(module: str) -> Path:
    """Where a module's source lies; it is not run, which takes seconds."""
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin)


def _texts() -> str:
    return "".join((DOCKER / name).read_text("utf-8") for name in ("entrypoint.sh", "compose.yaml", "postgres-init.sh"))


def test_every_process_of_ours_runs_closed() -> None:
    for name, service in compose()["services"].items():
        if str(service["image"]).startswith("${HUB_IMAGE"):
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
        assert "ports" not in service or name == "proxy"
        assert "healthcheck" in service or name == "portal"  # whose question is the image's own
    for container in containers():
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["limits"]["memory"]


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """A copy of docker/ after its first start."""
    shutil.copytree(DOCKER, tmp_path / "docker", ignore=shutil.ignore_patterns("secrets"))
    done = run("sh", tmp_path / "docker" / "first-start.sh")
    assert done.returncode == 0, done.stderr
    return tmp_path / "docker"


def test_a_second_start_replaces_no_secret(started: Path) -> None:
    before = {path.name: path.read_bytes() for path in (started / "secrets").iterdir()}

    run("sh", started / "first-start.sh")

    assert {path.name: path.read_bytes() for path in (started / "secrets").iterdir()} == before
    assert len(set(before.values())) == len(before)
    assert (started / "secrets").stat().st_mode & 0o777 == 0o700


def test_the_entry_point_gives_the_hub_its_secrets(started: Path, tmp_path: Path) -> None:
    ask = "from exchange_hub.core.settings import settings; s = settings(); print(s.database(), bool(s.s3_access_key))"
    settings = {"HUB_SECRETS_DIR": str(started / "secrets"), "AIRFLOW_HOME": str(tmp_path), "HUB_HOME": str(tmp_path)}

    done = run("sh", DOCKER / "entrypoint.sh", sys.executable, "-c", ask, env={"PATH": os.environ["PATH"], **settings})

    password = (started / "secrets" / "hub_password").read_text("utf-8")
    assert done.stdout.split() == [f"postgresql://hub:{password}@postgres:5432/hub", "True"], done.stderr
    signed_in = json.loads((tmp_path / "passwords.json").read_text("utf-8"))
    assert signed_in == {"admin": (started / "secrets" / "airflow_admin_password").read_text("utf-8")}
    assert (tmp_path / "passwords.json").stat().st_mode & 0o777 == 0o600


def test_what_is_set_already_wins_over_a_secret(started: Path, tmp_path: Path) -> None:
    settings = {"HUB_SECRETS_DIR": str(started / "secrets"), "AIRFLOW_HOME": str(tmp_path), "HUB_S3_ACCESS_KEY": "mine"}

    done = run("sh", DOCKER / "entrypoint.sh", "env", env={"PATH": os.environ["PATH"], **settings})

    assert "HUB_S3_ACCESS_KEY=mine" in done.stdout.splitlines()
    assert any(line.startswith("AIRFLOW__CELERY__BROKER_URL=redis://:") for line in done.stdout.splitlines())


@pytest.fixture
def health_page() -> Iterator[str]:
    """Address of a page that calls the scheduler healthy and the triggerer not."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 503)
            self.end_headers()
            self.wfile.write(b'{"scheduler": {"status": "healthy"}, "triggerer": {"status": null}}')

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("/health",), 0),
        (("/health", "scheduler"), 0),
        (("/health", "triggerer"), 1),
        (("/health", "x"), 1),
        (("/y",), 1),
    ],
)
def test_the_health_question(health_page: str, arguments: tuple[str, ...], status: int) -> None:
    path, *part = arguments

    assert run(sys.executable, DOCKER / "healthy.py", health_page + path, *part).returncode == status
