"""Making a feedback notice (反馈通知) from what validation found (Art. 10 of 豫公管办〔2018〕28号)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import polars as pl

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.notices import Deadline, ItemState, Notice, NoticeItem, NoticeState
from exchange_hub.core.platforms import Platform
from exchange_hub.core.records import FINDING_COLUMNS, Counts, Finding, RefusalInfo, Severity
from feedback.working_days import Calendar, deadline

EXPECTED_EVIDENCE = "expected: received on the day of issue"
_PLACE = ["dataset", "file", "row"]
_SEVERITIES = [Severity.REJECT.value, Severity.QUERY.value]  # alerts are the supervisors', not the sender's
_FINDING = [name for name, _ in FINDING_COLUMNS]


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a notice says about one batch.

    Attributes:
        findings: the batch's findings (FINDING_COLUMNS); None for a refused batch.
        rejected: one row per rejected record (labels.REJECTED_SCHEMA); None for a refused batch.
    """

    platform: Platform
    batch_no: str
    contract_version: str
    counts: Counts
    findings: pl.DataFrame | None = None
    rejected: pl.DataFrame | None = None
    refusal: RefusalInfo | None = None
    reminders: tuple[str, ...] = ()


def build(outcome: BatchOutcome, notice_no: str, issued_at: datetime, calendar: Calendar | None = None) -> Notice:
    """The notice of a batch with rejections, or of a refused batch.

    One item per rejected record, in the order of dataset, file and row, each with its reject findings first and
    then its queries; a refused batch is one item. The clock has not started: `expected_deadline` is the one that
    follows if the notice is received on the day of issue.

    Args:
        calendar: None is the calendar in force.

    Raises:
        ValueError: nothing was rejected, so there is nothing to notify.
        ConfigurationError: a rejected record has no finding that says why.
    """
    items = (_refused_item(outcome),) if outcome.refusal else tuple(_items(outcome))
    if not items:
        raise ValueError("a notice needs a rejected record or a refusal")
    return Notice(
        notice_no=notice_no,
        platform_code=outcome.platform.code,
        platform_name_zh=outcome.platform.name_zh,
        batch_no=outcome.batch_no,
        contract_version=outcome.contract_version,
        issued_at=issued_at,
        counts=outcome.counts,
        refusal=outcome.refusal,
        items=items,
        reminders=outcome.reminders,
        expected_deadline=deadline(issued_at, EXPECTED_EVIDENCE, calendar),
    )


def child_of(parent: Notice, item_nos: Sequence[int], notice_no: str, reason: str, issued_at: datetime) -> Notice:
    """The child notice of items whose objection was dismissed: the same records, five working days of their own.

    Its items are numbered from 1 in the order of the parent's numbers; counts are the batch's, as on the parent.
    """
    chosen = [item for item in parent.items if item.item_no in set(item_nos)]
    items = tuple(
        replace(
            item,
            item_no=place,
            state=ItemState.OPEN,
            answer=None,
            answer_reason=None,
            answered_at=None,
            child_no=None,
        )
        for place, item in enumerate(sorted(chosen, key=lambda item: item.item_no), start=1)
    )
    return replace(
        parent,
        notice_no=notice_no,
        issued_at=issued_at,
        items=items,
        reminders=(f"对通知 {parent.notice_no} 的异议不成立：{reason}", *parent.reminders),
        state=NoticeState.ISSUED,
        deadline=None,
        expected_deadline=deadline(issued_at, EXPECTED_EVIDENCE),
        closed_at=None,
        parents=(parent.notice_no,),
    )


def delivered(notice: Notice, due: Deadline) -> Notice:
    """The notice once its receipt is proved: the clock runs by `due`."""
    return replace(notice, state=NoticeState.DELIVERED, deadline=due)


def notice_number(short_code: str, year: int, serial: int) -> str:
    """FK-<platform short code>-<year>-<6 digits>."""
    return f"FK-{short_code}-{year:04d}-{serial:06d}"


def _refused_item(outcome: BatchOutcome) -> NoticeItem:
    where = outcome.refusal.where if outcome.refusal else ""
    return NoticeItem(1, "", None, None, outcome.batch_no, where, None, ())


def _items(outcome: BatchOutcome) -> Iterator[NoticeItem]:
    if outcome.rejected is None or outcome.findings is None:
        return
    rejected = outcome.rejected.sort(_PLACE)
    groups = groupby(_findings_of(rejected, outcome.findings), key=lambda f: (f.dataset, f.file, f.row))
    group = next(groups, None)
    for number, record in enumerate(rejected.iter_rows(named=True), start=1):
        place = (record["dataset"], record["file"], record["row"])
        findings = tuple(group[1]) if group and group[0] == place else ()
        if not findings or findings[0].severity != Severity.REJECT.value:
            raise _unexplained(place)
        yield NoticeItem(
            number,
            record["dataset"],
            record["data_key"],
            record["natural_key"],
            record["label"],
            record["file"],
            record["row"],
            findings,
        )
        group = next(groups, None)


def _findings_of(rejected: pl.DataFrame, findings: pl.DataFrame) -> Iterator[Finding]:
    """Reject findings and queries of the rejected records, by place, reject first."""
    severity = pl.col("severity").cast(pl.String)
    chosen = (
        findings.filter(severity.is_in(_SEVERITIES))
        .join(rejected.select(_PLACE), on=_PLACE, how="semi", nulls_equal=True)
        .sort([*_PLACE, severity != Severity.REJECT.value], maintain_order=True)
    )
    return (Finding(*row) for row in chosen.select(_FINDING).iter_rows())


def _unexplained(place: tuple[str, str, int | None]) -> ConfigurationError:
    dataset, file, row = place
    return ConfigurationError(
        "REJECTED_WITHOUT_FINDING",
        f"退回的记录没有对应的问题说明：{dataset}",
        f"a rejected record of {dataset} has no finding that says why",
        f"{file}:{row}",
    )
