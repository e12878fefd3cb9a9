"""A validation on its way from one task to the next: frames as Parquet in the work bucket, the key is passed on."""

import io
import json

import polars as pl

from exchange_hub.core.ports import ObjectStore
from exchange_hub.core.records import DatasetResult, Validation

PARTS = ("accepted", "rejected", "held")


def save_validation(store: ObjectStore, prefix: str, validation: Validation) -> str:
    """Write a validation below `prefix`, which must be fresh.

    Returns:
        The URI of its index, which `load_validation` reads.
    """
    datasets = []
    for name, result in validation.datasets.items():
        parts = {
            part: store.put_bytes(f"{prefix}/{name}.{part}.parquet", _parquet(getattr(result, part))) for part in PARTS
        }
        datasets.append({"dataset": name, "received": result.received, "flagged": result.flagged, **parts})
    index = {
        "contract_version": validation.contract_version,
        "findings": store.put_bytes(f"{prefix}/findings.parquet", _parquet(validation.findings)),
        "datasets": datasets,
    }
    return store.put_bytes(f"{prefix}/index.json", json.dumps(index).encode("utf-8"))


def load_validation(store: ObjectStore, uri: str) -> Validation:
    """The validation behind the URI that `save_validation` returned, equal to what was saved."""
    index = json.loads(store.get_bytes(uri))
    datasets = {}
    for entry in index["datasets"]:
        parts = {part: pl.read_parquet(io.BytesIO(store.get_bytes(entry[part]))) for part in PARTS}
        datasets[entry["dataset"]] = DatasetResult(
            entry["dataset"], entry["received"], flagged=entry["flagged"], **parts
        )
    findings = pl.read_parquet(io.BytesIO(store.get_bytes(index["findings"])))
    return Validation(index["contract_version"], datasets, findings)


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
