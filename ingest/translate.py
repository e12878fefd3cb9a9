"""Messages in a dialect into frames of ours, and findings back into the sender's own words."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from contracts.model import MASKED_IN_FINDINGS, DatasetContract, FieldType, Release
from exchange_hub.core.masking import mask_text
from exchange_hub.core.records import ATTACHMENTS, DATA_KEY, DATA_TYPE, FILE, REPEATED, ROW, Operation
from ingest.dialect import Dialect, Message

# Pieces of a writing of time -> what they look like.
_PIECES = {"yyyy": "[0-9]{4}", "MM": "[0-9]{2}", "dd": "[0-9]{2}", "HH": "[0-9]{2}", "mm": "[0-9]{2}", "ss": "[0-9]{2}"}
_OWN = (FILE, ROW, ATTACHMENTS, REPEATED)
# Words of our envelope, which the dialect decides: an element of such a name is told as unknown, under this name.
_OURS = (DATA_KEY, DATA_TYPE)
THEIRS = "报文中的{}"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a batch said in its own words: by dataset of ours, the message it came as and its values as sent."""

    dialect: Dialect
    release: Release
    messages: Mapping[str, Message]
    sent: Mapping[str, pl.DataFrame]  # their elements, with _file and _row

    def speak(self, findings: pl.DataFrame) -> pl.DataFrame:
        """Findings with the sender's element names and values in place of ours; rows and files are his anyway."""
        if not self.messages or findings.is_empty():
            return findings
        rows = [self._speak(row) for row in findings.iter_rows(named=True)]
        return pl.DataFrame(rows, schema=findings.schema)

    def _speak(self, row: dict[str, object]) -> dict[str, object]:
        message = self.messages.get(str(row["dataset"]))
        if message is None:
            return row
        contract = self.release.datasets[message.dataset]
        names = {field: element_of(message, self.dialect, field) for field in (DATA_KEY, *contract.field_names)}
        spoken = dict(row)
        field = str(row["field"] or "")
        if field in names:
            spoken["field"] = names[field]
            self._value(spoken, contract, field)
        for text in ("message_zh", "message_en", "expected_zh"):
            spoken[text] = _named(str(spoken[text] or ""), names)
        return spoken

    def _value(self, spoken: dict[str, object], contract: DatasetContract, field: str) -> None:
        """The value as it was sent, where translating changed it and it may be shown."""
        element = str(spoken["field"])
        masked = any(f.name == field and f.personal in MASKED_IN_FINDINGS for f in contract.fields)
        frame = self.sent.get(contract.dataset)
        if masked or spoken["value"] is None or frame is None or element not in frame.columns:
            return
        there = frame.filter((pl.col(FILE) == spoken["file"]) & (pl.col(ROW) == spoken["row"]))[element]
        if there.len() != 1 or there[0] is None or mask_text(there[0]) != there[0]:
            return  # with a personal number in it, it stays as the finding shows it
        if there[0] != spoken["value"]:
            for text in ("message_zh", "message_en"):
                spoken[text] = str(spoken[text]).replace(str(spoken["value"]), there[0])
            spoken["value"] = there[0]


def element_of(message: Message, dialect: Dialect, field: str) -> str:
    """The sender's element behind a field of ours; the field's own name where he has none."""
    if field == DATA_KEY:
        return dialect.key_element
    if field in message.taken:
        return message.taken[field][0]
    if field in message.part:
        return message.part[field][0]
    if field in message.fixed:
        return message.fixed[field][0][1]
    return field


def translated(frame: pl.DataFrame, message: Message, dialect: Dialect, contract: DatasetContract) -> pl.DataFrame:
    """A frame of a message's elements as a frame of the dataset: DATA_KEY, DATA_TYPE, the fields, what is unknown.

    Args:
        frame: their elements as text, with the columns of our own (_file, _row, _attachments, _repeated).
    """
    fields = [
        _rewritten(_field(frame, message, field.name), field.type, dialect).alias(field.name)
        for field in contract.fields
    ]
    used = {dialect.key_element, *message.ignored, *contract.field_names, *_OWN}
    used |= {element for elements in message.taken.values() for element in elements}
    used |= {element for cases in message.fixed.values() for _, element in cases}
    unknown = [name for name in frame.columns if name not in used]
    key = _column(frame, dialect.key_element).map_elements(
        partial(data_key, dialect, message.name), return_dtype=pl.String
    )
    own = [name for name in _OWN if name in frame.columns]
    # As literals: an element that the sender named "*" or "^x$" would be taken for a pattern.
    odd = [pl.lit(frame.get_column(name)).alias(THEIRS.format(name) if name in _OURS else name) for name in unknown]
    return frame.select(key.alias(DATA_KEY), pl.lit(Operation.INSERT.value).alias(DATA_TYPE), *fields, *odd, *own)


def data_key(dialect: Dialect, message: str, value: str) -> str:
    """DATA_KEY (22 characters) of the record that a sender knows by `value`: the same each time."""
    digest = hashlib.sha256(f"{dialect.name}|{message}|{value}".encode()).hexdigest().upper()
    return (dialect.key_prefix + digest)[:22]


def _field(frame: pl.DataFrame, message: Message, field: str) -> pl.Expr:
    if field in message.taken:
        return pl.coalesce(_column(frame, element) for element in message.taken[field])
    if field in message.part:
        element, first, last = message.part[field]
        return _column(frame, element).str.slice(first - 1, last - first + 1)
    if field in message.fixed:
        cases: Iterator[pl.Expr] = (
            pl.when(_column(frame, element).is_not_null()).then(pl.lit(value))
            for value, element in message.fixed[field]
        )
        return pl.coalesce(cases)
    return _column(frame, field)


def _column(frame: pl.DataFrame, element: str) -> pl.Expr:
    """An element's text, null where the file does not have it or it is blank."""
    if element not in frame.columns:
        return pl.lit(None, dtype=pl.String)
    return pl.when(pl.col(element).str.strip_chars() != "").then(pl.col(element))


def _rewritten(value: pl.Expr, kind: FieldType, dialect: Dialect) -> pl.Expr:
    """Times and days in the dialect's writing become ours; anything else stays as it is and is reported."""
    writing = {FieldType.DATETIME: dialect.datetime, FieldType.DATE: dialect.date}.get(kind)
    if writing is None:
        return value
    form = re.escape(writing)
    for piece, digits in _PIECES.items():
        form = form.replace(piece, digits)
    return pl.when(value.str.contains(f"^{form}$")).then(value.str.replace_all("[^0-9]", "")).otherwise(value)


def _named(text: str, names: Mapping[str, str]) -> str:
    """Field names of ours that stand in a text, as the sender's."""
    return re.sub(r"[A-Z][A-Z0-9_]{2,}", lambda match: names.get(match.group(), match.group()), text)
