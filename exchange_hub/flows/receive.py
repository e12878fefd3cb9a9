"""Step 1, receive: the bytes into the evidence store, the batch into the warehouse's book.

After this step the sender has done his part: whatever happens next, the bytes and the fact of their arrival are
kept. A package that cannot be read is refused here or in step 2; its notice goes out all the same.
"""

import hashlib
import logging
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import Refusal, UsageError
from exchange_hub.core.records import Manifest, ReceivedBatch, RefusalInfo
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.check import limits_of
from exchange_hub.flows.context import Hub
from exchange_hub.flows.refuse import issue_refusal, refuse
from exchange_hub.flows.releases import release_for
from exchange_hub.flows.reports import refused_report
from feedback.report import report_document
from ingest.package import OpenPackage, pack, peek_identity, prove_package
from warehouse import batches
from warehouse.batches import Arrival
from warehouse.notices import Source
from warehouse.platforms import record_platforms

logger = logging.getLogger(__name__)

UNKNOWN_SENDER = "unknown"  # platform_code of a package that names no platform and came by no platform's channel


@dataclass(frozen=True, slots=True)
class BatchRef:
    """Which batch: passed from step to step."""

    platform_code: str
    batch_no: str

    def as_dict(self) -> dict[str, str]:
        """For hand-over between tasks."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Received:
    """Outcome of receiving: `repeat` when the same content was received before, `refused` when it can't be used."""

    ref: BatchRef
    repeat: bool
    refused: bool
    conflict: RefusalInfo | None = None  # the number was used before with other bytes: this delivery is refused

    @property
    def said(self) -> str:
        """A word for the log."""
        return "refused" if self.refused else "repeat" if self.repeat else "received"


def receive(
    hub: Hub, source: Path, now: datetime, *, channel: str, sender: str | None = None, folder: Path | None = None
) -> Received:
    """Take one package in: keep its bytes, open it, book it.

    Args:
        source: archive file or plain folder.
        channel: how it came: sftp, s3, folder, http, cli.
        sender: code of the platform whose channel it came by; None when it was handed in by an operator.
        folder: to work in, the caller's; one of its own by default.

    Raises:
        UsageError: nothing is at `source`.
        ServiceError: evidence store or database do not answer; nothing is booked, try again.
    """
    if not source.exists():
        raise UsageError("NO_SUCH_FILE", f"找不到文件或文件夹：{source}", f"no such file or folder: {source}")
    with nullcontext(folder) if folder else scratch_folder("receive") as place:
        raw = pack(source, place / "package.tar.gz") if source.is_dir() else source
        sha256 = _sha256(raw)
        try:
            package: OpenPackage | None = prove_package(raw, place / "open", limits_of(hub.settings))
            refusal: Refusal | None = None
        except Refusal as error:
            package, refusal = None, error
        manifest = package.manifest if package else None
        ref = _identity(raw, manifest, sender, sha256)
        received = ReceivedBatch(
            platform_code=ref.platform_code,
            batch_no=ref.batch_no,
            sha256=sha256,
            content_digest=package.content_digest if package else sha256,
            raw_uri=hub.evidence.put_file(_raw_key(ref.platform_code, sha256, now), raw),
            size_bytes=raw.stat().st_size,
            received_at=now,
            channel=channel,
        )
    if refusal is None and manifest is not None:
        refusal = _unacceptable(hub, manifest, sender, now)
    return _book(hub, received, manifest, refusal, now)


def _book(
    hub: Hub, received: ReceivedBatch, manifest: Manifest | None, refusal: Refusal | None, now: datetime
) -> Received:
    with hub.database() as conn:
        if received.platform_code in hub.platforms:
            record_platforms(conn, [hub.platforms[received.platform_code]], now)
        booked = batches.record_received(conn, received, manifest)
        ref = BatchRef(booked.batch.platform_code, booked.batch.batch_no)
        refused = booked.arrival is Arrival.CONFLICT or booked.batch.state == "refused"
        if booked.arrival is Arrival.CONFLICT:
            conflict = _conflict(ref.batch_no)
            issue_refusal(hub, conn, booked.batch, conflict, Source(booked.batch.id, None, booked.conflict_id), now)
            conn.commit()
            return Received(ref, repeat=False, refused=True, conflict=conflict)
        if refusal is not None and booked.batch.state == "received":
            number = refuse(hub, conn, booked.batch, refusal, now)
            version = booked.batch.contract_version or ""
            report = refused_report(ref.platform_code, ref.batch_no, version, refusal)
            batches.store_report(conn, booked.batch.id, report_document(replace(report, notice_no=number)))
            refused = True
        conn.commit()
    return Received(ref, repeat=booked.arrival is Arrival.REPEAT, refused=refused)


def _conflict(batch_no: str) -> RefusalInfo:
    return RefusalInfo(
        "BATCH_CONFLICT",
        f"批次号 {batch_no} 已用于内容不同的数据包；请使用新的批次号",
        f"batch_no {batch_no} was already used with other bytes; use a new batch_no",
        "manifest.json /batch_no",
    )


def _identity(raw: Path, manifest: Manifest | None, sender: str | None, sha256: str) -> BatchRef:
    platform_code, batch_no = (manifest.platform_code, manifest.batch_no) if manifest else peek_identity(raw)
    return BatchRef(sender or platform_code or UNKNOWN_SENDER, batch_no or f"unreadable-{sha256[:16]}")


def _unacceptable(hub: Hub, manifest: Manifest, sender: str | None, now: datetime) -> Refusal | None:
    if manifest.platform_code not in hub.platforms:
        return Refusal(
            "UNKNOWN_PLATFORM",
            f"平台代码 {manifest.platform_code} 未登记",
            f"platform {manifest.platform_code} is not registered",
            "manifest.json /platform_code",
        )
    if sender is not None and manifest.platform_code != sender:
        return Refusal(
            "PLATFORM_MISMATCH",
            f"数据包声明的平台 {manifest.platform_code} 与发送通道所属平台 {sender} 不一致",
            f"the package names platform {manifest.platform_code} but came by the channel of {sender}",
            "manifest.json /platform_code",
        )
    try:
        release_for(manifest.contract_version, now, hub.platforms[manifest.platform_code])
    except Refusal as refusal:
        return refusal
    return None


def _raw_key(platform_code: str, sha256: str, now: datetime) -> str:
    return f"raw/{platform_code}/{in_shanghai(now):%Y/%m/%d}/{sha256}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
