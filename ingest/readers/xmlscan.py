"""The plain part of an XML data file, read column by column instead of event by event.

Most of every file is complete RECORD elements in the envelope's plain form: no attributes, comments, processing
instructions or CDATA, no field twice in a record. For such a stretch all tags are found, named, paired and checked by
numpy at once. What is not plain gives None and is read by expat (`ingest.readers.xml`), which also says what is wrong:
nothing is refused here, and nothing is accepted that expat would refuse.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from exchange_hub.core.records import ATTACHMENTS, REPEATED
from ingest.readers.tagnames import MAX_NAME, NameTable
from ingest.readers.views import Indices, TextBuffer, Texts, column, frame_of

# Children of TITLE that the real envelope has and that are no fields (envelope, section 1).
TITLE_ONLY = frozenset({"DATA_EN", "DATA_NO", "DATA_CN", "CA_KEY", "ROUTE_WAY"})
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_LAYOUT = np.zeros(256, dtype=bool)  # control characters that XML allows; carriage returns are gone by then
_LAYOUT[[9, 10]] = True
_SPACES = np.zeros(256, dtype=bool)
_SPACES[[0, 9, 10, 32]] = True  # 0: behind the end of a shorter text
_MAX_GAP = 256  # white space between two tags; longer stretches are left to expat


class NotPlainError(Exception):
    """The stretch is to be read by expat."""


@dataclass(slots=True)
class _Tags:
    """All tags of a stretch, in order. `level` is the depth after it: 1 RECORD, 2 its nodes, 3 fields."""

    begins: Indices  # of "<"
    ends: Indices  # of ">"
    names: Indices  # numbers in the name table
    opens: Any
    closes: Any
    level: Any


@dataclass(slots=True)
class _Nodes:
    """TITLE, CONTEXT and SOURCE elements in order: the record of each, and what it is."""

    record: Indices
    title: Any
    source: Any
    records: int  # how many


class Scanner:
    """Reads plain stretches of one file."""

    def __init__(self, dataset: str) -> None:
        self._dataset = dataset.encode("utf-8")
        self._names = NameTable()
        self._known = {name: self._names.number(name) for name in ("RECORD", "TITLE", "CONTEXT", "SOURCE", "DATA_EN")}

    def scan(self, data: bytes) -> pl.DataFrame | None:
        """The records of complete RECORD elements, valid UTF-8; None where they are not plain."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        buffer = TextBuffer(data)
        if not _LAYOUT[buffer.bytes[buffer.bytes < 32]].all() or _has_noncharacter(buffer):
            return None
        try:
            return self._frame(buffer, self._tags(buffer))
        except NotPlainError:
            return None

    def _tags(self, buffer: TextBuffer) -> _Tags:
        marks = np.flatnonzero((buffer.bytes | 2) == 62)  # "<" is 60, ">" is 62
        _plain(marks.size > 0 and marks.size % 2 == 0)
        begins, ends = marks[0::2].copy(), marks[1::2].copy()
        _plain(bool((buffer.bytes[begins] == 60).all() and (buffer.bytes[ends] == 62).all()))
        starts, stops = begins + 1, ends.copy()
        closes = buffer.bytes[starts] == 47
        empties = (buffer.bytes[ends - 1] == 47) & ~closes
        starts += closes
        stops -= empties
        stops -= empties & (buffer.bytes[stops - 1] == 32)  # <NAME />
        lengths = stops - starts
        _plain(bool(lengths.min() > 0 and lengths.max() <= MAX_NAME))
        names = self._names.numbers(buffer, starts, lengths)
        if names is None:
            raise NotPlainError
        opens = ~(closes | empties)
        level = np.cumsum(opens.astype(np.int8) - closes.astype(np.int8), dtype=np.int32)
        _plain(int(level.min()) >= 0 and int(level.max()) <= 3 and int(level[-1]) == 0)
        _plain(bool((level[empties] == 2).all()))
        return _Tags(begins, ends, names, opens, closes, level)

    def _frame(self, buffer: TextBuffer, tags: _Tags) -> pl.DataFrame:
        nodes = self._nodes(tags)
        fields = np.flatnonzero((tags.opens & (tags.level == 3)) | ~(tags.opens | tags.closes))
        filled = tags.opens[fields]
        _plain(bool((tags.names[fields[filled]] == tags.names[fields[filled] + 1]).all()))
        _only_spaces(buffer, tags, fields[filled])
        begins = tags.ends[fields] + 1
        stops = np.where(filled, tags.begins[np.minimum(fields + 1, len(tags.begins) - 1)], begins)
        texts = Texts(buffer, begins, stops - begins)
        _replace_entities(texts)
        return self._columns(texts, tags.names[fields], _count(tags.opens & (tags.level == 2))[fields], nodes)

    def _nodes(self, tags: _Tags) -> _Nodes:
        """The nodes, checked: each end tag has its start tag's name, TITLE and CONTEXT stand once in a record."""
        found = []
        for level in (1, 2):
            begin = tags.names[tags.opens & (tags.level == level)]
            end = tags.names[tags.closes & (tags.level == level - 1)]
            _plain(bool((begin == end).all()))
            found.append(begin)
        records, names = found
        _plain(bool((records == self._known["RECORD"]).all()))
        inside = _count(tags.opens & (tags.level == 1))[tags.opens & (tags.level == 2)]
        title, context, source = (names == self._known[name] for name in ("TITLE", "CONTEXT", "SOURCE"))
        _plain(bool((title | context | source).all()))
        _plain(all(bool((np.diff(inside[these]) > 0).all()) for these in (title, context)))
        return _Nodes(inside, title, source, len(records))

    def _columns(self, texts: Texts, names: Indices, node: Indices, nodes: _Nodes) -> pl.DataFrame:
        views, buffers = texts.views()
        title, source, record, height = nodes.title[node], nodes.source[node], nodes.record[node], nodes.records
        self._check_dataset(texts, title & (names == self._known["DATA_EN"]))
        skipped = source.copy()
        for name in TITLE_ONLY:
            skipped |= title & (names == self._names.number(name))
        taken = np.flatnonzero(~skipped)
        order = taken[np.argsort(names[taken].astype(np.uint16), kind="stable")]
        columns: dict[int, tuple[str, pa.Array]] = {}
        for places in np.split(order, np.flatnonzero(np.diff(names[order])) + 1) if order.size else []:
            rows = record[places]
            _plain(bool((np.diff(rows) > 0).all()))
            name = self._names.name(int(names[places[0]]))
            _plain(not name.startswith("_"))
            everywhere = len(rows) == height
            columns[int(places[0])] = (name, column(views[places], buffers, None if everywhere else rows, height))
        frame = dict(columns[first] for first in sorted(columns))
        frame[ATTACHMENTS] = self._attachments(texts, names, node, nodes)
        frame[REPEATED] = pa.nulls(height, pa.string_view())
        return frame_of(frame)

    def _check_dataset(self, texts: Texts, where: Any) -> None:
        said = np.flatnonzero(where)
        _plain(bool((texts.lengths[said] == len(self._dataset)).all()))
        for offset in range(0, len(self._dataset), 8):
            word = int.from_bytes(self._dataset[offset : offset + 8], "little")
            left = np.full(len(said), len(self._dataset) - offset)
            _plain(bool((texts.buffer.words(texts.starts[said] + offset, left) == np.uint64(word)).all()))

    def _attachments(self, texts: Texts, names: Indices, node: Indices, nodes: _Nodes) -> pa.Array:
        if not nodes.source.any():
            return pa.nulls(nodes.records, pa.string_view())
        rows: list[str | None] = [None] * nodes.records
        sources: dict[int, dict[str, str]] = {number: {} for number in np.flatnonzero(nodes.source).tolist()}
        data = texts.buffer.padded
        for place in np.flatnonzero(nodes.source[node]).tolist():
            begin, length = int(texts.starts[place]), int(texts.lengths[place])
            here, name = sources[int(node[place])], self._names.name(int(names[place]))
            _plain(name not in here)
            here[name] = texts.replaced.get(place) or data[begin : begin + length].decode("utf-8")
        lists: dict[int, list[dict[str, str]]] = {}
        for number, source in sources.items():
            lists.setdefault(int(nodes.record[number]), []).append(source)
        for row, found in lists.items():
            rows[row] = json.dumps(found, ensure_ascii=False)
        return pa.array(rows, pa.string_view())


