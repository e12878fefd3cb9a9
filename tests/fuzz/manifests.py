"""Changes of manifest.json: of its tree, of its text."""

import copy
import json
from collections.abc import Mapping
from random import Random
from typing import Any

from tests.fuzz import octets
from tests.fuzz.bases import manifest_bytes
from tests.fuzz.values import NASTY

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53, 2**64, 10**400, 1.5, -0.0, 1e300, [], {}, [[]], {"": None}, "", " ", "1", "2.0.0",
    "1.0.0", "3.0.0", "0.0.1", "../x", "/etc/passwd", "manifest.json", "data", "data/", "a" * 65, "\u202e", "\ud800", "中文",
    "utf-16", "rot13", "gbk", "base64", "zip", "xml", "csv", "jsonl", "parquet", "xlsx", "2026-11-23T10:15:00", "PROJECT",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00+08:00", ["FK-1"], ["x"] * 3000, "A" * 100_000,
)  # fmt: skip
TEXTS = (
    b"", b"{}", b"[]", b"null", b"{", b"\xef\xbb\xbf{}", b"\x00", b"[" * 100_000, b'{"a":' * 50_000, b"NaN", b"1" * 10_000,
    b'{"manifest_version": "1", "manifest_version": "1"}', b"\xff\xfe{\x00}\x00", b"<xml/>", b'"' + b"a" * 1_000_000 + b'"',
)  # fmt: skip


def mutate(document: Mapping[str, Any], chance: Random) -> bytes:
    """The manifest's bytes after one change or a few."""
    if chance.random() < 0.08:
        return chance.choice(TEXTS)
    changed = copy.deepcopy(dict(document))
    for _ in range(chance.choice((1, 1, 1, 3))):
        _change(changed, chance)
    content = manifest_bytes(changed)
    if chance.random() < 0.15:
        content = octets.mutate(content, chance)
    elif chance.random() < 0.1:
        text = json.dumps(changed, ensure_ascii=False)
        content = text.encode(chance.choice(("utf-8-sig", "utf-16", "gb18030", "utf-32")), "replace")
    return content


def _change(document: dict[str, Any], chance: Random) -> None:
    holder: Any = document
    files = document.get("files")
    if isinstance(files, list) and files and chance.random() < 0.6:
        holder = chance.choice([one for one in files if isinstance(one, dict)] or [document])
    keys = [*holder, "corrects", "encoding", "x"]
    key = chance.choice(keys)
    match chance.randrange(5):
        case 0:
            holder.pop(key, None)
        case 1:
            holder[key] = chance.choice(NASTY)
        case 2 if isinstance(files, list) and files:
            files.append(copy.deepcopy(chance.choice(files)))
        case _:
            holder[key] = chance.choice(ODD)
