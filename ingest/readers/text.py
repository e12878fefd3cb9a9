"""Text files, decoded strictly: a wrong byte is refused with its line, a wrong declaration with the right one."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from exchange_hub.core.errors import Refusal
from ingest.readers.spec import FileSpec

BLOCK = 1 << 23  # bytes
MAX_LINE = 64 * 1024**2  # characters

# GBK (and GB2312) is read as its superset GB18030.
_CODECS = {"gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8-sig", "utf-16": "utf-16"}


@contextmanager
def open_text(path: Path, spec: FileSpec, encoding: str, newline: str) -> Iterator[TextIO]:
    """The file as text; `newline` as in `open`.

    Raises:
        Refusal: WRONG_ENCODING, naming the line of the first byte that does not fit, also while reading.
    """
    codec = _CODECS.get(encoding, encoding)
    if codec == "gb18030":
        _refuse_utf8_declared_gbk(path, spec, encoding)
    try:
        with path.open(encoding=codec, errors="strict", newline=newline) as text:
            yield text
    except UnicodeError as error:
        raise _wrong_byte(path, spec, encoding, codec) from error


def utf8_blocks(path: Path, spec: FileSpec, encoding: str) -> Iterator[bytes]:
    """The file in blocks of valid UTF-8, which may end inside a character; a byte order mark is left out.

    Raises:
        Refusal: WRONG_ENCODING, naming the line of the first byte that does not fit.
    """
    checked = Utf8Check(path, spec, encoding)
    for block in raw_blocks(path, spec, encoding):
        checked.go_on(block)
        yield block
    checked.go_on(b"", final=True)


def raw_blocks(path: Path, spec: FileSpec, encoding: str) -> Iterator[bytes]:
    """As `utf8_blocks`, but what is declared as UTF-8 is not checked yet: whoever takes the blocks must (`Utf8Check`).

    Raises:
        Refusal: as `utf8_blocks`, for other encodings.
    """
    if _CODECS.get(encoding, encoding) != "utf-8-sig":
        with open_text(path, spec, encoding, newline="") as text:
            while characters := text.read(BLOCK // 2):
                yield characters.encode("utf-8")
        return
    with path.open("rb") as source:
        block = source.read(BLOCK).removeprefix(codecs.BOM_UTF8)
        while block:
            yield block
            block = source.read(BLOCK)


class Utf8Check:
    """Checks a file's bytes piece by piece; a piece may end inside a character."""

    def __init__(self, path: Path, spec: FileSpec, encoding: str) -> None:
        self._file = (path, spec, encoding)
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")

    def go_on(self, block: bytes, *, final: bool = False) -> None:
        """Check the next piece.

        Raises:
            Refusal: WRONG_ENCODING, naming the line of the file's first byte that does not fit.
        """
        try:
            self._decoder.decode(block, final=final)
        except UnicodeDecodeError as error:
            raise _wrong_byte(*self._file, "utf-8-sig") from error


def lines(text: TextIO, spec: FileSpec) -> Iterator[str]:
    """Lines with their ends, none longer than MAX_LINE.

    Raises:
        Refusal: WRONG_ENCODING's neighbour for endless lines: HEADER_INVALID.
    """
    number = 0
    while line := text.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise Refusal(
                "HEADER_INVALID",
                f"一行超过 {MAX_LINE} 个字符，不是按行的数据文件",
                f"a line is longer than {MAX_LINE} characters: not a file of records by line",
                f"{spec.name}:{number}",
            )
        yield line


def _wrong_byte(path: Path, spec: FileSpec, encoding: str, codec: str) -> Refusal:
    line, offset = _locate(path, codec)
    asked_zh, asked_en = "与声明的编码不符", f"declared {encoding}"
    if spec.encoding is None and encoding == "utf-8":
        asked_zh = '清单没有声明编码；若为 GBK，请在清单中写 "encoding": "gb18030"'
        asked_en = 'no encoding is declared; if it is GBK, declare "encoding": "gb18030" in the manifest'
    return Refusal(
        "WRONG_ENCODING",
        f"第 {line} 行（第 {offset} 字节）不是有效的 {encoding}：{asked_zh}",
        f"line {line} (byte {offset}) is not valid {encoding}: {asked_en}",
        f"{spec.name}:{line}",
    )


def _locate(path: Path, codec: str) -> tuple[int, int]:
    """Line (from 1) and byte offset (from 0) of the first byte that cannot be decoded."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    line, offset = 1, 0
    with path.open("rb") as source:
        while True:
            block = source.read(BLOCK)
            pending = decoder.getstate()[0]
            try:
                line += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(codec, "replace")
                return line + good.count("\n"), offset - len(pending) + error.start
            except UnicodeError:  # UTF-16 without its byte order mark
                return line, 0
            if not block:
                return line, offset
            offset += len(block)


def _refuse_utf8_declared_gbk(path: Path, spec: FileSpec, encoding: str) -> None:
    """Most UTF-8 text also decodes as GB18030, into other characters: refuse before it is stored so."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    wide = 0
    with path.open("rb") as source:
        first = source.read(BLOCK)
        marked = first.startswith(codecs.BOM_UTF8)
        block = first
        while block and not marked:
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError:
                return
            wide += 0 if text.isascii() else sum(1 for c in text if c > "\u07ff") if wide < 4 else 0
            block = source.read(BLOCK)
    if marked or wide >= 4:
        raise Refusal(
            "WRONG_ENCODING",
            f"声明为 {encoding}，实际内容是 UTF-8；请声明 utf-8 或改存为 GBK",
            f"declared {encoding}, but the bytes are UTF-8; declare utf-8",
            spec.name,
        )
