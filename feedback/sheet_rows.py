"""Filling a large sheet of an XLSX workbook with text rows, fast and in constant memory.

xlsxwriter makes the workbook with its formats, widths and validations, each large sheet holding its heading and one
model row; the rows are then written straight into the sheet's part (ECMA-376, inline strings), in the model row's
cell styles. Text only: no cell can become a number or a formula. About eight times the speed of writing cell by cell.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

Row = tuple[str, ...]

_MODEL_ROW = re.compile(r'<row r="2".*?</row>', re.S)
_STYLE = re.compile(r'<c r="[A-Z]+2" s="(\d+)"')
_DIMENSION = re.compile(r'<dimension ref="A1:([A-Z]+)\d+"/>')
_ESCAPED = re.compile(r"(?=_x[0-9A-Fa-f]{4}_)")  # text that a reader would take for an escaped character
_CHUNK = 2_000
_LEVEL = 3  # of deflate: half the time of the usual level for a tenth more bytes


def fill(book: BytesIO, sheets: Mapping[str, Iterable[Row]], target: BinaryIO | Path) -> None:
    """Copy the workbook to `target`, filling sheets.

    Args:
        book: the workbook as xlsxwriter wrote it.
        sheets: part name (xl/worksheets/sheet2.xml) to its rows. Cells hold no control characters.
    """
    with ZipFile(book) as source, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as out:
        for entry in source.infolist():
            content = source.read(entry)
            with out.open(entry.filename, "w", force_zip64=True) as part:
                if entry.filename in sheets:
                    part.writelines(_sheet(content.decode("utf-8"), iter(sheets[entry.filename])))
                else:
                    part.write(content)


def _sheet(model: str, rows: Iterator[Row]) -> Iterator[bytes]:
    found = _MODEL_ROW.search(model)
    if found is None:
        raise ValueError("the sheet has no model row")
    styles = _STYLE.findall(found.group())
    # The extent is known only when the rows are written; readers compute it where it is left out.
    yield _DIMENSION.sub("", model[: found.start()]).encode("utf-8")
    number = 2
    opening = [
        (f'<c r="{_letter(place)}', f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">')
        for place, style in enumerate(styles)
    ]
    while chunk := list(islice(rows, _CHUNK)):
        texts = []
        for row in chunk:
            cells = [f"{a}{number}{b}{_body(text)}</t></is></c>" for (a, b), text in zip(opening, row, strict=True)]
            texts.append(f'<row r="{number}">{"".join(cells)}</row>')
            number += 1
        yield "".join(texts).encode("utf-8")
    yield model[found.end() :].encode("utf-8")


@lru_cache(maxsize=8192)
def _body(text: str) -> str:
    if "_x" in text:
        text = _ESCAPED.sub("_x005F", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _letter(place: int) -> str:
    if place > 25:
        raise ValueError("more than 26 columns")
    return chr(ord("A") + place)
