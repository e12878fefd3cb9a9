"""Every stage leaves its time, its lineage and its name in the log; observing disturbs nothing."""

import http.server
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import SecretStr

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import PackagesFailed
from exchange_hub.core.loglines import JsonLines
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.receive import BatchRef
from exchange_hub.flows.stages import run_observed, staged

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
STAGES = ["receive", "validate", "load", "notify"]
Record = tuple[str, dict[str, str]]
# What OpenLineage 2-0-2 asks of a run event, restated: no package of a registry carries the standard's own schema file.
FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["_producer", "_schemaURL"],
        "properties": {key: {"type": "string", "format": "uri"} for key in ("_producer", "_schemaURL")},
    },
}
DATASET = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {
        "namespace": {"type": "string", "minLength": 1},
        "name": {"type": "string", "minLength": 1},
        "facets": FACETS,
        "inputFacets": FACETS,
        "outputFacets": FACETS,
    },
}
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job", "eventType"],
    "properties": {
        "eventTime": {"type": "string", "format": "date-time"},
        "producer": {"type": "string", "format": "uri"},
        "schemaURL": {"type": "string", "format": "uri"},
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {"runId": {"type": "string", "format": "uuid"}, "facets": FACETS},
        },
        "job": {
            "type": "object",
            "required": ["namespace", "name"],
            "properties": {"namespace": {"type": "string"}, "name": {"type": "string"}, "facets": FACETS},
        },
        "inputs": {"type": "array", "items": DATASET},
        "outputs": {"type": "array", "items": DATASET},
    },
}


@pytest.fixture
def package(records: Callable[..., list[Record]], write: Callable[..., Path]) -> Path:
    """Two projects, one of them without a name."""
    good, bad = [record for record in records(95, projects=2) if record[0] == "PROJECT"]
    return write("lineage-1", [good, (bad[0], {**bad[1], "PROJECT_NAME": ""})])


def with_settings(hub: Hub, **changes: Any) -> Hub:
    return replace(hub, settings=hub.settings.model_copy(update=changes))


def told(path: Path) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    judge = jsonschema.Draft202012Validator(RUN_EVENT, format_checker=jsonschema.FormatChecker())
    for event in events:
        judge.validate(event)
    return events


def test_each_stage_tells_what_it_read_and_wrote_under_which_release(fresh: Hub, package: Path, tmp_path: Path) -> None:
    log = tmp_path / "lineage.jsonl"
    ingest(with_settings(fresh, openlineage_file=log), package, NOW, channel="cli")

    events = told(log)

    assert [(e["job"]["name"], e["eventType"]) for e in events] == [
        (stage, state) for stage in STAGES for state in ("START", "COMPLETE")
    ]
    assert len({e["run"]["runId"] for e in events}) == len(STAGES)
    facet = events[0]["run"]["facets"]["exchangeHub_batch"]
    assert (facet["platformCode"], facet["batchNo"], facet["contractVersion"]) == (NANYANG, "lineage-1", "2.0.0")
    load = next(e for e in events if e["job"]["name"] == "load" and e["eventType"] == "COMPLETE")
    (raw,) = load["inputs"]
    written = {o["name"].partition(".")[2]: o["outputFacets"]["outputStatistics"]["rowCount"] for o in load["outputs"]}
    assert raw["namespace"] == "s3://hub-evidence"
    assert raw["name"].startswith(f"raw/{NANYANG}/2026/11/25/")
    assert raw["facets"]["exchangeHub_contract"]["contractVersion"] == "2.0.0"
    assert written == {"exchange.project": 1, "hub.quarantine": 1}
    assert events[-1]["outputs"]  # the files of the notice
    assert "13800000000" not in log.read_text("utf-8")


