"""Changes of a data file that know its format: what is well formed and odd, and what is nearly well formed."""

import io
import re
import zipfile
from collections.abc import Callable
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz import octets
from tests.fuzz.render import table_bytes

Mutator = Callable[[bytes, Random], bytes]

XML_NODES = (
    "<!-- c -->", "<?pi x?>", "<![CDATA[x<y]]>", "<X/>", "<X>1</X>", "<PROJECT_CODE>1</PROJECT_CODE>", "&lt;", "&#10;",
    "&#x110000;", "&#0;", "&nope;", "text", "<RECORD/>", "<RECORD></RECORD>", "<SOURCE/>", "<TITLE/>", "<CONTEXT/>",
    "<SOURCE><FILE_NAME>a</FILE_NAME><BINARY_CONTENT>../a</BINARY_CONTENT></SOURCE>", "<A>" * 300 + "</A>" * 300,
    "<a:b xmlns:a='urn:x'>1</a:b>", "<x y='1' y='2'/>", "<DATA_KEY>1</DATA_KEY>", f"<{'N' * 5000}/>", "<中文>1</中文>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>", "\x0b", "\ufffe", "]]>", "<X>" + "y" * 200_000 + "</X>", "<_row>1</_row>",
)  # fmt: skip


def mutate_xml(content: bytes, chance: Random) -> bytes:
    """Nodes put in, taken out, copied or renamed; other prologs and encodings."""
    text = content.decode("utf-8", "replace")
    places = [found.start() for found in re.finditer("<", text)] or [0]
    at = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        text = text[:at] + chance.choice(XML_NODES) + text[at:]
    elif kind == 1:
        end = chance.choice(places)
        text = text[: min(at, end)] + text[max(at, end) :]
    elif kind == 2:
        end = text.find(">", at) + 1
        text = text[:end] + text[at:end] * chance.choice((1, 5)) + text[end:]
    elif kind == 3:
        tags = re.findall(r"[A-Z_]{4,}", text) or ["X"]
        text = text.replace(chance.choice(tags), chance.choice((*tags, "x", "_file", "DATA_KEY", "A" * 300)), 3)
    elif kind == 4:
        text = text.replace(
            "utf-8", chance.choice(("gb18030", "utf-16", "latin-1", "utf-7", "rot13", "", "UTF-8' a='b")), 1
        )
    else:
        encoding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-8-sig", "utf-32", "latin-1"))
        return text.encode(encoding, "replace")
    return text.encode("utf-8", "surrogatepass")


def mutate_csv(content: bytes, chance: Random) -> bytes:
    """Quoting, separators, line ends, ragged rows, headers, encodings."""
    text = content.decode("utf-8", "replace")
    lines = text.split("\r\n")
    at = chance.randrange(len(lines))
    match chance.randrange(10):
        case 0:
            lines[at] = lines[at].replace(",", chance.choice((";", "\t", ",,", "，", '","')), chance.choice((1, -1)))
        case 1:
            lines[at] += chance.choice((",", '"', ',"', '"a"b', "\x00", ",,,,,,"))
        case 2:
            lines.insert(at, chance.choice(("", ",", '"', " ", '""', "a", lines[0], "\x1a")))
        case 3:
            del lines[at]
        case 4:
            lines[0] = chance.choice(
                (lines[0].lower(), f"{lines[0]},{lines[0]}", f'"{lines[0]}"', "\ufeff" + lines[0], "")
            )
        case 5:
            return chance.choice(("\n", "\r", "\n\n", "\u2028")).join(lines).encode("utf-8", "replace")
        case 6:
            lines[at] = '"' + lines[at].replace(",", '","') + '"'
        case 7:
            lines[at] = lines[at] + "x" * chance.choice((140_000, 400_000))
        case 8:
            lines[0] = ",".join(f"C{n}" for n in range(chance.choice((0, 1, 3000)))) + "," + lines[0]
        case _:
            encoding = chance.choice(("utf-16", "gb18030", "utf-8-sig", "utf-32", "latin-1"))
            return text.encode(encoding, "replace")
    return "\r\n".join(lines).encode("utf-8", "surrogatepass")


JSON_LINES = (
    "", " ", "null", "[]", "{}", "1", '"a"', "{", "}", '{"DATA_KEY": 1}', '{"DATA_KEY": [1]}', '{"DATA_KEY": {"a": 1}}',
    '{"DATA_KEY": NaN}', '{"DATA_KEY": 1e400}', '{"a": 1, "a": 2}', '{"": ""}', '{"DATA_KEY": "\\ud800"}', "[" * 5000,
    '{"a":' * 3000 + "1" + "}" * 3000, '{"DATA_KEY": true, "DATA_TYPE": false}', '{"DATA_KEY": ' + "9" * 6000 + "}",
    '{"_row": "1", "_file": "2", "_attachments": "[", "_repeated": "x"}', "{'a': 1}", '{"a": "\t"}', "\ufeff{}", "// x",
    "{" + ",".join(f'"F{n}": 1' for n in range(3000)) + "}", '{"text:PROJECT_CODE": "1"}', '{"DATA_KEY": -0.0}',
)  # fmt: skip


