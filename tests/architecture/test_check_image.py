"""The image of `hub check`: read line by line here; `python docker/check/dockerfile.py FOLDER` takes its steps."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

TOP = Path(__file__).resolve().parents[2]
FOLDER = TOP / "docker" / "check"
HEAVY = ("airflow", "sqlalchemy", "psycopg", "alembic", "minio", "boto3", "paramiko", "asyncssh", "fastapi", "pandera")
FORMATS = ("csv", "jsonl", "parquet", "xml")

# Checks of all formats with all reports, in a process that has what the lock has and nothing else.
CHECK = """
import json, re, sys
from importlib.metadata import packages_distributions
pinned = set(json.loads(sys.argv[1]))
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
hidden = {{name for name, them in packages_distributions().items() if not pinned & set(map(plain, them))}}
class Hider:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in hidden:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Hider())
from exchange_hub.cli.main import app
for form in {formats!r}:
    status = app(["check", "{folder}/" + form, "--json", "--html", "{folder}/r.html", "--xlsx", "{folder}/r.xlsx",
                  "--csv", "{folder}/r.csv"], standalone_mode=False)
    print(status, file=sys.stderr)
print(json.dumps(sorted({{name.split(".")[0] for name in sys.modules}})), file=sys.stderr)
"""


def _instructions() -> list[tuple[str, str]]:
    spec = importlib.util.spec_from_file_location("dockerfile", FOLDER / "dockerfile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[tuple[str, str]] = module.instructions()
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_image_runs_as_nobody_special_and_from_a_pinned_base() -> None:
    found = _instructions()

    users = [rest for word, rest in found if word == "USER"]
    assert users
    assert all(int(user.split(":")[0]) > 0 for user in users)
    assert found[0] == ("ARG", "BASE=python:3.12.12-slim-bookworm")
    assert {word for word, _ in found} <= {"ARG", "FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD"}
    assert [word for word, _ in found].count("ENTRYPOINT") == 1
    assert "--require-hashes" in next(rest for word, rest in found if word == "RUN")


def test_all_that_is_copied_exists_and_is_let_through() -> None:
    let_through = {line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if line[0] == "!"}
    copied = {rest.split()[0] for word, rest in _instructions() if word == "COPY" and not rest.startswith("--from")}

    assert copied == let_through
    assert all((TOP / name).exists() for name in copied)


def test_a_check_needs_what_its_lock_has_and_no_service_s_library(tmp_path: Path) -> None:
    for form in FORMATS:
        write_package(tmp_path / form, SampleOptions(faults=5, format=form, datasets=("SECTION",), projects=4))
    lock = (TOP / "requirements" / "check.lock").read_text("utf-8")
    pinned = [_plain(line.split("==")[0]) for line in lock.splitlines() if "==" in line]
    code = CHECK.format(formats=FORMATS, folder=tmp_path)

    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps([*pinned, "exchange-hub"])], capture_output=True, text=True, check=False
    )

    *statuses, modules = done.stderr.splitlines()
    assert len(statuses) == len(FORMATS)
    assert set(statuses) <= {"0", "1"}
    assert set(json.loads(modules)).isdisjoint(HEAVY)
