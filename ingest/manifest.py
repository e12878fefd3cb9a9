"""manifest.json of a package (interfaces: batch package), checked key by key.

Every refusal names the place as a JSON pointer (`manifest.json#/files/0/records`). Keys that we don't know are
ignored; missing or false ones are refused.
"""

import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import FileEntry, Manifest
from ingest.names import safe_name

NAME = "manifest.json"
VERSION = "1"
FORMATS = ("xml", "csv", "jsonl", "parquet", "xlsx")
ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gbk", "gb2312": "gbk"}
XML_ENCODINGS = {**ENCODINGS, "utf-16": "utf-16"}
MAX_BYTES = 64 * 1024**2

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_WORD = re.compile(r"[^/\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,64}")


def parse_manifest(raw: bytes, members: Collection[str]) -> Manifest:
    """Read and check a manifest against the package's member names.

    Raises:
        Refusal: MANIFEST_INVALID, EMPTY_BATCH, FILE_MISSING, UNKNOWN_FORMAT or UNKNOWN_ENCODING, with the place.
    """
    top = _load(raw)
    version = _word(top, "manifest_version", "")
    if version != VERSION:
        raise _invalid("/manifest_version", f'应为 "{VERSION}"', f'must be "{VERSION}"')
    return Manifest(
        manifest_version=version,
        platform_code=_word(top, "platform_code", ""),
        batch_no=_word(top, "batch_no", ""),
        contract_version=_word(top, "contract_version", ""),
        created_at=_instant(top),
        files=_files(top, members),
        corrects=_corrects(top),
    )


def is_word(value: object) -> bool:
    """Whether the value is a text of 1 to 64 printable characters, no path separators, not "." or ".."."""
    return (
        isinstance(value, str)
        and _WORD.fullmatch(value) is not None
        and value.strip() == value
        and value.isprintable()
        and value not in (".", "..")
    )


