"""The words that the rooms exchange: frozen dataclasses and names of frame columns.

Frames are polars DataFrames. As read, every field is text (`pl.String`), so that an offending value can be
reported as it was sent; next to the fields stand the columns named below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

DATA_KEY = "DATA_KEY"
DATA_TYPE = "DATA_TYPE"
FILE = "_file"  # pl.String: path of the data file inside its package
ROW = "_row"  # pl.Int64: number of the record in its file, from 1; a header is not counted
ATTACHMENTS = "_attachments"  # pl.String: JSON list of the record's SOURCE rows, or null
REPEATED = "_repeated"  # pl.String: name of a field that came twice in the record as sent, or null (rule STR-006)
RECORD_HASH = "_record_hash"  # pl.String: sha256 (hex) of the record's canonical text
WAITS_FOR = "_waits_for"  # pl.String: JSON list of [dataset, field, value] a held record waits for
PLACE = (FILE, ROW)
ENVELOPE = (DATA_KEY, DATA_TYPE, FILE, ROW, ATTACHMENTS)


class Operation(StrEnum):
    """DATA_TYPE of the envelope (spec, code list DATA_TYPE)."""

    INSERT = "1"
    UPDATE = "2"
    DELETE = "3"


class Severity(StrEnum):
    """What a broken rule means for the record."""

    REJECT = "reject"  # 退回: quarantined, on the notice
    QUERY = "query"  # 存疑: accepted and flagged, the centre confirms or corrects
    ALERT = "alert"  # 合规预警: accepted unchanged, shown to the supervisors


class Dimension(StrEnum):
    """Quality dimension of a rule (Art. 7 and 9 of 豫公管办〔2018〕28号)."""

    LEGALITY = "legality"  # 合法性
    COMPLETENESS = "completeness"  # 完整性
    ACCURACY = "accuracy"  # 准确性
    TIMELINESS = "timeliness"  # 时效性
    CONSISTENCY = "consistency"  # 一致性
    REASONABLENESS = "reasonableness"  # 合理性


class Stage(IntEnum):
    """Order in which findings are shown; all stages are evaluated in one pass."""

    STRUCTURE = 1
    PRESENCE = 2
    VALUES = 3
    IDENTIFIERS = 4
    CONDITIONS = 5
    REFERENCES = 6
    REASONABLENESS = 7


class Verdict(StrEnum):
    """Outcome of a batch."""

    ACCEPTED = "accepted"
    PARTIALLY_ACCEPTED = "partially_accepted"
    REJECTED = "rejected"
    REFUSED = "refused"


# Columns of a findings frame, in order. One row per broken rule of a record.
FINDING_COLUMNS: tuple[tuple[str, str], ...] = (
    ("dataset", "String"),
    ("file", "String"),
    ("row", "Int64"),
    ("data_key", "String"),
    ("field", "String"),
    ("rule_id", "String"),
    ("rule_version", "Int64"),
    ("severity", "String"),
    ("dimension", "String"),
    ("value", "String"),  # as sent; masked where the field is personal
    ("message_zh", "String"),
    ("message_en", "String"),
    ("expected_zh", "String"),
)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One data file named by a manifest."""

    path: str
    dataset: str
    format: str
    records: int
    sha256: str
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """manifest.json of a package (interfaces.md, section 1)."""

    manifest_version: str
    platform_code: str
    batch_no: str
    contract_version: str
    created_at: datetime
    files: tuple[FileEntry, ...]
    corrects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceivedBatch:
    """A package whose bytes lie in the evidence store.

    `sha256` is of the stored bytes; `content_digest` of the members (path and sha256 each, sorted), so that the
    same content packed anew is recognised as the same batch. Both are lower-case hex.
    """

    platform_code: str
    batch_no: str
    sha256: str
    content_digest: str
    raw_uri: str
    size_bytes: int
    received_at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class DatasetResult:
    """Records of one dataset of a batch, split three ways; received = accepted + rejected + held.

    `accepted` is typed (contract field types) with DATA_KEY, DATA_TYPE, _file, _row, _attachments and
    _record_hash; `rejected` and `held` are text as received, `held` with _waits_for.
    """

    dataset: str
    received: int
    accepted: "pl.DataFrame"
    rejected: "pl.DataFrame"
    held: "pl.DataFrame"
    flagged: int


@dataclass(frozen=True, slots=True)
class Validation:
    """All that validating one batch found: the split per dataset and every finding (FINDING_COLUMNS)."""

    contract_version: str
    datasets: Mapping[str, DatasetResult]
    findings: "pl.DataFrame"


@dataclass(frozen=True, slots=True)
class Counts:
    """received = accepted + rejected + held; flagged counts accepted records with a query or an alert."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    held: int = 0
    flagged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.received + other.received,
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.held + other.held,
            self.flagged + other.flagged,
        )

    def verdict(self) -> Verdict:
        """The batch's verdict by its counts."""
        if self.accepted == self.received:
            return Verdict.ACCEPTED
        if self.rejected == self.received:
            return Verdict.REJECTED
        return Verdict.PARTIALLY_ACCEPTED


@dataclass(frozen=True, slots=True)
class RefusalInfo:
    """Why a package was refused as a whole."""

    code: str
    message_zh: str
    message_en: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule of one record (interfaces.md, section 4)."""

    dataset: str
    file: str
    row: int | None
    data_key: str | None
    field: str | None
    rule_id: str
    rule_version: int
    severity: str
    dimension: str
    value: str | None
    message_zh: str
    message_en: str
    expected_zh: str


@dataclass(frozen=True, slots=True)
class Across:
    """What rules across datasets ask about a package judged by itself (包内关联核对): all counted, some listed."""

    total: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What is said about one batch: the JSON of interfaces.md, section 4."""

    platform_code: str
    batch_no: str
    contract_version: str
    verdict: Verdict
    counts: Counts
    refusal: RefusalInfo | None = None
    datasets: tuple[tuple[str, Counts], ...] = ()
    rules: tuple[tuple[str, str, int], ...] = ()  # rule id, severity, count
    findings: tuple[Finding, ...] = ()
    findings_total: int = 0
    notice_no: str | None = None
    reminders: tuple[str, ...] = field(default=())
    across: Across | None = None  # of a dry run only: a load books these among its findings
