"""Fixtures of the flows' tests; the hub itself is in tests/conftest.py, shared with the portal's."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from exchange_hub.flows.context import Hub
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

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
