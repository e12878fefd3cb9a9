"""A feedback notice (反馈通知) and its items: what feedback makes, the warehouse keeps and people read."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from exchange_hub.core.records import Counts, Finding, RefusalInfo


class NoticeState(StrEnum):
    """States of a notice; docs/reference/states.md has the table of transitions."""

    ISSUED = "issued"
    DELIVERED = "delivered"
    RECEIVED = "received"
    ANSWERED = "answered"
    CLOSED = "closed"
    OVERDUE = "overdue"


class ItemState(StrEnum):
    """States of one rejected record on a notice."""

    OPEN = "open"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    CONFIRMED_TRUE = "confirmed_true"
    OBJECTED = "objected"
    CANNOT_CORRECT = "cannot_correct"
    REVOKED_BY_HUB = "revoked_by_hub"


class Role(StrEnum):
    """Who may change a state."""

    HUB = "hub"  # the hub itself
    PLATFORM = "platform"  # a person or program of the trading centre
    OPERATOR = "operator"  # the office, or who runs the hub


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: the role, and the account or program by name."""

    role: Role
    name: str

    def __str__(self) -> str:
        return f"{self.role}:{self.name}" if self.name else str(self.role)


HUB_ITSELF = Actor(Role.HUB, "")


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, when and why: what every change by a person carries."""

    actor: Actor
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a notice was received (送达凭据).

    `kind` is inbox (file in the platform's own SFTP inbox, bucket or folder), mail (taken by the designated mail
    server), portal_fetch, acknowledgement or answer.
    """

    kind: str
    channel: str
    evidence: str
    received_at: datetime
    actor: Actor = HUB_ITSELF


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the answer is due (Art. 10, five working days; reference: working-days rule)."""

    received_at: datetime
    due_date: date
    due_at: datetime  # exclusive: 24:00 of due_date, Asia/Shanghai
    counted_days: tuple[date, ...]
    provisional: bool
    calendar_version: str
    policy: str
    evidence: str  # how and where receipt is known


@dataclass(frozen=True, slots=True)
class NoticeItem:
    """One rejected record (or the refused batch itself: dataset and data_key empty)."""

    item_no: int
    dataset: str
    data_key: str | None
    natural_key: str | None  # business code, to recognise a correction when the DATA_KEY itself was wrong
    label: str  # what a person knows the record by; masked where personal
    file: str
    row: int | None
    findings: tuple[Finding, ...]
    state: ItemState = ItemState.OPEN
    answer: str | None = None
    answered_at: datetime | None = None
    corrected_batch_no: str | None = None
    answer_reason: str | None = None
    child_no: str | None = None  # the child notice that carries this item on


@dataclass(frozen=True, slots=True)
class ItemKey:
    """What an item is known by, without its findings."""

    notice_no: str
    item_no: int
    dataset: str
    data_key: str | None
    natural_key: str | None
    child_no: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one notice is, by its items."""

    unanswered: int  # open, nothing was heard of them
    carried_on: int  # open, but sent again and now on a child notice
    unsettled: int  # open, objected or cannot_correct: somebody must still do something


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as issued. It copies every text, so that it stays true when rules change."""

    notice_no: str  # FK-<platform short code>-<year>-<6 digits>
    platform_code: str
    platform_name_zh: str
    batch_no: str
    contract_version: str
    issued_at: datetime
    counts: Counts
    refusal: RefusalInfo | None
    items: tuple[NoticeItem, ...]
    reminders: tuple[str, ...] = ()
    state: NoticeState = NoticeState.ISSUED
    deadline: Deadline | None = None  # None until receipt is proved
    # While receipt is not yet proved a notice shows the deadline that follows if it is received at once.
    expected_deadline: Deadline | None = None
    closed_at: datetime | None = None
    parents: tuple[str, ...] = ()  # the notices whose items this one carries on
