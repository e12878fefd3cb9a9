"""The lake on a real object store and a real PostgreSQL, read by pyiceberg and by DuckDB as an analyst would."""

import importlib.util
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import Table

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.masking import mask
from exchange_hub.core.s3 import make_client
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.lake import lake_place, publish_lake, show_lake
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.object_store import S3ObjectStore
from warehouse.lake import publish as publishing
from warehouse.lake.catalogue import NAME

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
FEW = ("PROJECT", "TENDER_PROJECT", "SECTION")
BUCKETS = itertools.count(1)
Send = Callable[..., None]


@pytest.fixture
def lake(new_hub: Callable[[], Hub]) -> Hub:
    """A hub with an empty warehouse and buckets of its own, for its lake and for its evidence."""
    made, number = new_hub(), next(BUCKETS)
    place = lake_place(made)
    evidence = S3ObjectStore(place.endpoint, place.access_key, place.secret_key, f"test-lake-evidence-{number}")
    evidence.ensure_bucket()
    settings = made.settings.model_copy(update={"lake_bucket": f"test-lake-{number}"})
    return replace(made, settings=settings, evidence=evidence)


@pytest.fixture
def send(lake: Hub, tmp_path: Path) -> Send:
    """A function that brings a package of sample records into the warehouse; the same seed gives the same records."""
    numbers = itertools.count(1)

    def make(seed: int = 1, **options: Any) -> None:
        batch_no = f"L-{next(numbers)}"
        folder = tmp_path / batch_no
        chosen = {"datasets": FEW, **options}
        write_package(folder, SampleOptions(NANYANG, 2, seed, "jsonl", batch_no=batch_no, **chosen))
        ingest(lake, folder, NOW, channel="cli")

    return make


def catalogue(hub: Hub) -> SqlCatalog:
    return SqlCatalog(NAME, **lake_place(hub).properties())


@pytest.fixture
def tables(lake: Hub) -> Iterator[Callable[[str], Table]]:
    """A function that opens a table of the lake by the name of its dataset, with a catalogue of its own."""
    opened = catalogue(lake)
    yield lambda dataset: opened.load_table(f"exchange.{dataset.lower()}")
    opened.close()


@pytest.fixture
def duck(lake: Hub) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with its own S3 and Iceberg readers, which it loads from the machine and not from the network."""
    place = lake_place(lake)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        for name in ("avro", "httpfs", "iceberg"):
            connection.execute(f"LOAD '{_extension(name)}'")
        connection.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID '{place.access_key}', SECRET '{place.secret_key}', REGION 'us-east-1',"
            f" ENDPOINT '{place.endpoint}', USE_SSL false, URL_STYLE 'path')"
        )
        yield connection


def _extension(name: str) -> Path:
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    assert spec is not None
    assert spec.origin is not None
    [path] = Path(spec.origin).parent.glob(f"extensions/*/{name}.duckdb_extension")
    return path


def stored(hub: Hub, statement: str) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement).fetchall()


def objects(hub: Hub) -> list[str]:
    place = lake_place(hub)
    client = make_client(place.endpoint, place.access_key, place.secret_key, place.secure)
    return sorted(str(entry.object_name) for entry in client.list_objects(place.bucket, recursive=True))


def scanned(hub: Hub) -> dict[str, str]:
    """Where each dataset's present state is written, as DuckDB is told."""
    return {row["dataset"]: row["metadata"] for row in show_lake(hub)["tables"]}


def test_duckdb_and_pyiceberg_read_what_postgresql_shows(
    lake: Hub, send: Send, duck: duckdb.DuckDBPyConnection, tables: Callable[[str], Table]
) -> None:
    """Every dataset, every column of its view in schema exchange, every current row, for a reader without a grant."""
    send(seed=1, datasets=())

    done = publish_lake(lake, NOW)

    assert done["tables"] == dict(stored(lake, "SELECT dataset, count(*) FROM audit.record GROUP BY 1"))
    assert len(done["tables"]) > 10
    for dataset, metadata in scanned(lake).items():
        view = as_shown(lake, dataset)
        columns = ", ".join(f'"{name}"' for name in view.column_names)
        duck_sees = duck.execute(f"SELECT {columns} FROM iceberg_scan('{metadata}') ORDER BY data_key")
        assert normal(duck_sees.to_arrow_table()) == normal(view), dataset
        iceberg = tables(dataset).scan(selected_fields=tuple(view.column_names)).to_arrow().sort_by("data_key")
        assert normal(iceberg.select(view.column_names)) == normal(view), dataset
    _nothing_personal_is_clear(lake, tables, list(done["tables"]))


def _nothing_personal_is_clear(hub: Hub, tables: Callable[[str], Table], datasets: list[str]) -> None:
    seen, classes = 0, "'id_number', 'phone', 'bank_account', 'email'"
    query = f"SELECT DISTINCT dataset, field FROM hub.contract_field WHERE personal IN ({classes})"
    for dataset, column in stored(hub, query):
        if dataset in datasets:
            clear = dict(stored(hub, f'SELECT data_key, "{column}" FROM hub.wh_{dataset.lower()}'))
            shown = tables(dataset).scan(selected_fields=("data_key", column.lower())).to_arrow().to_pylist()
            assert {row["data_key"]: row[column.lower()] for row in shown} == {k: mask(v) for k, v in clear.items()}
            seen += sum(value is not None for value in clear.values())
    assert seen > 10


