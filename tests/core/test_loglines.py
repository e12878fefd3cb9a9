"""Log lines are JSON that a machine can take in, with what is under way, and without what a person sent."""

import json
import logging
import subprocess
import sys
from datetime import datetime

import pytest
from structlog.contextvars import bound_contextvars

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.loglines import JsonLines, formatter


def record(message: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("warehouse.loader", logging.WARNING, "loader.py", 1, message, values, info)
    made.created = datetime(2026, 11, 23, 10, 15, tzinfo=SHANGHAI).timestamp()
    return made


def test_a_line_holds_message_time_and_what_is_under_way() -> None:
    with bound_contextvars(platform="P1", batch="B-1", stage="load"):
        line = JsonLines().format(record("loaded %s of %s\nnext", "批次", 3))

    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2026-11-23T10:15:00.000+08:00",
        "level": "warning",
        "logger": "warehouse.loader",
        "message": "loaded 批次 of 3\nnext",
        "platform": "P1",
        "batch": "B-1",
        "stage": "load",
    }


def test_an_error_is_told_by_class_and_place_without_its_words() -> None:
    words = f"身份证 {410101199001011234}"
    try:
        raise ValueError(words)
    except ValueError as error:
        line = JsonLines().format(record("failed", error=error))

    assert words not in line
    assert "41010119900101" not in line.replace("{410101199001011234}", "")  # a source line is no value
    assert json.loads(line)["error"].startswith("ValueError")


def test_plain_lines_are_a_matter_of_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_LOG_FORMAT", "text")

    assert formatter().format(record("loaded")).endswith("WARNING warehouse.loader loaded")


def test_nothing_is_loaded_before_the_first_line() -> None:
    code = "import sys; from exchange_hub.core.loglines import formatter as f; f(); print('structlog' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
