"""Packages and a small release for the ingest room's tests, and real SFTP and S3 servers."""

import csv
import gzip
import hashlib
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import pytest

from contracts.model import DatasetContract, Field, FieldType, Release, ReleaseStatus
from exchange_hub.embedded import stack

PLATFORM = "12410100MA3DEM0195"


def make_release() -> Release:
    """Two small datasets: SECTION and PROJECT."""
    fields = tuple(Field(name, name, FieldType.STRING, required=False) for name in ("CODE", "NAME", "AMOUNT"))
    datasets = {
        name: DatasetContract(name, "2.0.0", name, "", "registration", fields, (), (), (), None, "")
        for name in ("SECTION", "PROJECT")
    }
    return Release("2.0.0", ReleaseStatus.ACTIVE, None, None, None, None, (), datasets, {})


def as_csv(rows: Sequence[Mapping[str, str | None]], encoding: str = "utf-8") -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["DATA_KEY", "DATA_TYPE"]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows({k: v or "" for k, v in row.items()} for row in rows)
    return out.getvalue().encode(encoding)


def as_jsonl(rows: Sequence[Mapping[str, str | None]], encoding: str = "utf-8") -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(encoding)


def as_xml(rows: Sequence[Mapping[str, str | None]], dataset: str = "SECTION", encoding: str = "utf-8") -> bytes:
    records = []
    for row in rows:
        title = f"<DATA_EN>{dataset}</DATA_EN>"
        context = ""
        for name, value in row.items():
            text = escape(value or "", {"\r": "&#13;"})
            element = f"<{name}>{text}</{name}>"
            if name in ("DATA_KEY", "DATA_TYPE"):
                title += element
            else:
                context += element
        records.append(f"<RECORD><TITLE>{title}</TITLE><CONTEXT>{context}</CONTEXT></RECORD>")
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<BATCH>\n' + "\n".join(records) + "\n</BATCH>\n"
    return text.encode(encoding)


def as_parquet(rows: Sequence[Mapping[str, str | None]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = list(dict.fromkeys(name for row in rows for name in row)) or ["DATA_KEY", "DATA_TYPE"]
    table = pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def row(number: int = 1, **fields: str | None) -> dict[str, str | None]:
    """A record with valid defaults."""
    return {"DATA_KEY": f"K{number:021d}", "DATA_TYPE": "1", "CODE": f"C{number}", "NAME": "标段一", **fields}


def manifest(files: Mapping[str, bytes], records: int = 1) -> dict[str, Any]:
    """A good manifest over the data files."""
    return {
        "manifest_version": "1",
        "platform_code": PLATFORM,
        "batch_no": "20261123-000017",
        "contract_version": "2.0.0",
        "created_at": "2026-11-23T10:15:00+08:00",
        "files": [
            {
                "path": path,
                "dataset": "SECTION",
                "format": path.rsplit(".", 1)[-1],
                "records": records,
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for path, content in files.items()
            if path.startswith("data/")
        ],
    }


def members(files: Mapping[str, bytes] | None = None, records: int = 1) -> dict[str, bytes]:
    """Members of a good package: manifest first."""
    files = {"data/SECTION.csv": as_csv([row()])} if files is None else files
    return {"manifest.json": json.dumps(manifest(files, records)).encode(), **files}


def zip_bytes(contents: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tar_bytes(contents: Mapping[str, bytes], extra: Sequence[tarfile.TarInfo] = ()) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in extra:
            archive.addfile(info)
    return out.getvalue()


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> Path:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """The makers of this file, for tests."""
    return SimpleNamespace(
        row=row, manifest=manifest, members=members, zip=zip_bytes, tar=tar_bytes, folder=write_folder,
        csv=as_csv, jsonl=as_jsonl, xml=as_xml, parquet=as_parquet, platform=PLATFORM,
    )  # fmt: skip


@pytest.fixture(scope="session")
def release() -> Release:
    """A release of two small datasets."""
    return make_release()


@contextmanager
def _at_home(home: Path) -> Iterator[None]:
    before = os.environ.get("HUB_HOME")
    os.environ["HUB_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ["HUB_HOME"]
        else:
            os.environ["HUB_HOME"] = before


@pytest.fixture(scope="session")
def servers_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """State folder of a running SFTP server and S3 store."""
    home = tmp_path_factory.mktemp("ingest") / "home"
    with _at_home(home):
        try:
            stack.up(["s3", "sftp"], lambda _: None)
        except BaseException:
            stack.down(lambda _: None, delete=True)
            raise
    yield home
    with _at_home(home):
        stack.down(lambda _: None, delete=True)


@pytest.fixture
def servers(servers_home: Path) -> Iterator[Path]:
    """The demo platforms' real servers, reached through their real cards; the state folder."""
    with _at_home(servers_home):
        yield servers_home
