"""Validations on their way from one task to the next: one object in the work bucket, its key is passed on.

Small batches that were validated together travel together: one object costs as much as forty did.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from exchange_hub.core.ports import ObjectStore
from exchange_hub.core.records import DatasetResult, Validation
from exchange_hub.core.scratch import scratch_folder

PARTS = ("accepted", "rejected", "held")
INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A validation, and what it asked of the warehouse (`flows.asked`; None: not known).

    `received` is there where it is that of several batches (`validators.together`).
    """

    validation: Validation
    questions: list[list[Any]] | None = None
    received: Sequence[Mapping[str, int]] | None = None


def save_parcel(store: ObjectStore, key: str, parcel: Parcel) -> str:
    """Write a parcel under `key`, which must be fresh; returns the URI that `load_parcel` reads."""
    with scratch_folder("parcel") as folder:
        path = folder / "parcel.zip"
        with zipfile.ZipFile(path, "w") as file:
            index = {"validation": _save(file, parcel.validation), "questions": parcel.questions}
            file.writestr(INDEX, json.dumps({**index, "received": parcel.received}))
        return store.put_file(key, path)


def load_parcel(store: ObjectStore, uri: str) -> Parcel:
    """The parcel behind the URI that `save_parcel` returned, equal to what was saved."""
    with scratch_folder("parcel") as folder:
        path = folder / "parcel.zip"
        store.get_file(uri, path)
        with zipfile.ZipFile(path) as file:
            index = json.loads(file.read(INDEX))
            return Parcel(_load(file, index["validation"]), index["questions"], index["received"])


def _save(file: zipfile.ZipFile, validation: Validation) -> dict[str, Any]:
    datasets = []
    for name, result in validation.datasets.items():
        schemas = {part: write_frame(file, f"{name}.{part}", getattr(result, part)) for part in PARTS}
        datasets.append({"dataset": name, "received": result.received, "flagged": result.flagged, "parts": schemas})
    findings = write_frame(file, "findings", validation.findings)
    return {"contract_version": validation.contract_version, "findings": findings, "datasets": datasets}


def _load(file: zipfile.ZipFile, entry: dict[str, Any]) -> Validation:
    datasets = {}
    for one in entry["datasets"]:
        parts = {part: read_frame(file, one["parts"][part]) for part in PARTS}
        datasets[one["dataset"]] = DatasetResult(one["dataset"], one["received"], flagged=one["flagged"], **parts)
    findings = read_frame(file, entry["findings"])
    return Validation(entry["contract_version"], datasets, findings)


def write_frame(file: zipfile.ZipFile, name: str, frame: pl.DataFrame) -> str:
    """Arrow IPC: for small frames ten times as quick as Parquet."""
    with file.open(name, "w") as out:
        frame.write_ipc(out, compression="zstd")
    return name


def read_frame(file: zipfile.ZipFile, name: str) -> pl.DataFrame:
    """What `write_frame` wrote."""
    return pl.read_ipc(io.BytesIO(file.read(name)))