def test_a_stage_that_fails_by_our_fault_says_so_without_words(
    fresh: Hub, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "lineage.jsonl"

    def broken(*_: Any) -> None:
        raise RuntimeError("张三 13712345678")

    monkeypatch.setattr("exchange_hub.flows.ingest.load_batch", broken)
    with pytest.raises(RuntimeError):
        ingest(with_settings(fresh, openlineage_file=log), package, NOW, channel="cli")

    last = told(log)[-1]
    assert (last["job"]["name"], last["eventType"], last["outputs"]) == ("load", "FAIL", [])
    assert last["run"]["facets"]["errorMessage"]["message"] == "RuntimeError"
    assert "13712345678" not in log.read_text("utf-8")
    with fresh.database() as conn:
        rows = conn.execute("SELECT stage, outcome, runs FROM hub.stage_time ORDER BY 1").fetchall()
    assert rows == [("load", "failed", 1), ("receive", "done", 1), ("validate", "done", 1)]


def test_nothing_is_sent_where_nothing_is_configured(
    fresh: Hub, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange_hub.flows.lineage.send", lambda *_: pytest.fail("sent"))

    ingest(fresh, package, NOW, channel="cli")

    with fresh.database() as conn:
        assert conn.execute("SELECT count(*), sum(runs), sum(packages) FROM hub.stage_time").fetchone() == (4, 4, 4)


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str | None, Any]]]]:
    """A server that takes events, and what it took."""
    taken: list[tuple[str | None, Any]] = []

    class Catalogue(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Catalogue) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", taken
        running.shutdown()


def test_events_go_to_a_server_with_its_key(fresh: Hub, server: tuple[str, list[Any]], package: Path) -> None:
    url, taken = server
    chosen = with_settings(fresh, openlineage_url=url, openlineage_api_key=SecretStr("key-1"))

    ingest(chosen, package, NOW, channel="cli")

    assert {key for key, _ in taken} == {"Bearer key-1"}
    assert [event["job"]["name"] for _, event in taken if event["eventType"] == "COMPLETE"] == STAGES


def test_a_catalogue_that_is_away_disturbs_nothing(fresh: Hub, package: Path, caplog: pytest.LogCaptureFixture) -> None:
    report = ingest(with_settings(fresh, openlineage_url="http://127.0.0.1:1"), package, NOW, channel="cli")

    assert report["counts"]["accepted"] == 1
    assert any("is not noted" in line for line in caplog.messages)


def test_lines_written_on_the_way_name_platform_batch_and_stage(fresh: Hub, package: Path) -> None:
    lines: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(JsonLines().format(record)))

    handler, logger = Kept(), logging.getLogger("warehouse.loader")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        ingest(fresh, package, NOW, channel="cli")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)

    assert [(line["platform"], line["batch"], line["stage"]) for line in lines] == [(NANYANG, "lineage-1", "load")]


def test_of_a_group_each_package_is_noted_by_what_became_of_it(
    fresh: Hub, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(fresh, package, NOW, channel="cli")
    log = tmp_path / "lineage.jsonl"
    good, fallen, gone = (
        {"offer": {"name": name}, "batch": {"platform_code": NANYANG, "batch_no": no}, "failed": failed}
        for name, no, failed in (("a", "lineage-1", ""), ("b", "lost", ""), ("c", "gone", "receive: X"))
    )
    after = {"packages": [good, {**fallen, "failed": "load: RuntimeError"}, gone]}

    def run_stage(stage: str, *_: Any) -> dict[str, Any]:
        if stage == "notify":
            raise PackagesFailed("PACKAGES_FAILED", "b", "b")
        return after

    monkeypatch.setattr("exchange_hub.flows.groups.run_stage", run_stage)
    monkeypatch.setattr("exchange_hub.flows.context.open_hub", lambda: with_settings(fresh, openlineage_file=log))

    assert run_observed("load", {"packages": [good, fallen, gone]}, NOW) == after
    with pytest.raises(PackagesFailed):
        run_observed("notify", after, NOW)

    ended = [(e["job"]["name"], e["run"]["facets"]["exchangeHub_batch"]["batchNo"]) for e in told(log)[1::2]]
    assert ended == [("load", "lineage-1"), ("notify", "lineage-1")]
    with fresh.database() as conn:
        rows = conn.execute("SELECT runs, packages FROM hub.stage_time WHERE (stage, outcome) = ('load', 'failed')")
        assert rows.fetchall() == [(1, 1)]


def test_a_warehouse_that_is_away_does_not_hide_the_stages_own_error(fresh: Hub) -> None:
    away = with_settings(fresh, database_url=SecretStr("postgresql://hub@127.0.0.1:1/hub"))

    with pytest.raises(LookupError, match="own"), staged(away, "load", NOW, BatchRef(NANYANG, "x")):
        raise LookupError("own")
