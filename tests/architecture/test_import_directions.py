"""The rooms import each other only in the directions that the architecture allows."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_import_directions_are_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")

    result = subprocess.run([str(lint)], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_every_package_init_holds_only_its_docstring() -> None:
    rooms = ("contracts", "exchange_hub", "feedback", "ingest", "validators", "warehouse")
    inits = [path for room in rooms for path in (ROOT / room).rglob("__init__.py")]

    full = [str(path) for path in inits if len(ast.parse(path.read_text("utf-8")).body) != 1]

    assert inits
    assert full == []
