"""The plain part of an XML data file, read column by column instead of event by event.

Most of every file is complete RECORD elements in the envelope's plain form: no attributes, comments, processing
instructions or CDATA, no field twice in a record. Such a stretch is a table of two columns, the text before each tag
and the tag, with "<" between them and ">" at each row's end: polars' CSV parser cuts it, and numpy checks and sorts
all tags at once. What is not plain gives None and is read by expat (`ingest.readers.xml`), which also says what is
wrong: nothing is refused here, and nothing is accepted that expat would refuse.
"""

import codecs
import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from exchange_hub.core.records import ATTACHMENTS, REPEATED
from ingest.readers.tagnames import TagTable

# Children of TITLE that the real envelope has and that are no fields (envelope, section 1).
TITLE_ONLY = frozenset({"DATA_EN", "DATA_NO", "DATA_CN", "CA_KEY", "ROUTE_WAY"})
_ENTITY = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_SPACE = " \t\n"
_NOTHING = pl.Series("text", [None], dtype=pl.String)
Numbers = np.ndarray[Any, np.dtype[np.int64]]


class NotPlainError(Exception):
    """The stretch is to be read by expat."""


@dataclass(slots=True)
class _Tags:
    """All tags of a stretch, in order. `level` is the depth after it: 1 RECORD, 2 its nodes, 3 fields."""

    texts: pl.Series  # before each tag, null where there is none; and one null more
    names: Any  # numbers in the tag table
    opens: Any
    closes: Any
    level: Any

    def fields(self) -> Numbers:
        """The tags that end a field: its end tag, or the empty-element tag that is all of it."""
        return np.flatnonzero((self.closes & (self.level == 2)) | ~(self.opens | self.closes))


@dataclass(slots=True)
class _Fields:
    """All fields in order: where the text of each stands in `texts`, its name and its node."""

    texts: pl.Series
    places: Numbers
    names: Any
    node: Numbers


@dataclass(slots=True)
class _Nodes:
    """TITLE, CONTEXT and SOURCE elements in order: the record of each, and what it is."""

    record: Numbers
    title: Any
    source: Any
    records: int  # how many


