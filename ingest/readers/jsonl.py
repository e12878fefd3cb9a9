"""JSON Lines: one flat object a line; numbers stay as they were written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from exchange_hub.core.errors import Refusal
from ingest.readers.columns import ColumnBuilder
from ingest.readers.spec import FileSpec, at_line
from ingest.readers.text import lines, open_text

_BOOLEANS = {True: "true", False: "false"}


def read(path: Path, spec: FileSpec) -> Iterator[pl.DataFrame]:
    """Frames of text, one row a record: the keys met, `_attachments` (null), `_repeated`.

    Raises:
        Refusal: BROKEN_JSONL, WRONG_ENCODING or HEADER_INVALID, with the line.
    """
    builder, first = ColumnBuilder(spec.name), True
    with open_text(path, spec, spec.encoding or "utf-8", newline="\n") as text:
        for number, line in enumerate(lines(text, spec), start=1):
            if not line.strip():
                continue
            for key, value in _pairs(line, number, spec):
                builder.put(key, _text(value, key, number, spec))
            if builder.end_record():
                yield builder.flush()
                first = False
    if builder.rows or first:
        yield builder.flush()


class _Pairs(list[tuple[str, Any]]):
    """An object's pairs as they stand, doubled keys included."""


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=_no_constant)


def _pairs(line: str, number: int, spec: FileSpec) -> _Pairs:
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise _broken(spec, number, f"不是有效的 JSON（{error}）", f"not valid JSON ({error})") from error
    if "\\u" in line and not _encodable(value):
        raise _broken(spec, number, "含不成对的 \\u 代理字符", "a lone surrogate (\\ud800 to \\udfff) is no character")
    if not isinstance(value, _Pairs):
        raise _broken(spec, number, "应为一个 JSON 对象", "must be one JSON object")
    return value


def _encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(value: object, key: str, number: int, spec: FileSpec) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return _BOOLEANS[value]
    if not isinstance(value, str):
        raise _broken(
            spec,
            number,
            "字段值应为文本或数字，不能是对象或列表",
            "a value must be a text or a number, no object or list",
        )
    return value


def _broken(spec: FileSpec, number: int, zh: str, en: str) -> Refusal:
    return Refusal("BROKEN_JSONL", f"第 {number} 行：{zh}", f"line {number}: {en}", at_line(spec, number))
