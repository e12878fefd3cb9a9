"""What auditors ask: the history of a record, and whether the evidence is what was sealed (存证核验)."""

from datetime import datetime
from typing import Any

from contracts.loader import releases
from contracts.model import MASKED_CLASSES, DatasetContract
from exchange_hub.core.errors import UsageError
from exchange_hub.core.masking import mask
from exchange_hub.flows.context import Hub
from warehouse.differences import VerifyResult
from warehouse.history import platforms_of, read_history
from warehouse.verification import verify
from warehouse.watching import add_verification


def record_history(hub: Hub, dataset: str, data_key: str) -> dict[str, Any]:
    """All that is known of one record: versions with what each changed, findings, notices, waits; oldest first.

    Values of personal fields are masked.

    Raises:
        UsageError: no such dataset, or nothing was ever received under that key.
    """
    contracts = _contracts(dataset)
    with hub.database() as conn:
        history = read_history(conn, dataset, data_key)
    if not history.known:
        raise UsageError(
            "UNKNOWN_RECORD",
            f"数据集 {dataset} 从未收到主键为 {data_key} 的记录",
            f"nothing was ever received under {data_key} in {dataset}",
        )
    personal = personal_fields(dataset)
    versions = [_masked(version, personal) for version in _with_changes(history.versions)]
    return {
        "dataset": dataset,
        "dataset_zh": contracts[-1].label_zh,
        "data_key": data_key,
        "versions": versions,
        "findings": history.findings,
        "notices": history.notices,
        "waits": history.waits,
    }


def personal_fields(dataset: str) -> set[str]:
    """Fields of a dataset, in any release, whose values are shown masked.

    Raises:
        UsageError: no such dataset.
    """
    return {
        field.name for contract in _contracts(dataset) for field in contract.fields if field.personal in MASKED_CLASSES
    }


def _contracts(dataset: str) -> list[DatasetContract]:
    contracts = [release.datasets[dataset] for release in releases() if dataset in release.datasets]
    if not contracts:
        raise UsageError("UNKNOWN_DATASET", f"没有数据集 {dataset}", f"no dataset {dataset}; see hub contracts list")
    return contracts


def verify_evidence(hub: Hub, batch_no: str | None = None, platform_code: str | None = None) -> VerifyResult:
    """Recompute hashes, Merkle roots and chain; read packages, notices and kept heads in the evidence store again.

    Args:
        batch_no: only this batch; None for everything.
        platform_code: whose batch, where several platforms have used the number.

    Raises:
        UsageError: no such batch, or several platforms have used the number.
    """
    with hub.database() as conn:
        batch = None if batch_no is None else (_sender(platforms_of(conn, batch_no), batch_no, platform_code), batch_no)
        conn.rollback()
        return verify(conn, batch, store=hub.evidence)


def note_verification(hub: Hub, result: VerifyResult, now: datetime) -> None:
    """Remember how a verification of everything ended: the monitoring shows the last one."""
    with hub.database() as conn:
        add_verification(conn, result.loads, len(result.differences), now)
        conn.commit()


def _sender(senders: list[str], batch_no: str, wanted: str | None) -> str:
    if wanted is not None and wanted in senders:
        return wanted
    if wanted is None and len(senders) == 1:
        return senders[0]
    if wanted is None and senders:
        listed = "、".join(senders)
        raise UsageError(
            "SEVERAL_BATCHES",
            f"多个平台用过批次号 {batch_no}，请用 --platform 指明：{listed}",
            f"several platforms used batch number {batch_no}; name one with --platform",
        )
    raise UsageError("UNKNOWN_BATCH", f"没有批次 {batch_no}", f"no batch {batch_no}")


def _with_changes(versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each version with `changes`: field -> [before, after], compared with the version before."""
    told: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    for version in versions:
        after = version["payload"]
        changes = {} if version["operation"] == "delete" else _changes(before, after)
        told.append({**version, "changes": changes if version["version_no"] > 1 else {}})
        before = after if version["operation"] != "delete" else before
    return told


def _changes(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str | None]]:
    names = sorted({*before, *after})
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def _masked(version: dict[str, Any], personal: set[str]) -> dict[str, Any]:
    payload = {name: mask(value) if name in personal else value for name, value in version["payload"].items()}
    changes = {
        name: [mask(value) for value in pair] if name in personal else pair for name, pair in version["changes"].items()
    }
    return {**version, "payload": payload, "changes": changes}
