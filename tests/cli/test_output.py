"""What the command line prints for programs."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from exchange_hub.cli.main import run
from exchange_hub.cli.output import print_json


def test_instants_and_days_are_iso_8601_in_beijing_time(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"at": datetime(2026, 11, 24, 9, 19, 46, 142333, tzinfo=UTC), "day": date(2026, 12, 1), "none": None})

    printed = json.loads(capsys.readouterr().out)
    assert printed == {"at": "2026-11-24T17:19:46+08:00", "day": "2026-12-01", "none": None}


def test_a_panic_of_a_native_library_is_one_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))

    def panic() -> None:
        raise pl.exceptions.PanicException("out-of-range date")

    assert run(panic) == 2
    assert capsys.readouterr().err.count("\n") == 1
