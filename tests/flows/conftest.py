"""Fixtures of the flows' tests; the hub itself is in tests/conftest.py, shared with the portal's."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from pydantic import SecretStr

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Notice
from exchange_hub.core.records import FINDING_COLUMNS, Counts, ReceivedBatch
from exchange_hub.flows.context import Hub
from exchange_hub.flows.issuing import issue
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from feedback.notice import BatchOutcome
from warehouse import batches, notices

NANYANG = "12411300MA3DEM035H"
Record = tuple[str, Mapping[str, str]]  # dataset, fields
Write = Callable[..., Path]


@pytest.fixture
def new_hub(hub: Hub, new_database: Callable[..., str], hub_template: str) -> Callable[[], Hub]:
    """A function that gives a hub with an empty warehouse; the stores are those of `hub`."""

    def make() -> Hub:
        url = SecretStr(new_database(hub_template))
        return replace(hub, settings=hub.settings.model_copy(update={"database_url": url}))

    return make


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[Record]]:
    """A function that gives the linked records of sample projects, parents before children."""

    def make(seed: int, projects: int = 1, **options: Any) -> list[Record]:
        folder = tmp_path_factory.mktemp("records")
        made = write_package(folder, SampleOptions(NANYANG, projects, seed, "jsonl", **options))
        return [
            (entry.dataset, json.loads(line))
            for entry in made.files
            for line in (folder / entry.path).read_text("utf-8").splitlines()
        ]

    return make


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes records as a package folder, in the order given."""
    numbers = count(1)

    def make(batch_no: str, records: Sequence[Record], platform: str = NANYANG) -> Path:
        folder = tmp_path / f"{next(numbers)}-{batch_no}"
        (folder / "data").mkdir(parents=True)
        files = []
        for dataset in dict.fromkeys(dataset for dataset, _ in records):
            lines = [json.dumps(fields, ensure_ascii=False) for name, fields in records if name == dataset]
            content = "".join(f"{line}\n" for line in lines).encode()
            (folder / "data" / f"{dataset}.jsonl").write_bytes(content)
            entry = {"path": f"data/{dataset}.jsonl", "dataset": dataset, "format": "jsonl", "records": len(lines)}
            files.append({**entry, "sha256": hashlib.sha256(content).hexdigest()})
        head = {"manifest_version": "1", "platform_code": platform, "batch_no": batch_no, "contract_version": "2.0.0"}
        manifest = {**head, "created_at": "2026-11-23T09:00:00+08:00", "files": files}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    return make


@pytest.fixture
def fresh(new_hub: Callable[[], Hub]) -> Hub:
    """A hub with an empty warehouse, the test's own."""
    return new_hub()


@pytest.fixture
def put_notice(fresh: Hub) -> Callable[..., Notice]:
    """A function that issues a notice of the folder platform about rejected sections, without a package."""
    platform = fresh.platforms["12411300MA3DEM035H"]

    def put(at: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI), items: int = 3) -> Notice:
        batch_no = uuid4().hex
        digest = hashlib.sha256(batch_no.encode()).hexdigest()
        received = ReceivedBatch(platform.code, batch_no, digest, digest, f"s3://raw/{batch_no}", 1, at, "cli")
        place = pl.select(row=pl.int_range(1, items + 1)).with_columns(
            dataset=pl.lit("SECTION"),
            file=pl.lit("data/SECTION.csv"),
            data_key=pl.concat_str(pl.lit(batch_no[:14]), pl.col("row").cast(pl.String).str.zfill(8)),
        )
        said = {
            "field": "CURRENCY", "rule_id": "VAL-009", "severity": "reject", "dimension": "accuracy",
            "value": "=1", "message_zh": "代码不在列表中", "message_en": "not in the list", "expected_zh": "156",
        }  # fmt: skip
        findings = place.with_columns(**{name: pl.lit(text) for name, text in said.items()}, rule_version=pl.lit(1))
        rejected = place.with_columns(natural_key=pl.lit(None, pl.String), label=pl.lit("某标段"))
        counts = Counts(items, 0, items, 0, 0)
        frame = findings.select(name for name, _ in FINDING_COLUMNS)
        outcome = BatchOutcome(platform, batch_no, "2.0.0", counts, frame, rejected)
        with fresh.database() as conn:
            batch = batches.record_received(conn, received, None).batch
            number = issue(conn, outcome, notices.Source(batch.id), at)
            conn.commit()
            made = notices.read(conn, number)
        assert made is not None
        return made

    return put
