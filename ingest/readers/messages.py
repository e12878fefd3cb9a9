"""XML messages of another province: no envelope, the root element is the dataset, its children are the fields.

A file holds one message, or several below one root of any other name. What travels beside the XML in that province's
call (its record key, say) stands in attributes of the message's element and is read as fields of those names.
A document type declaration is refused, as in our own XML, so that no entity is ever declared or fetched.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

import polars as pl

from exchange_hub.core.errors import Refusal
from ingest.names import printable
from ingest.readers.columns import ColumnBuilder
from ingest.readers.spec import FileSpec, at_line
from ingest.readers.text import utf8_blocks
from ingest.readers.xml import encoding_of


def read(path: Path, spec: FileSpec) -> Iterator[pl.DataFrame]:
    """Frames of text, one row a message: the elements and attributes met, `_attachments` (null), `_repeated`.

    Raises:
        Refusal: BROKEN_XML, XML_ENTITY, WRONG_ENCODING, UNKNOWN_ENCODING or HEADER_INVALID, with the line.
    """
    reader = _Reader(spec)
    for block in utf8_blocks(path, spec, encoding_of(path, spec)):
        reader.parse(block, final=False)
        yield from reader.frames()
    reader.parse(b"", final=True)
    yield from reader.close()


class _Reader:
    """Handlers of one file. `level` is the depth at which its messages stand: 1, or 2 below another root."""

    def __init__(self, spec: FileSpec) -> None:
        self.spec = spec
        self.depth = 0
        self.level = 1
        self.text: list[str] = []
        self.builder = ColumnBuilder(spec.name)
        self.ready: list[pl.DataFrame] = []
        self.any = False
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = self.doctype
        self.parser = parser

    def parse(self, block: bytes, *, final: bool) -> None:
        """Parse a piece of the document."""
        try:
            self.parser.Parse(block, final)
        except expat.ExpatError as error:
            raise self.broken(expat.ErrorString(error.code) or "unknown", expat.ErrorString(error.code)) from error

    def frames(self) -> list[pl.DataFrame]:
        """Frames finished since the last call."""
        done, self.ready = self.ready, []
        self.any = self.any or bool(done)
        return done

    def close(self) -> list[pl.DataFrame]:
        """What is left at the end; at least one frame a file."""
        if self.builder.rows or not self.any:
            self.ready.append(self.builder.flush())
        return self.frames()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins: root, message or field."""
        self.depth += 1
        self.no_stray_text()
        if self.depth == 1 and name != self.spec.dataset:
            self.level = 2
        elif self.depth == self.level:
            self.start_message(name, attributes)
        elif self.depth > self.level + 1:
            raise self.broken(f"字段内不应有元素 {printable(name)}", f"element {printable(name)} inside a field")

    def start_message(self, name: str, attributes: dict[str, str]) -> None:
        """A message begins; its attributes are fields."""
        if name != self.spec.dataset:
            shown = printable(name)
            raise self.broken(f"应为报文 {self.spec.dataset}，而不是 {shown}", f"{shown} is no {self.spec.dataset}")
        for attribute, value in attributes.items():
            self.builder.put(attribute, value)

    def end(self, name: str) -> None:
        """An element ends."""
        depth, self.depth = self.depth, self.depth - 1
        if depth == self.level + 1:
            self.builder.put(name, "".join(self.text))
            self.text.clear()
            return
        self.no_stray_text()
        if depth == self.level and self.builder.end_record():
            self.ready.append(self.builder.flush())

    def doctype(self, *_declaration: object) -> None:
        """A document type declaration: the way to entities, never needed here."""
        raise Refusal(
            "XML_ENTITY",
            "文件含 DTD（DOCTYPE），请删除",
            "the file has a DTD (DOCTYPE); remove it",
            at_line(self.spec, self.parser.CurrentLineNumber),
        )

    def no_stray_text(self) -> None:
        """Between elements only white space may stand."""
        stray = "".join(self.text)
        self.text.clear()
        if stray.strip():
            raise self.broken("元素之间有多余的文字", "text stands between elements")

    def broken(self, zh: str, en: str | None) -> Refusal:
        """A BROKEN_XML refusal at the present place."""
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        return Refusal(
            "BROKEN_XML",
            f"XML 有误（第 {line} 行第 {column} 列）：{zh}",
            f"broken XML (line {line}, column {column}): {en or zh}",
            f"{self.spec.name}:{line}:{column}",
        )