class Scanner:
    """Reads plain stretches of one file."""

    def __init__(self, dataset: str) -> None:
        self._dataset = dataset
        self._table = TagTable()

    def scan(self, data: bytes) -> pl.DataFrame | None:
        """The records of complete RECORD elements; None where they are not plain or no valid UTF-8."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._table.full or not _only_characters(data):
            return None
        try:
            return self._frame(self._tags(data), b"&" in data)
        except NotPlainError:
            return None

    def _tags(self, data: bytes) -> _Tags:
        try:
            cut = pl.read_csv(
                data.rstrip(_SPACE.encode()),  # behind the last tag would be one more row
                has_header=False,
                separator="<",
                eol_char=">",
                quote_char=None,
                schema={"text": pl.String, "tag": self._table.dtype},
            )
        except pl.exceptions.PolarsError as error:  # "<" in a text, or a wrong byte
            raise NotPlainError from error
        ends = np.count_nonzero(np.frombuffer(data, dtype=np.uint8) == 62)  # ">"
        _plain(cut.height > 0 and cut.height == int(ends) and not cut["tag"].null_count())
        kind = self._table.read(cut["tag"])
        if kind is None:
            raise NotPlainError
        opens, closes = kind.steps == 1, kind.steps == -1
        level = np.cumsum(kind.steps, dtype=np.int8)  # steps of one: too deep is seen before it runs over
        _plain(int(level.min()) >= 0 and int(level.max()) <= 3 and int(level[-1]) == 0)
        _plain(bool((level[kind.steps == 0] == 2).all()))
        return _Tags(pl.concat([cut["text"], _NOTHING], rechunk=True), kind.names, opens, closes, level)

    def _frame(self, tags: _Tags, references: bool) -> pl.DataFrame:
        nodes = self._nodes(tags)
        ends = tags.fields()
        filled = tags.closes[ends]
        closing = ends[filled]  # nothing but its end tag can follow the start tag of a field
        _plain(bool((tags.names[closing] == tags.names[closing - 1]).all()))
        _only_spaces(tags.texts, closing)
        texts = tags.texts
        if references:
            texts = _without_references(texts)
        places = np.where(filled, ends, len(tags.names))
        node = _count(tags.opens & (tags.level == 2))[ends]
        return self._columns(_Fields(texts, places, tags.names[ends], node), nodes)

    def _nodes(self, tags: _Tags) -> _Nodes:
        """The nodes, checked: each end tag has its start tag's name, TITLE and CONTEXT stand once in a record."""
        found = []
        for level in (1, 2):
            begin = tags.names[tags.opens & (tags.level == level)]
            end = tags.names[tags.closes & (tags.level == level - 1)]
            _plain(bool((begin == end).all()))
            found.append(begin)
        records, names = found
        _plain(bool((records == self._table.number("RECORD")).all()))
        inside = _count(tags.opens & (tags.level == 1))[tags.opens & (tags.level == 2)]
        title, context, source = (names == self._table.number(name) for name in ("TITLE", "CONTEXT", "SOURCE"))
        _plain(bool((title | context | source).all()))
        _plain(all(bool((np.diff(inside[these]) > 0).all()) for these in (title, context)))
        return _Nodes(inside, title, source, len(records))

    def _columns(self, fields: _Fields, nodes: _Nodes) -> pl.DataFrame:
        title, names = nodes.title[fields.node], fields.names
        said = fields.texts[fields.places[title & (names == self._table.number("DATA_EN"))]]
        _plain(said.null_count() == 0 and bool((said == self._dataset).all()))
        skipped = nodes.source[fields.node]
        for name in TITLE_ONLY:
            skipped = skipped | (title & (names == self._table.number(name)))
        taken = np.flatnonzero(~skipped)
        order = taken[np.argsort(names[taken], kind="stable")]
        columns = self._in_rows(fields, order, nodes)
        nothing = _NOTHING.new_from_index(0, nodes.records).alias(REPEATED)
        return pl.DataFrame([*columns, self._attachments(fields, nodes), nothing])

    def _in_rows(self, fields: _Fields, order: Numbers, nodes: _Nodes) -> list[pl.Series]:
        """A column of each name, in the order in which names were met; `order` has the fields by name and record."""
        names, rows, height = fields.names[order], nodes.record[fields.node[order]], nodes.records
        another = np.diff(names) != 0
        _plain(bool((another | (np.diff(rows) > 0)).all()))
        values = fields.texts[np.append(fields.places[order], fields.texts.len() - 1)]
        bounds = [0, *(np.flatnonzero(another) + 1).tolist(), len(order)] if len(order) else [0]
        columns: dict[int, pl.Series] = {}
        for begin, end in pairwise(bounds):
            name = self._table.name(int(names[begin]))
            _plain(not name.startswith("_"))
            column = values.slice(begin, end - begin)
            if end - begin < height:
                where = np.full(height, len(order), dtype=np.int64)
                where[rows[begin:end]] = np.arange(begin, end)
                column = values[where]
            columns[int(order[begin])] = column.alias(name)
        return [columns[first] for first in sorted(columns)]

    def _attachments(self, fields: _Fields, nodes: _Nodes) -> pl.Series:
        if not nodes.source.any():
            return _NOTHING.new_from_index(0, nodes.records).alias(ATTACHMENTS)
        rows: list[str | None] = [None] * nodes.records
        sources: dict[int, dict[str, str]] = {number: {} for number in np.flatnonzero(nodes.source).tolist()}
        mine = np.flatnonzero(nodes.source[fields.node])
        for place, text in zip(mine.tolist(), fields.texts[fields.places[mine]].to_list(), strict=True):
            here, name = sources[int(fields.node[place])], self._table.name(int(fields.names[place]))
            _plain(name not in here)
            here[name] = text or ""
        lists: dict[int, list[dict[str, str]]] = {}
        for number, source in sources.items():
            lists.setdefault(int(nodes.record[number]), []).append(source)
        for row, found in lists.items():
            rows[row] = json.dumps(found, ensure_ascii=False)
        return pl.Series(ATTACHMENTS, rows, dtype=pl.String)


def _only_characters(data: bytes) -> bool:
    """None of the control characters and noncharacters that XML forbids, nor a byte order mark that would be lost."""
    found = np.frombuffer(data, dtype=np.uint8)
    low = np.count_nonzero(found < 32)
    if low and low != np.count_nonzero(found == 10) + np.count_nonzero(found == 9):
        return False
    wide = np.flatnonzero(found[:-2] == 0xEF)  # U+FFFE is EF BF BE, U+FFFF EF BF BF
    wide = wide[found[wide + 1] == 0xBF]
    return not data.startswith(codecs.BOM_UTF8) and not (found[wide + 2] >= 0xBE).any()


def _only_spaces(texts: pl.Series, closing: Numbers) -> None:
    """Before any tag but the end tag of a field only white space may stand."""
    between = np.ones(texts.len(), dtype=np.bool_)
    between[closing] = False
    gaps = texts.filter(pl.Series(between)).drop_nulls()
    _plain(not gaps.len() or not (gaps.str.strip_chars(_SPACE) != "").any())


def _without_references(texts: pl.Series) -> pl.Series:
    """References to characters become what they stand for; one that is none is not plain."""
    places = np.flatnonzero(texts.str.contains("&", literal=True).fill_null(False).to_numpy())
    made = []
    for raw in texts[places].to_list():
        _plain(raw.count("&") == len(_ENTITY.findall(raw)))
        made.append(_ENTITY.sub(_character, raw) or None)
    return texts.scatter(places, pl.Series(made, dtype=pl.String)) if made else texts


def _character(match: re.Match[str]) -> str:
    named, decimal, hexadecimal = match.groups()
    if named:
        return _NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    _plain(code in (9, 10, 13) or 32 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF)
    return chr(code)


def _count(mask: Any) -> Numbers:
    """At each place, how many have been true so far, less one."""
    return np.cumsum(mask, dtype=np.int64) - 1


def _plain(holds: bool) -> None:
    if not holds:
        raise NotPlainError
