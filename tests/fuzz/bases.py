"""Right packages to start from: every dataset of a release, in every format, and another province's messages.

All is made by the sample generator from fixed seeds, so that a number always gives the same package.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contracts.loader import load_release
from exchange_hub.sample.generate import chunks, lines_of, release_of
from exchange_hub.sample.options import SampleOptions
from tests.fuzz.render import RENDERERS, Rows

FORMATS = tuple(RENDERERS)
GROUP = 3  # datasets in a package
ROWS = 3  # records of a dataset
SHANXI_CODE = "12140100MA3DEM088H"
SHANXI = Path(__file__).resolve().parents[1] / "ingest" / "golden" / "shanxi"


@dataclass(frozen=True, slots=True)
class Base:
    """A package before it is packed: its manifest, its data as rows (None: bytes only) and as bytes."""

    manifest: Mapping[str, Any]
    rows: Mapping[str, Rows]  # path -> rows
    files: Mapping[str, bytes]  # path -> bytes


@cache
def groups() -> tuple[tuple[str, ...], ...]:
    """The datasets of the release, a few at a time."""
    names = list(load_release("2.0.0").datasets)
    return tuple(tuple(names[at : at + GROUP]) for at in range(0, len(names), GROUP))


@cache
def base(group: int, form: str) -> Base:
    """The package of a group of datasets in one format."""
    options = SampleOptions(projects=1, seed=group + 1, datasets=groups()[group])
    release = release_of(options)
    lines = lines_of(options, release)
    rows: dict[str, Rows] = {}
    for chunk in chunks(options, release, lines):
        for name, records in chunk.items():
            columns = lines[name].columns
            kept = rows.setdefault(f"data/{name}.{form}", [])
            kept += [{column: record.get(column) for column in columns} for record in records]
    rows = {path: kept[:ROWS] for path, kept in rows.items()}
    files = {path: RENDERERS[form](kept, Path(path).stem) for path, kept in rows.items()}
    entries = [entry(path, Path(path).stem, form, len(rows[path]), content) for path, content in files.items()]
    return Base(manifest(options.platform, entries), rows, files)


@cache
def shanxi() -> Base:
    """A package in another province's messages, which a dialect translates."""
    files = {f"data/{path.name}": path.read_bytes() for path in sorted(SHANXI.glob("*.xml"))}
    entries = [
        entry(path, Path(path).stem, "xml", content.count(f"</{Path(path).stem}>".encode()), content)
        for path, content in files.items()
    ]
    return Base(manifest(SHANXI_CODE, entries), {}, files)


def entry(path: str, dataset: str, form: str, records: int, content: bytes) -> dict[str, Any]:
    """A file's entry in the manifest."""
    digest = hashlib.sha256(content).hexdigest()
    return {"path": path, "dataset": dataset, "format": form, "records": records, "sha256": digest}


def manifest(platform: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """A right manifest."""
    return {
        "manifest_version": "1",
        "platform_code": platform,
        "batch_no": "fuzz-1",
        "contract_version": "2.0.0",
        "created_at": "2026-11-23T10:15:00+08:00",
        "files": entries,
    }


def manifest_bytes(document: Any) -> bytes:
    """A manifest as it stands in the package."""
    return json.dumps(document, ensure_ascii=True).encode("ascii")