def mutate_jsonl(content: bytes, chance: Random) -> bytes:
    """Lines that are no flat object, doubled keys, other types of values."""
    lines = content.decode("utf-8", "replace").split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            lines.insert(at, chance.choice(JSON_LINES))
        case 1:
            lines[at] = chance.choice(JSON_LINES)
        case 2:
            lines[at] = re.sub(r'"([0-9.]{1,30})"', r"\1", lines[at])
        case 3:
            other = chance.choice(("null", "[]", "{}", "true", "1E5", '""', "0.1e-300"))
            lines[at] = re.sub(r': "[^"]*"', f": {other}", lines[at], count=chance.choice((1, 3)))
        case 4:
            return chance.choice((b"\r\n", b"\r", b"", b"\n\n", b"\x00\n")).join(line.encode() for line in lines)
        case _:
            return "\n".join(lines).encode(chance.choice(("utf-16", "gb18030", "utf-8-sig", "utf-32")), "replace")
    return "\n".join(lines).encode("utf-8", "surrogatepass")


_TYPES = (
    pa.int64(), pa.float64(), pa.float16(), pa.decimal128(38, 10), pa.decimal256(76, 5), pa.bool_(), pa.timestamp("ns"),
    pa.timestamp("us", tz="UTC"), pa.timestamp("s", tz="America/St_Johns"), pa.date32(), pa.date64(), pa.time64("us"),
    pa.duration("s"), pa.binary(), pa.large_string(), pa.string_view(), pa.list_(pa.string()), pa.null(),
    pa.struct([("a", pa.int32())]), pa.map_(pa.string(), pa.string()), pa.dictionary(pa.int8(), pa.string()),
    pa.binary(4), pa.uint64(), pa.list_(pa.int8(), 3),
)  # fmt: skip


def mutate_parquet(content: bytes, chance: Random) -> bytes:
    """Columns of other types, doubled names, no columns, no rows."""
    table = pq.read_table(io.BytesIO(content))
    place = chance.randrange(table.num_columns)
    match chance.randrange(5):
        case 0 | 1:
            table = table.set_column(place, table.column_names[place], _column(table.num_rows, chance))
        case 2:
            table = table.append_column(
                chance.choice((table.column_names[place], "", "x" * 3000, "_row")), table[place]
            )
        case 3:
            table = chance.choice((table.slice(0, 0), table.remove_column(place), table.select([])))
        case _:
            names = [f"A{n}" for n in range(table.num_columns)]
            table = table.rename_columns([*names[:-1], chance.choice(("\x00", "DATA_KEY", "中文", "\u202e"))])
    return table_bytes(table)


def _column(length: int, chance: Random) -> pa.Array:
    kind = chance.choice(_TYPES)
    value: object = chance.choice(
        (None, 0, 1, -1, 2**62, float("nan"), float("inf"), 1e300, b"\xff\xfe", "x", [], {"a": 1})
    )
    try:
        return pa.array([value] * length, kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.nulls(length, kind)


_SHEET_EDITS: tuple[tuple[bytes, bytes], ...] = (
    (b't="s"', b't="n"'), (b't="s"', b't="e"'), (b't="s"', b't="b"'), (b't="s"', b't="d"'), (b't="s"', b't="inlineStr"'),
    (b"<v>", b"<v>9999999"), (b"<v>", b"<v>-"), (b"<v>", b"<f>1/0</f><v>"), (b"<v>", b"<v>1E400"), (b'r="A1"', b'r="ZZZZZ1"'),
    (b'r="A1"', b'r="A1048577"'), (b'r="A4"', b'r="A1"'), (b"<row ", b"<row spans='x' "), (b'r="4"', b'r="0"'),
    (b'r="4"', b'r="99999999"'), (b"<sheetData>", b"<sheetData><row/>"), (b"</worksheet>", b""), (b"<worksheet", b"<a"),
    (b"<si>", b"<si><r><t>"), (b"<t>", b"<t>_x0000_"), (b"<t>", b"<t>&#11;"), (b"sheetId=", b"x="), (b'name="', b'name="x'),
    (b"<sheets>", b"<sheets/><sheets>"), (b"<?xml", b"<!DOCTYPE a><?xml"), (b"numFmtId=\"0\"", b"numFmtId=\"14\""),
    (b"<cellXfs", b"<x"), (b"Target=", b"Target='../../x' T="), (b'dimension ref="', b'dimension ref="A1:XFD1048576'),
    (b"count=", b"count='-1' c="),
)  # fmt: skip


def mutate_xlsx(content: bytes, chance: Random) -> bytes:
    """Parts of the workbook changed, dropped or doubled."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    name = chance.choice(list(parts))
    kind = chance.randrange(6)
    if kind == 0:
        del parts[name]
    elif kind == 1:
        parts[name] = octets.mutate(parts[name], chance)
    elif kind == 2:
        parts[name] = chance.choice((b"", b"<a/>", b"\xff", parts[chance.choice(list(parts))]))
    else:
        old, new = chance.choice(_SHEET_EDITS)
        touched = [part for part, text in parts.items() if old in text] or [name]
        part = chance.choice(touched)
        parts[part] = parts[part].replace(old, new, chance.choice((1, 3, -1)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for part, text in parts.items():
            book.writestr(part, text)
    return out.getvalue()


BY_FORMAT: dict[str, Mutator] = {
    "xml": mutate_xml,
    "csv": mutate_csv,
    "jsonl": mutate_jsonl,
    "parquet": mutate_parquet,
    "xlsx": mutate_xlsx,
}