def _only_spaces(buffer: TextBuffer, tags: _Tags, fields: Indices) -> None:
    """Between tags that hold no value, only white space may stand."""
    begins = np.concatenate([np.zeros(1, dtype=np.int64), tags.ends + 1])
    lengths = np.concatenate([tags.begins, np.array([buffer.size])]) - begins
    lengths[fields + 1] = 0  # what follows the start tag of a field is its value
    gaps = np.flatnonzero(lengths)
    if not gaps.size:
        return
    begins, lengths = begins[gaps], lengths[gaps]
    _plain(int(lengths.max()) <= _MAX_GAP)
    while begins.size:
        _plain(bool(_SPACES[buffer.words(begins, lengths).view(np.uint8)].all()))
        more = lengths > 8
        begins, lengths = begins[more] + 8, lengths[more] - 8


def _replace_entities(texts: Texts) -> None:
    """Values that hold references to characters get their text; a reference anywhere else is not plain."""
    marks = texts.buffer.find(38)
    if not marks.size:
        return
    holders = np.searchsorted(texts.starts, marks, side="right") - 1
    _plain(int(holders.min()) >= 0 and bool((marks < texts.starts[holders] + texts.lengths[holders]).all()))
    for place in np.unique(holders).tolist():
        begin = int(texts.starts[place])
        raw = texts.buffer.padded[begin : begin + int(texts.lengths[place])].decode("utf-8")
        _plain(raw.count("&") == len(_ENTITY.findall(raw)))
        texts.replaced[place] = _ENTITY.sub(_character, raw)


def _character(match: re.Match[str]) -> str:
    named, decimal, hexadecimal = match.groups()
    if named:
        return _NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    _plain(code in (9, 10, 13) or 32 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF)
    return chr(code)


def _has_noncharacter(buffer: TextBuffer) -> bool:
    """Does U+FFFE or U+FFFF (EF BF BE, EF BF BF) stand in it?"""
    starts = buffer.find(0xEF)
    starts = starts[buffer.bytes[starts + 1] == 0xBF]
    return bool((buffer.bytes[starts + 2] >= 0xBE).any())


def _count(mask: Any) -> Indices:
    """At each place, how many have been true so far, less one."""
    return np.cumsum(mask, dtype=np.int64) - 1


def _plain(holds: bool) -> None:
    if not holds:
        raise NotPlainError
