"""An independent judge: `datacontract test` over what we loaded, with our own contract files.

The contracts name no server, since a released file is frozen and a database is not part of the spec; the entry is
added here, on the way.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from datacontract.data_contract import DataContract
from datacontract.model.run import Run

from contracts.loader import HOME, load_release
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.records import ReceivedBatch
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import Limits, open_package
from ingest.read import read_frames
from validators.engine import Context, validate
from warehouse import loader
from warehouse.batches import record_received
from warehouse.connection import connect
from warehouse.stored import PostgresStored

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
PLATFORM = "12411300MA3DEM035H"
LIMITS = Limits(2**30, 2**30, 10_000)
Judge = Callable[..., Run]
# ibis sets an option that pandas is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")


@pytest.fixture(scope="module")
def warehouse(new_database: Callable[..., str], hub_template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a warehouse with a sample batch, some of its records faulty."""
    url = new_database(hub_template)
    folder = tmp_path_factory.mktemp("sample")
    write_package(folder / "package", SampleOptions(platform=PLATFORM, projects=3, seed=5, faults=5.0))
    package = open_package(folder / "package", folder / "open", LIMITS)
    release = load_release(package.manifest.contract_version)
    with connect(url) as conn:
        received = ReceivedBatch(PLATFORM, "judged", "0" * 64, "0" * 64, "s3://raw/judged", 1, NOW, "cli")
        batch = record_received(conn, received, package.manifest).batch
        frames = read_frames(package, release)
        validation = validate(frames, release, PostgresStored(conn), Context(PLATFORM, NOW, package.members))
        loader.load(conn, batch, validation, NOW + timedelta(minutes=1))
        conn.commit()
    return url


@pytest.fixture
def judge(warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Runs `datacontract test` for a dataset's contract file against the warehouse."""
    address = urlsplit(warehouse)
    monkeypatch.setenv("DATACONTRACT_POSTGRES_USERNAME", address.username or "")
    monkeypatch.setenv("DATACONTRACT_POSTGRES_PASSWORD", "trusted")

    def run(dataset: str, schema: str = "exchange") -> Run:
        server = {
            "server": "warehouse",
            "type": "postgres",
            "host": address.hostname,
            "port": address.port,
            "database": address.path.lstrip("/"),
            "schema": schema,
        }
        contract = load_release("2.0.0").datasets[dataset]
        document: dict[str, Any] = yaml.safe_load((HOME.parent / contract.path).read_text("utf-8"))
        path = tmp_path / f"{dataset}.odcs.yaml"
        path.write_text(yaml.safe_dump({**document, "servers": [server]}, allow_unicode=True), "utf-8")
        return DataContract(data_contract_file=str(path), server="warehouse").test()

    return run


def loaded(url: str) -> dict[str, int]:
    """Datasets that have current rows."""
    with psycopg.connect(url) as conn:
        counts = {
            name: int(conn.execute(f"SELECT count(*) FROM exchange.{name.lower()}").fetchone()[0])  # type: ignore[index]
            for name in load_release("2.0.0").datasets
        }
    return {name: count for name, count in counts.items() if count}


def test_every_dataset_with_rows_obeys_its_contract(warehouse: str, judge: Judge) -> None:
    datasets = loaded(warehouse)

    runs = {name: judge(name) for name in datasets}

    faults = [
        (name, check.field, check.type, check.result, check.reason)
        for name, run in runs.items()
        for check in run.checks
        if check.result != "passed" and check.engine != "exchange-hub"
    ]
    assert len(datasets) >= 12
    assert faults == []
    assert min(sum(check.result == "passed" for check in run.checks) for run in runs.values()) > 20


def test_the_judge_can_say_no(warehouse: str, judge: Judge) -> None:
    """The same judge over copies of the table: a missing name, and a code that stands twice."""
    with psycopg.connect(warehouse) as conn:
        conn.execute("CREATE SCHEMA broken; CREATE TABLE broken.section AS SELECT * FROM exchange.section")
        conn.execute("UPDATE broken.section SET bid_section_name = NULL")
        conn.execute("INSERT INTO broken.section SELECT * FROM exchange.section LIMIT 1")

    run = judge("SECTION", "broken")

    failed = {(check.field, check.type) for check in run.checks if check.result == "failed"}
    assert ("bid_section_name", "field_required") in failed
    assert ("bid_section_code", "field_unique") in failed
