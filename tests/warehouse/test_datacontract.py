"""An independent judge: `datacontract test` over what we loaded, with our own contract files."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from datacontract.model.run import Run

from contracts.loader import load_release
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


def test_every_dataset_with_rows_obeys_its_contract(
    warehouse: str, faults_found: Callable[[str], dict[str, list[Any]]]
) -> None:
    found = faults_found(warehouse)

    assert len(found) >= 12
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_the_judge_can_say_no(warehouse: str, datacontract_test: Callable[..., Run]) -> None:
    """The same judge over copies of the table: a missing name, and a code that stands twice."""
    with psycopg.connect(warehouse) as conn:
        conn.execute("CREATE SCHEMA broken; CREATE TABLE broken.section AS SELECT * FROM exchange.section")
        conn.execute("UPDATE broken.section SET bid_section_name = NULL")
        conn.execute("INSERT INTO broken.section SELECT * FROM exchange.section LIMIT 1")

    run = datacontract_test(warehouse, "SECTION", schema="broken")

    failed = {(check.field, check.type) for check in run.checks if check.result == "failed"}
    assert ("bid_section_name", "field_required") in failed
    assert ("bid_section_code", "field_unique") in failed
