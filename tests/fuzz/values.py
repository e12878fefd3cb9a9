"""Values that break software: what a centre, its clerk or an attacker may put into a field."""

from random import Random

from tests.fuzz.render import Rows

NASTY = (
    "", " ", "\u3000", "\t", "\n", "\r", "\r\n", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe",
    "\uffff", "\u200b", "\u202e", "\U0001f4a9", "\U00020000", "e\u0301", "\ud800", "\udfff", "锟斤拷", "Ã¤Â¸Â\xad",
    "0", "-0", "00", "+1", "-1", "１２３", "1e309", "-1e309", "nan", "NaN", "inf", "-inf", "1_000", "0x10", "1.", ".5",
    "1,234.5", "98万元", "九十八", "99999999999999999999999999", "0.0000000000000000000001", "9" * 400, "1" + "0" * 38,
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "2147483648", "1.7976931348623157e308",
    "00000000000000", "20260230000000", "20261301000000", "20260101250000", "20260101006000", "99991231235959",
    "10000101000000", "19000101000000", "00010101000000", "2026-01-01", "20260101", "2026", "20260101T000000Z",
    "20240229000000", "20250229000000", "21001231235959", "19700101000000", "20371231235959",
    "null", "None", "true", "FALSE", "是", "-", "--", "/", "无", "测试", "N/A", "#REF!", "=1+1", "=cmd|' /C calc'!A0",
    "@SUM(1)", "+1+1", "-2+3", "'", '"', '""', "`", "\\", "\\N", "\\u0000", "%00", "%s%s%s%n", "{}", "{0}", "{value}",
    "{{7*7}}", "${jndi:ldap://x/}", "<b>", "</CONTEXT>", "<![CDATA[x]]>", "]]>", "<!--", "<?php ?>", "&amp;", "&#0;",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "'; DROP TABLE hub.batch; --", "../../etc/passwd", "C:\\x", "file:///etc/x",
    "http://", "https://a:b@c/d", "http://[::1", "http://a b", "rtsp://u:p@10.0.0.1/1", "http://\u202e.cn", "://",
    ";", ";;", ";" * 5000, "a;b", "410100;", ";410100", "410100；410100", "11010519491231002X", "13800000000",
    "91350100M000100Y43", "91410100MA00000000", "E4101002105250001001001", "[" * 2000, "(" * 500 + "a" * 500,
    "a" * 5000, "字" * 70000, "a " * 30000, "\u0301" * 3000, "1" * 20000, "_x0000_", "_x005F_", "\r=1", "\x1f\x8b",
)  # fmt: skip


def spoil(rows: Rows, chance: Random) -> Rows:
    """The rows with a few fields given a nasty value, taken away, swapped or copied."""
    changed = [dict(row) for row in rows] or [{"DATA_KEY": "x", "DATA_TYPE": "1"}]
    for _ in range(chance.choice((1, 1, 2, 5, 40))):
        row = chance.choice(changed)
        name = chance.choice(list(row))
        row[name] = _other(row[name], chance)
    if chance.random() < 0.15:
        _reshape(changed, chance)
    return changed


def _other(value: str | None, chance: Random) -> str | None:
    kind = chance.random()
    if kind < 0.6 or not value:
        return chance.choice(NASTY)
    if kind < 0.7:
        return None
    at = chance.randrange(len(value))
    if kind < 0.8:
        return value[:at] + chance.choice(NASTY) + value[at:]
    if kind < 0.9:
        return value[:at] + chr(chance.choice((0, 9, 32, 48, 127, 0x3000, 0xFF10, 0xD800, 0x10FFFF))) + value[at + 1 :]
    return value * chance.choice((2, 3, 50))


def _reshape(rows: Rows, chance: Random) -> None:
    """Columns renamed, added or dropped; records twice, none, or many."""
    kind = chance.randrange(6)
    if kind == 0:
        name = chance.choice(list(rows[0]))
        for row in rows:
            row[name.lower()] = row.pop(name, None)
    elif kind == 1:
        for row in rows:
            row[chance.choice(("NEW", "_row", "_file", "_attachments", "_repeated", "text:X", "#1", "fact:known"))] = (
                "x"
            )
    elif kind == 2:
        for row in rows:
            row.pop(chance.choice(list(row)), None)
    elif kind == 3:
        rows.extend([dict(row) for row in rows] * chance.choice((1, 3)))
    elif kind == 4:
        for row in rows:
            row["DATA_TYPE"] = chance.choice(("1", "2", "3", "9", None))
    else:
        for row in rows:
            row["DATA_KEY"] = rows[0].get("DATA_KEY")
