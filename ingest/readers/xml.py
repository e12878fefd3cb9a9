"""The record envelope in XML (BATCH/RECORD/TITLE, CONTEXT, SOURCE*), streamed through expat.

expat refuses truncation, bad nesting, a second root and control characters; we refuse every document type
declaration, so no entity is ever declared or fetched. The text is decoded by us, strictly, by byte order mark, then
the encoding that the prolog declares, then the manifest's, then UTF-8.
"""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

import polars as pl

from exchange_hub.core.errors import Refusal
from ingest.names import printable
from ingest.readers.columns import ColumnBuilder
from ingest.readers.spec import FileSpec, at_line, header_invalid
from ingest.readers.text import MAX_LINE, open_text

BLOCK = 1 << 18  # characters fed at once
# Children of TITLE that the real envelope has and that are no fields (envelope, section 1).
TITLE_ONLY = frozenset({"DATA_EN", "DATA_NO", "DATA_CN", "CA_KEY", "ROUTE_WAY"})
NODES = frozenset({"TITLE", "CONTEXT", "SOURCE"})

_DECLARED = re.compile(rb"""^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_KNOWN = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "utf-16": "utf-16"}
_KNOWN |= {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "gb18030": "gb18030", "gbk": "gbk", "gb2312": "gbk"}
_KNOWN |= {"gb_2312-80": "gbk", "cp936": "gbk"}


def read(path: Path, spec: FileSpec) -> Iterator[pl.DataFrame]:
    """Frames of text, one row a record: DATA_KEY, DATA_TYPE, the fields met, `_attachments`, `_repeated`.

    Raises:
        Refusal: BROKEN_XML, XML_ENTITY, WRONG_ENCODING, UNKNOWN_ENCODING or HEADER_INVALID, with line or record.
    """
    reader = _Reader(spec)
    with open_text(path, spec, _encoding(path, spec), newline="") as text:
        while block := text.read(BLOCK):
            reader.feed(block)
            yield from reader.frames()
    reader.close()
    yield from reader.frames()


def _encoding(path: Path, spec: FileSpec) -> str:
    with path.open("rb") as source:
        head = source.read(1024)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(b"<\0"):
        return "utf-16-le"
    if head.startswith(b"\0<"):
        return "utf-16-be"
    found = _DECLARED.match(head)
    if found is None:
        return spec.encoding or "utf-8"
    declared = found.group(1).decode("ascii")
    if declared.lower() not in _KNOWN or _KNOWN[declared.lower()].startswith("utf-16"):
        raise Refusal(
            "UNKNOWN_ENCODING",
            f"XML 声明的编码 {declared} 不支持或与内容不符，应为 UTF-8、UTF-16、GB18030 或 GBK",
            f"the XML declares the encoding {declared}, not known or not the file's; use UTF-8, UTF-16 or GB18030",
            at_line(spec, 1),
        )
    return _KNOWN[declared.lower()]


class _Reader:
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
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 65536
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = self.doctype
        self.parser = parser

    def feed(self, block: str) -> None:
        """Parse a piece of the document."""
        self._parse(block, False)
        if sum(map(len, self.text)) > MAX_LINE:
            raise self.broken(f"一个字段超过 {MAX_LINE} 个字符", f"a field is longer than {MAX_LINE} characters")

    def close(self) -> None:
        """The document has ended."""
        self._parse("", True)
        if self.builder.rows or not self.any:
            self.ready.append(self.builder.flush())

    def frames(self) -> list[pl.DataFrame]:
        """Frames finished since the last call."""
        done, self.ready = self.ready, []
        self.any = self.any or bool(done)
        return done

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

    def _parse(self, block: str, final: bool) -> None:
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
