"""The record envelope in XML (BATCH/RECORD/TITLE, CONTEXT, SOURCE*), streamed.

expat reads what frames the records and every stretch of records that is not plain; plain ones go through
`ingest.readers.xmlscan`, several times as fast. expat refuses truncation, bad nesting, a second root and control
characters; we refuse every document type declaration, so no entity is ever declared or fetched. The text is decoded by
us, strictly, by byte order mark, then the encoding that the prolog declares, then the manifest's, then UTF-8.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from exchange_hub.core.errors import Refusal
from ingest.readers.spec import FileSpec, at_line
from ingest.readers.text import Utf8Check, raw_blocks
from ingest.readers.xmlscan import Scanner
from ingest.readers.xmlstrict import StrictReader

STRETCH = 8 << 20  # bytes of one record that are waited for before expat has to take it in pieces
_END = b"</RECORD>"
_HEAD = re.compile(rb"\s*(<\?xml [^<>]*\?>)?\s*<BATCH>\s*(?=<RECORD>)")
_DECLARED = re.compile(rb"""^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_KNOWN = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "utf-16": "utf-16"}
_KNOWN |= {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "gb18030": "gb18030", "gbk": "gbk", "gb2312": "gbk"}
_KNOWN |= {"gb_2312-80": "gbk", "cp936": "gbk"}


def read(path: Path, spec: FileSpec) -> Iterator[pl.DataFrame]:
    """Frames of text, one row a record: DATA_KEY, DATA_TYPE, the fields met, `_attachments`, `_repeated`.

    Raises:
        Refusal: BROKEN_XML, XML_ENTITY, WRONG_ENCODING, UNKNOWN_ENCODING or HEADER_INVALID, with line or record.
    """
    encoding = encoding_of(path, spec)
    reader = _Reader(spec, Utf8Check(path, spec, encoding))
    for block in raw_blocks(path, spec, encoding):
        yield from reader.feed(block)
    yield from reader.close()


class _Reader:
    """Cuts a file into stretches of whole records and sends each the fast way or through expat.

    What goes the fast way is found to be UTF-8 there; all else is checked here.
    """

    def __init__(self, spec: FileSpec, encoding: Utf8Check) -> None:
        self._encoding = encoding
        self._strict = StrictReader(spec)
        self._scanner = Scanner(spec.dataset)
        self._waiting = b""
        self._begun = False  # the head has been read

    def feed(self, block: bytes) -> Iterator[pl.DataFrame]:
        """The frames that become ready with these bytes."""
        self._waiting += block
        end = self._waiting.rfind(_END) + len(_END)
        if end < len(_END):
            if len(self._waiting) > STRETCH:
                yield from self._read_strictly(self._take(len(self._waiting)))
            return
        if not self._begun:
            self._begun = True
            head = _HEAD.match(self._waiting)
            if head:
                end -= head.end()
                self._encoding.go_on(head.group())
                self._strict.begin(self._take(head.end()))
        stretch = self._take(end)
        frame = self._scanner.scan(stretch) if self._strict.between_records else None
        if frame is None:
            yield from self._read_strictly(stretch)
        else:
            yield from self._strict.flush()
            self._strict.skip(stretch, frame.height)
            yield frame

    def close(self) -> Iterator[pl.DataFrame]:
        """The frames that the end of the file makes ready."""
        yield from self._read_strictly(self._take(len(self._waiting)), final=True)
        yield from self._strict.close()

    def _take(self, size: int) -> bytes:
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        return taken

    def _read_strictly(self, stretch: bytes, *, final: bool = False) -> Iterator[pl.DataFrame]:
        self._encoding.go_on(stretch, final=final)
        self._strict.feed(stretch)
        yield from self._strict.frames()


def encoding_of(path: Path, spec: FileSpec) -> str:
    """Encoding of an XML file: byte order mark, prolog, manifest, UTF-8, in this order.

    Raises:
        Refusal: UNKNOWN_ENCODING.
    """
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