def as_shown(hub: Hub, dataset: str) -> pa.Table:
    """Rows of the view as a login sees them that may see all regions and no personal data."""
    with hub.database() as conn:
        conn.execute("CREATE ROLE lake_reader IN ROLE hub_auditor")
        conn.execute(
            "INSERT INTO hub.scope_grant (login, region, trade, reason, granted_at)"
            " VALUES ('lake_reader', '*', '*', 'test', now() - interval '1 day')"
        )
        conn.execute("SET SESSION AUTHORIZATION lake_reader")
        cursor = conn.execute(f'SELECT * FROM exchange."{dataset.lower()}" ORDER BY data_key')
        names = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
        conn.rollback()
    assert rows, dataset
    return pa.table(
        {name: [str(row[i]) if row[i] is not None else None for row in rows] for i, name in enumerate(names)}
    )


def normal(table: pa.Table) -> list[dict[str, str | None]]:
    """Values as text; instants in Shanghai, decimals and bytes as PostgreSQL writes them."""

    def text(value: object) -> str | None:
        if isinstance(value, datetime):
            return str(value.astimezone(SHANGHAI))
        return None if value is None else str(value)

    return [{name: text(value) for name, value in row.items()} for row in table.to_pylist()]


def test_a_repeat_writes_nothing_and_later_only_what_is_new_is_added(
    lake: Hub, send: Send, tables: Callable[[str], Table]
) -> None:
    send(seed=1)
    publish_lake(lake, NOW)
    before = objects(lake)

    again = publish_lake(lake, NOW + timedelta(hours=1))

    assert (again["versions"], again["tables"]) == (0, {})
    assert objects(lake) == before

    send(seed=1)  # the same records once more: a load without versions
    send(seed=2)

    publish_lake(lake, NOW + timedelta(days=1))

    snapshots = tables("SECTION").metadata.snapshots
    said = [snapshot.summary["exchange-hub.through-batch"] for snapshot in snapshots if snapshot.summary]
    assert said == [f"{NANYANG}/L-1", f"{NANYANG}/L-3"]
    added = [int(snapshot.summary["added-records"] or 0) for snapshot in snapshots if snapshot.summary]
    assert added == [
        number
        for (number,) in stored(
            lake, "SELECT count(*) FROM audit.record WHERE dataset = 'SECTION' GROUP BY batch_no ORDER BY batch_no"
        )
    ]


def test_a_field_that_a_later_release_brings_becomes_a_column(
    lake: Hub, send: Send, tables: Callable[[str], Table]
) -> None:
    send(seed=1)
    publish_lake(lake, NOW)
    with lake.database() as conn:
        conn.execute('ALTER TABLE hub.wh_section ADD "FLOOR_AREA" numeric(38,6)')
        conn.execute(
            "INSERT INTO hub.contract_field (dataset, contract_version, position, field, type, label_zh)"
            " SELECT 'SECTION', contract_version, max(position) + 1, 'FLOOR_AREA', 'decimal', '建筑面积'"
            " FROM hub.contract_field WHERE dataset = 'SECTION' AND contract_version LIKE '2.%' GROUP BY 2"
        )
    send(seed=2)

    publish_lake(lake, NOW)

    field = tables("SECTION").schema().find_field("floor_area")
    assert (str(field.field_type), field.doc) == ("decimal(38, 6)", "建筑面积")
    assert set(tables("SECTION").scan().to_arrow()["floor_area"].to_pylist()) == {None}


def test_a_publication_that_dies_leaves_no_half_table_and_the_next_one_completes_it(
    lake: Hub, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(seed=1)
    died = []
    reader = publishing.new_versions

    def dies(conn: Any, shape: Any, after: int, through: int) -> pa.RecordBatchReader:
        if shape.dataset != "SECTION":
            return reader(conn, shape, after, through)

        def half() -> Iterator[pa.RecordBatch]:
            yield from reader(conn, shape, after, through)  # everything was read, nothing committed
            died.append(shape.dataset)
            raise RuntimeError("killed")

        return pa.RecordBatchReader.from_batches(reader(conn, shape, through, through).schema, half())

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "new_versions", dies)
        with pytest.raises(RuntimeError, match="killed"):
            publish_lake(lake, NOW)
    seen = {row["dataset"]: row["versions"] for row in show_lake(lake)["tables"]}
    assert died == ["SECTION"]
    assert seen["SECTION"] == 0
    assert show_lake(lake)["through_seq"] == 0

    publish_lake(lake, NOW)

    counted = dict(stored(lake, "SELECT dataset, count(*) FROM audit.record GROUP BY 1"))
    assert {row["dataset"]: row["versions"] for row in show_lake(lake)["tables"]} == counted


def test_a_table_whose_fields_become_personal_is_published_anew(
    lake: Hub, send: Send, tables: Callable[[str], Table]
) -> None:
    send(seed=1)
    publish_lake(lake, NOW)
    before = {key for key in objects(lake) if key.startswith("exchange/section/")}
    names = set(tables("SECTION").scan().to_arrow()["bid_section_name"].to_pylist())
    with lake.database() as conn:
        conn.execute("UPDATE hub.contract_field SET personal = 'phone' WHERE field = 'BID_SECTION_NAME'")

    done = publish_lake(lake, NOW)

    assert done["anew"] == ("SECTION",)
    assert not names & set(tables("SECTION").scan().to_arrow()["bid_section_name"].to_pylist())
    assert not before & set(objects(lake))
