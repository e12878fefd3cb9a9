"""XML through expat, event by event: the judge of every stretch that is not plain, with the place of what is wrong."""

import json
from collections.abc import Iterator
from xml.parsers import expat

import numpy as np
import polars as pl

from exchange_hub.core.errors import Refusal
from ingest.names import printable
from ingest.readers.columns import ColumnBuilder
from ingest.readers.spec import FileSpec, at_line, header_invalid
from ingest.readers.text import MAX_LINE
from ingest.readers.xmlscan import TITLE_ONLY

NODES = frozenset({"TITLE", "CONTEXT", "SOURCE"})


class StrictReader:
    """Handlers of one file. Depths: 1 BATCH, 2 RECORD, 3 TITLE, CONTEXT or SOURCE, 4 a field."""

    def __init__(self, spec: FileSpec) -> None:
        self.spec = spec
        self.depth = 0
        self.record = 0  # number of the record under way, from 1
        self.node = ""
        self.seen: set[str] = set()
        self.text: list[str] = []
        self.sources: list[dict[str, str]] = []
        self.builder = ColumnBuilder(spec.name)
        self.ready: list[pl.DataFrame] = []
        self.any = False
        self.fed = 0  # bytes
        self.ended = -1  # place behind the newest end tag of a record
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = 65536
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = self.doctype
        self.parser = parser

    def feed(self, block: bytes) -> None:
        """Parse a piece of the document, UTF-8; it may end anywhere between two characters."""
        self.fed += len(block)
        self._parse(block, False)
        if sum(map(len, self.text)) > MAX_LINE:
            raise self.broken(f"一个字段超过 {MAX_LINE} 个字符", f"a field is longer than {MAX_LINE} characters")

    def begin(self, head: bytes) -> None:
        """Parse a head that ends in the start tag of BATCH and white space."""
        self.feed(head)
        self.ended = self.fed

    @property
    def between_records(self) -> bool:
        """Has everything fed been read, and was the end tag of a record (or the head) the last of it?"""
        return self.depth == 1 and self.ended == self.fed

    def skip(self, stretch: bytes, records: int) -> None:
        """Account for whole records that were read elsewhere: expat sees white space of as many lines."""
        lines = int(np.count_nonzero(np.frombuffer(stretch, dtype=np.uint8) == 10))
        if b"\r" in stretch:
            lines += stretch.count(b"\r") - stretch.count(b"\r\n")
        space = b"\n" * lines + b" " * (len(stretch) - max(stretch.rfind(b"\n"), stretch.rfind(b"\r")) - 1)
        self._parse(space, False)
        self.text.clear()
        self.fed += len(space)
        self.ended = self.fed
        self.record += records
        self.any = True

    def flush(self) -> Iterator[pl.DataFrame]:
        """The records read so far, so that others may follow them in order."""
        if self.builder.rows:
            yield self.builder.flush()

    def close(self) -> Iterator[pl.DataFrame]:
        """The document has ended."""
        self._parse(b"", True)
        if self.builder.rows or not self.any:
            yield self.builder.flush()

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames finished since the last call."""
        done, self.ready = self.ready, []
        self.any = self.any or bool(done)
        yield from done

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        if self.text:
            self.no_stray_text()
        if self.depth == 4:
            return
        if self.depth == 3:
            self.start_node(name)
        elif self.depth == 2 and name == "RECORD":
            self.record += 1
            self.seen.clear()
            self.sources = []
        elif not (self.depth == 1 and name == "BATCH"):
            raise self.misplaced(name)

    def start_node(self, name: str) -> None:
        """TITLE, CONTEXT or SOURCE begins."""
        if name not in NODES:
            raise self.misplaced(name)
        self.node = name
        if name == "SOURCE":
            self.sources.append({})
        elif name in self.seen:
            self.builder.mark_repeated(name)
        self.seen.add(name)

    def end(self, name: str) -> None:
        """An element ends."""
        depth, self.depth = self.depth, self.depth - 1
        if depth == 4:
            value = "".join(self.text)
            self.text.clear()
            if self.node == "CONTEXT":
                self.builder.put(name, value)
            else:
                self.end_other(name, value)
            return
        if self.text:
            self.no_stray_text()
        if depth == 2:
            self.end_record()
            self.ended = self.parser.CurrentByteIndex + len("</RECORD>")

    def end_other(self, name: str, value: str) -> None:
        """A child of TITLE or SOURCE ends."""
        if self.node == "SOURCE":
            if name in self.sources[-1]:
                self.builder.mark_repeated(name)
            self.sources[-1].setdefault(name, value)
        elif name == "DATA_EN":
            self.check_dataset(value)
        elif name not in TITLE_ONLY:
            self.builder.put(name, value)

    def end_record(self) -> None:
        """RECORD ends."""
        if self.sources:
            self.builder.attach(json.dumps(self.sources, ensure_ascii=False))
        if self.builder.end_record():
            self.ready.append(self.builder.flush())

    def check_dataset(self, value: str) -> None:
        """DATA_EN must be the dataset that the manifest gives for this file."""
        if value.strip() != self.spec.dataset:
            raise header_invalid(
                at_line(self.spec, self.parser.CurrentLineNumber),
                f"第 {self.record} 条记录的 DATA_EN 为 {printable(value)}，清单声明该文件为 {self.spec.dataset}",
                f"record {self.record} has DATA_EN {printable(value)}, the manifest says {self.spec.dataset}",
            )

    def doctype(self, *_declaration: object) -> None:
        """A document type declaration: the way to entities, never needed here."""
        raise self._entity("文件含 DTD（DOCTYPE），请删除", "the file has a DTD (DOCTYPE); remove it")

    def no_stray_text(self) -> None:
        """Between elements only white space may stand."""
        stray = "".join(self.text)
        self.text.clear()
        if stray.strip(" \t\r\n"):
            raise self.broken("元素之间有多余的文字", "text stands between elements")

    def misplaced(self, name: str) -> Refusal:
        """An element stands where the envelope has none."""
        shown = printable(name)
        return self.broken(
            f"元素 {shown} 的位置不对；结构应为 BATCH/RECORD/（TITLE、CONTEXT、SOURCE）/字段",
            f"element {shown} is out of place; the structure is BATCH/RECORD/(TITLE, CONTEXT, SOURCE)/field",
        )

    def broken(self, zh: str, en: str) -> Refusal:
        """A BROKEN_XML refusal at the present place."""
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        record_zh = f"第 {self.record} 条记录，" if self.record else ""
        record_en = f"record {self.record}, " if self.record else ""
        return Refusal(
            "BROKEN_XML",
            f"XML 有误（{record_zh}第 {line} 行第 {column} 列）：{zh}",
            f"broken XML ({record_en}line {line}, column {column}): {en}",
            f"{self.spec.name}:{line}:{column}",
        )

    def _parse(self, block: bytes, final: bool) -> None:
        try:
            self.parser.Parse(block, final)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code) or "unknown"
            if reason == expat.errors.XML_ERROR_UNDEFINED_ENTITY:
                raise self._entity("引用了未定义的实体", "an undefined entity is referred to") from error
            raise self.broken(reason, reason) from error

    def _entity(self, zh: str, en: str) -> Refusal:
        line = self.parser.CurrentLineNumber
        return Refusal(
            "XML_ENTITY",
            f"第 {line} 行：不允许使用 XML 实体，{zh}",
            f"line {line}: no XML entities here; {en}",
            at_line(self.spec, line),
        )
