"""Correcting a few records by form: what was sent, with the person's changes, goes as a new batch the normal way.

The new package is JSON Lines with the same DATA_KEYs, a batch number of its own, and the notice in `corrects`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.loader import load_release
from contracts.model import MASKED_IN_FINDINGS, CodeList, Field
from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import UsageError
from exchange_hub.core.masking import mask_personal, without_numbers
from exchange_hub.core.notices import NoticeItem
from exchange_hub.core.records import DATA_KEY, DATA_TYPE
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.context import Hub
from exchange_hub.flows.correction_package import Head, digest_of, write_records
from exchange_hub.flows.receive import Received, receive
from exchange_hub.flows.worklist import CHANNEL
from ingest.pack import pack
from warehouse import browse, notice_items

MOST_AT_ONCE = 10  # records on one form
MOST_CODES = 60  # a longer list is typed
MOST_LENGTH = 4_000  # characters of one value


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a record on the form. A personal value is shown masked and stays as sent unless typed anew."""

    name: str
    label_zh: str
    value: str
    personal: bool
    codes: tuple[tuple[str, str], ...]
    wrong: bool


@dataclass(frozen=True, slots=True)
class FormRecord:
    """A rejected record on the form; `blocked_zh` says why it cannot be corrected here."""

    item: NoticeItem
    fields: tuple[FormField, ...]
    blocked_zh: str = ""


def form_records(hub: Hub, notice_no: str, item_nos: Sequence[int]) -> list[FormRecord]:
    """The records of these items as they were sent, ready to be changed.

    Raises:
        UsageError: UNKNOWN_NOTICE, or more records than a form takes.
    """
    if len(item_nos) > MOST_AT_ONCE:
        zh, en = f"一次最多更正 {MOST_AT_ONCE} 条记录", f"at most {MOST_AT_ONCE} records at once"
        raise UsageError("TOO_MANY", zh, en)
    with hub.database() as conn:
        row = browse.notice_row(conn, notice_no)
        if row is None:
            raise UsageError("UNKNOWN_NOTICE", f"没有反馈通知 {notice_no}", f"no notice {notice_no}")
        items = notice_items.read_some(conn, notice_no, item_nos)
        sent = [browse.sent_record(conn, row["batch_id"], i.dataset, i.file, i.row) for i in items]
    return [_form_record(item, kept, row["contract_version"]) for item, kept in zip(items, sent, strict=True)]


def correct(hub: Hub, notice_no: str, changes: Mapping[int, Mapping[str, str]], now: datetime) -> tuple[Received, str]:
    """Send the changed records as a new batch.

    Args:
        changes: by item number, the values of the form by field.

    Returns:
        What became of the package, and its batch number.

    Raises:
        UsageError: nothing to correct, a record that cannot be corrected by form, or a value too long.
    """
    records = form_records(hub, notice_no, sorted(changes))
    if not records:
        raise UsageError("NO_ITEM", "请先选择要更正的记录", "choose the records to correct")
    with hub.database() as conn:
        notice = browse.notice_row(conn, notice_no) or {}
        raws = {
            r.item.item_no: browse.sent_record(conn, notice["batch_id"], r.item.dataset, r.item.file, r.item.row)
            for r in records
        }
    lines: dict[str, list[dict[str, str]]] = {}
    for record in records:
        if record.blocked_zh:
            raise UsageError("NOT_BY_FORM", record.blocked_zh, "this record cannot be corrected by form")
        raw = (raws[record.item.item_no] or {"raw": {}})["raw"]
        lines.setdefault(record.item.dataset, []).append(_changed(record, raw, changes[record.item.item_no]))
    sender = str(notice["platform_code"])
    batch_no = f"{notice_no}-{in_shanghai(now):%m%d%H%M%S}-{digest_of(lines)}"
    with scratch_folder("correct") as folder:
        made, path = folder / "package", folder / "package.zip"
        write_records(made, Head(sender, batch_no, str(notice["contract_version"]), (notice_no,)), lines, now)
        pack(made, path)
        return receive(hub, path, now, channel=CHANNEL, sender=sender), batch_no


def _form_record(item: NoticeItem, kept: Mapping[str, object] | None, version: str) -> FormRecord:
    if not item.dataset or kept is None:
        return FormRecord(item, (), "该条目没有可更正的记录，请重新报送数据包")
    if kept["attachments"]:
        return FormRecord(item, (), "该记录带有附件，请用数据包更正")
    raw, release = kept["raw"], load_release(version)
    assert isinstance(raw, dict)  # noqa: S101 -- a JSON object by its writer
    wrong = {finding.field for finding in item.findings}
    known = [_form_field(field, raw, wrong, release.code_lists) for field in release.datasets[item.dataset].fields]
    key = FormField(DATA_KEY, "数据主键", str(raw.get(DATA_KEY) or ""), False, (), DATA_KEY in wrong)
    fields = [key, *(field for field in known if field.name != DATA_KEY)]
    return FormRecord(item, tuple(sorted(fields, key=lambda field: not field.wrong)))


def _form_field(
    field: Field, raw: Mapping[str, object], wrong: set[str | None], lists: Mapping[str, CodeList]
) -> FormField:
    value = str(raw.get(field.name) or "")
    shown = mask_personal(value, field.personal) if field.personal in MASKED_IN_FINDINGS else without_numbers(value)
    return FormField(
        field.name,
        field.label_zh,
        shown or "",
        field.personal in MASKED_IN_FINDINGS or shown != value,  # also a text with somebody's number in it
        _codes(field, lists),
        field.name in wrong,
    )


def _codes(field: Field, lists: Mapping[str, CodeList]) -> tuple[tuple[str, str], ...]:
    found = lists.get(field.code_list) if field.code_list and not field.separator else None
    return tuple((code.code, code.label_zh) for code in found.codes) if found and len(found.codes) <= MOST_CODES else ()


def _changed(record: FormRecord, raw: Mapping[str, object], typed: Mapping[str, str]) -> dict[str, str]:
    line = {name: str(value) for name, value in raw.items() if value is not None and not name.startswith("_")}
    for field in record.fields:
        value = typed.get(field.name)
        if value is None or (field.personal and not value.strip()):
            continue
        if len(value) > MOST_LENGTH:
            raise UsageError("TOO_LONG", f"{field.label_zh} 超过 {MOST_LENGTH} 字", f"{field.name} is too long")
        line[field.name] = value.strip()
    line.setdefault(DATA_TYPE, "1")
    return {name: value for name, value in line.items() if value != ""}