def _load(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BYTES:
        raise _invalid("", f"文件过大，上限为 {MAX_BYTES} 字节", f"too large; the limit is {MAX_BYTES} bytes")
    try:
        value = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _invalid("", f"第 {line} 行不是 UTF-8 编码", f"line {line} is not UTF-8", f":{line}") from error
    except json.JSONDecodeError as error:
        place = f":{error.lineno}:{error.colno}"
        raise _invalid("", f"不是有效的 JSON：{error.msg}", f"not valid JSON: {error.msg}", place) from error
    except (ValueError, RecursionError) as error:
        raise _invalid("", f"不是有效的 JSON：{error}", f"not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise _invalid("", "应为一个 JSON 对象", "must be one JSON object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _invalid("", f"键 {key[:64]!r} 重复", f"key {key[:64]!r} occurs twice")
        found[key] = value
    return found


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _word(holder: Mapping[str, Any], key: str, above: str) -> str:
    value = _present(holder, key, above)
    if not is_word(value):
        raise _invalid(
            f"{above}/{key}",
            "应为 1 至 64 个可打印字符的文本，不含路径分隔符、控制字符和首尾空格",
            "must be a text of 1 to 64 printable characters, without path separators or outer blanks",
        )
    return str(value)


def _present(holder: Mapping[str, Any], key: str, above: str) -> Any:
    if key not in holder:
        raise _invalid(f"{above}/{key}", "缺少此项", "is missing")
    return holder[key]


def _instant(top: Mapping[str, Any]) -> datetime:
    value = _present(top, "created_at", "")
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not 1990 <= instant.year <= 2999:
        raise _invalid(
            "/created_at",
            "应为带时区的时间，如 2026-11-23T10:15:00+08:00",
            "must be a time with its zone, like 2026-11-23T10:15:00+08:00",
        )
    return instant


def _corrects(top: Mapping[str, Any]) -> tuple[str, ...]:
    value = top.get("corrects")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(is_word(number) for number in value):
        raise _invalid("/corrects", "应为反馈通知编号的列表", "must be a list of notice numbers")
    return tuple(value)


def _files(top: Mapping[str, Any], members: Collection[str]) -> tuple[FileEntry, ...]:
    value = _present(top, "files", "")
    if not isinstance(value, list):
        raise _invalid("/files", "应为列表", "must be a list")
    if not value:
        raise Refusal("EMPTY_BATCH", "清单中没有任何数据文件", "the manifest lists no data file", f"{NAME}#/files")
    entries: list[FileEntry] = []
    seen: set[str] = set()
    for number, item in enumerate(value):
        entry = _file(item, f"/files/{number}", members)
        if entry.path in seen:
            raise _invalid(f"/files/{number}/path", f"文件 {entry.path} 重复列出", f"{entry.path} is listed twice")
        seen.add(entry.path)
        entries.append(entry)
    return tuple(entries)


def _file(item: Any, above: str, members: Collection[str]) -> FileEntry:
    if not isinstance(item, dict):
        raise _invalid(above, "应为 JSON 对象", "must be a JSON object")
    file_format = _format(item, above)
    return FileEntry(
        path=_path(item, above, members),
        dataset=_word(item, "dataset", above),
        format=file_format,
        records=_count(item, above),
        sha256=_sha256(item, above),
        encoding=_encoding(item, above, file_format),
    )


def _path(item: Mapping[str, Any], above: str, members: Collection[str]) -> str:
    place = f"{above}/path"
    value = _present(item, "path", above)
    if not isinstance(value, str) or not value:
        raise _invalid(place, "应为包内相对路径", "must be a path inside the package")
    try:
        path = safe_name(value)
    except Refusal as error:
        raise _invalid(place, error.message_zh, error.message_en) from error
    if path == NAME:
        raise _invalid(place, "清单不能列出自己", "the manifest cannot list itself")
    if path not in members:
        raise Refusal(
            "FILE_MISSING",
            f"清单列出的文件 {path} 不在包内",
            f"{path} is listed but not in the package",
            f"{NAME}#{place}",
        )
    return path


def _format(item: Mapping[str, Any], above: str) -> str:
    value = _present(item, "format", above)
    if not isinstance(value, str) or value not in FORMATS:
        known = "、".join(FORMATS)
        raise Refusal(
            "UNKNOWN_FORMAT",
            f"格式 {_shown(value)} 不支持，应为 {known}",
            f"unknown format {_shown(value)}; use one of {', '.join(FORMATS)}",
            f"{NAME}#{above}/format",
        )
    return value


def _encoding(item: Mapping[str, Any], above: str, file_format: str) -> str | None:
    value = item.get("encoding")
    if value is None:
        return None
    known = XML_ENCODINGS if file_format == "xml" else ENCODINGS
    name = known.get(value.lower().replace("_", "-")) if isinstance(value, str) else None
    if name is None:
        raise Refusal(
            "UNKNOWN_ENCODING",
            f"编码 {_shown(value)} 不支持，应为 utf-8、gb18030 或 gbk",
            f"unknown encoding {_shown(value)}; use utf-8, gb18030 or gbk",
            f"{NAME}#{above}/encoding",
        )
    return name


def _count(item: Mapping[str, Any], above: str) -> int:
    value = _present(item, "records", above)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise _invalid(f"{above}/records", "应为不小于 0 的整数", "must be a whole number, 0 or more")
    return value


def _sha256(item: Mapping[str, Any], above: str) -> str:
    value = _present(item, "sha256", above)
    if not isinstance(value, str) or _SHA256.fullmatch(value) is None:
        raise _invalid(f"{above}/sha256", "应为 64 位十六进制的 SHA-256", "must be a SHA-256 of 64 hexadecimal digits")
    return value.lower()


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)[:64]


def _invalid(pointer: str, zh: str, en: str, place: str | None = None) -> Refusal:
    where = NAME + place if place is not None else f"{NAME}#{pointer}"
    name = pointer.rsplit("/", 1)[-1] or NAME
    return Refusal("MANIFEST_INVALID", f"清单有误，{name}：{zh}", f"invalid manifest, {name}: {en}", where)
