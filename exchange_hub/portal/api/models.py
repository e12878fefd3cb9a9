"""What the HTTP interface says, for its description: names, types and examples (interfaces, sections 4 and 6)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """RFC 9457 problem document."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(examples=["urn:exchange-hub:problem:not-found"])
    title: str = Field(examples=["未找到 Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="说明 in Chinese", examples=["没有这个批次"])
    detail_en: str = Field(description="the same in English", examples=["no such batch"])
    code: str = Field(description="stable, for programs", examples=["NOT_FOUND"])
    instance: str = Field(examples=["/api/v1/batches/12411300MA3DEM035H/20261123-000017"])


class Counts(BaseModel):
    """received = accepted + rejected + held; flagged counts accepted records with a query or an alert."""

    received: int = Field(examples=[1000])
    accepted: int = Field(examples=[979])
    rejected: int = Field(examples=[20])
    held: int = Field(examples=[1])
    flagged: int = Field(examples=[4])


class DatasetCounts(Counts):
    """Counts of one dataset."""

    dataset: str = Field(examples=["SECTION"])


class RuleCount(BaseModel):
    """How often a rule was broken."""

    rule_id: str = Field(examples=["LEN-001"])
    severity: str = Field(examples=["reject"])
    count: int = Field(examples=[12])


class Finding(BaseModel):
    """One broken rule of one record."""

    dataset: str = Field(examples=["SECTION"])
    file: str = Field(examples=["data/SECTION.csv"])
    row: int | None = Field(examples=[17])
    data_key: str | None
    field: str | None = Field(examples=["BID_SECTION_CODE"])
    rule_id: str
    severity: str = Field(examples=["reject"])
    dimension: str = Field(examples=["accuracy"])
    value: str | None = Field(description="as sent; masked where personal")
    message_zh: str
    message_en: str
    expected_zh: str


class Refusal(BaseModel):
    """Why a package was refused as a whole."""

    code: str = Field(examples=["MANIFEST_MISSING"])
    message_zh: str
    message_en: str
    where: str = Field(examples=["manifest.json"])


class AcrossDatasets(BaseModel):
    """What rules across datasets ask about a package judged by itself; in none of the counts."""

    findings: list[Finding]
    findings_total: int = Field(examples=[1])


class Report(BaseModel):
    """The report on a batch (interfaces, section 4)."""

    report_version: str = Field(examples=["1"])
    platform_code: str = Field(examples=["12411300MA3DEM035H"])
    batch_no: str = Field(examples=["20261123-000017"])
    contract_version: str = Field(examples=["2.0.0"])
    verdict: str = Field(examples=["partially_accepted"])
    refusal: Refusal | None
    counts: Counts
    datasets: list[DatasetCounts]
    rules: list[RuleCount]
    findings: list[Finding]
    findings_total: int = Field(examples=[24])
    findings_listed: int = Field(examples=[24])
    notice_no: str | None = Field(examples=["FK-41130001-2026-000012"])
    reminders: list[str]
    across_datasets: AcrossDatasets | None = Field(default=None, description="POST /api/v1/check only")


class Batch(BaseModel):
    """State of a batch, with its report once it is settled."""

    platform_code: str = Field(examples=["12411300MA3DEM035H"])
    batch_no: str = Field(examples=["20261123-000017"])
    address: str = Field(examples=["/api/v1/batches/12411300MA3DEM035H/20261123-000017"])
    state: str = Field(description="received, loaded or refused", examples=["received"])
    progress: str = Field(description="waiting, working, failed (our fault, tried again) or done", examples=["working"])
    repeat: bool | None = Field(default=None, description="POST only: whether the same content was received before")
    received_at: datetime
    settled_at: datetime | None
    sha256: str
    size_bytes: int = Field(examples=[20480])
    contract_version: str | None = Field(examples=["2.0.0"])
    verdict: str | None = Field(examples=["partially_accepted"])
    report: Report | None


class NoticeRow(BaseModel):
    """One feedback notice in a list."""

    notice_no: str = Field(examples=["FK-41130001-2026-000012"])
    platform_code: str
    batch_no: str
    issued_at: datetime
    received_at: datetime | None
    due_date: date | None
    due_at: datetime | None
    provisional: bool | None
    state: str = Field(examples=["delivered"])
    items: int
    items_open: int
    closed_at: datetime | None


class NoticePage(BaseModel):
    """A page of notices, newest first."""

    notices: list[NoticeRow]
    next: str | None = Field(description="address of the next page", examples=[None])


class Notice(BaseModel):
    """A notice with all its items."""

    model_config = ConfigDict(extra="allow")
    notice_no: str = Field(examples=["FK-41130001-2026-000012"])
    platform_code: str
    batch_no: str
    state: str = Field(examples=["delivered"])
    items: list[dict[str, Any]]


class Standing(BaseModel):
    """Where a notice stands."""

    notice_no: str = Field(examples=["FK-41130001-2026-000012"])
    state: str = Field(examples=["received"])
    items_open: int = Field(examples=[3])
    received_at: datetime | None
    due_at: datetime | None


class AnswerKind(StrEnum):
    """What a centre says about a rejected record that it does not correct."""

    CONFIRMED_TRUE = "confirmed_true"
    WITHDRAWN = "withdrawn"
    OBJECTION = "objection"
    CANNOT_CORRECT = "cannot_correct"


class Answer(BaseModel):
    """An answer about one item; the reason is required."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"answer": "objection", "reason": "该项目为应急工程，无招标计划"}]},
    )
    answer: AnswerKind = Field(
        description="confirmed_true 数据属实, withdrawn 撤回, objection 异议, cannot_correct 无法更正"
    )
    reason: str = Field(min_length=1, max_length=2000)


class Health(BaseModel):
    """Whether the portal works."""

    status: str = Field(examples=["ok"])
    database: bool
    store: bool
