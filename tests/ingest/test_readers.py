"""Four formats, one meaning: text as sent, or a refusal that names the place."""

import io
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.model import Release
from exchange_hub.core.errors import Refusal
from ingest.read import read_data_file
from ingest.readers import spec as reader_spec

Read = Callable[..., pl.DataFrame]


@pytest.fixture
def read(tmp_path: Path, release: Release) -> Read:
    """Bytes of one data file of SECTION as a frame."""

    def run(content: bytes, form: str, encoding: str | None = None) -> pl.DataFrame:
        path = tmp_path / f"SECTION.{form}"
        path.write_bytes(content)
        return read_data_file(path, "SECTION", form, release, encoding)

    return run


def refused(action: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        action()
    assert caught.value.message_zh
    assert caught.value.where
    return caught.value


def envelope(body: str, prolog: str = "") -> bytes:
    return f"{prolog}<BATCH>{body}</BATCH>".encode()


def record(context: str = "", title: str = "", sources: str = "") -> str:
    return (
        f"<RECORD><TITLE><DATA_EN>SECTION</DATA_EN><DATA_TYPE>1</DATA_TYPE><DATA_KEY>K</DATA_KEY>{title}</TITLE>"
        f"<CONTEXT>{context}</CONTEXT>{sources}</RECORD>"
    )


# What all formats share


@pytest.mark.parametrize("form", ["xml", "csv", "jsonl", "parquet"])
def test_a_frame_has_the_contract_fields_the_unknown_ones_and_the_place(
    read: Read, kit: SimpleNamespace, form: str
) -> None:
    rows = [kit.row(1, Extra="x"), kit.row(2, Extra=None)]

    frame = read(getattr(kit, form)(rows), form)

    assert frame.columns == [
        "DATA_KEY", "DATA_TYPE", "CODE", "NAME", "AMOUNT", "Extra", "_file", "_row", "_attachments", "_repeated"
    ]  # fmt: skip
    assert frame["_row"].to_list() == [1, 2]
    assert frame["_file"].unique().to_list() == [f"SECTION.{form}"]
    assert frame["AMOUNT"].to_list() == [None, None]
    assert frame["Extra"].to_list() == ["x", None]
    assert set(frame.drop("_row").dtypes) == {pl.String}


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff")
    | st.sampled_from("\n\r\t,\"'<&]"),
    min_size=1,
    max_size=20,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"DATA_KEY": TEXT, "DATA_TYPE": st.sampled_from("123")},
        optional={"CODE": TEXT, "NAME": TEXT | st.none(), "OTHER": TEXT},
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_all_formats_read_the_same_records_alike(
    kit: SimpleNamespace, release: Release, rows: list[dict[str, Any]]
) -> None:
    frames = []
    with tempfile.TemporaryDirectory() as folder:
        for form in ("csv", "jsonl", "parquet", "xml"):
            path = Path(folder) / f"x.{form}"
            content = getattr(kit, form)(rows)
            if content:
                path.write_bytes(content)
                frames.append(read_data_file(path, "SECTION", form, release).drop("_file", "_row"))

    for frame in frames:
        assert frame.height == len(rows)
        for name in ("DATA_KEY", "DATA_TYPE", "CODE", "NAME"):
            assert frame[name].to_list() == [row.get(name) for row in rows]
        if any(row.get("OTHER") for row in rows):
            assert frame["OTHER"].to_list() == [row.get("OTHER") for row in rows]


def test_rows_are_counted_across_chunks(read: Read, kit: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.columns.CHUNK", 2)
    monkeypatch.setattr("ingest.readers.csv.CHUNK", 2)
    monkeypatch.setattr("ingest.readers.parquet.CHUNK", 2)
    rows = [kit.row(n, **({"LATE": "x"} if n == 5 else {})) for n in range(1, 6)]

    for form in ("xml", "csv", "jsonl", "parquet"):
        frame = read(getattr(kit, form)(rows), form)
        assert frame["_row"].to_list() == [1, 2, 3, 4, 5], form
        assert frame["LATE"].to_list() == [None, None, None, None, "x"], form


@pytest.mark.parametrize("form", ["xml", "csv", "jsonl", "parquet"])
def test_a_name_with_an_underscore_before_it_is_refused(read: Read, kit: SimpleNamespace, form: str) -> None:
    content = getattr(kit, form)([kit.row(1, _row="7")])

    assert refused(lambda: read(content, form)).code == "HEADER_INVALID"


def test_more_field_names_than_any_dataset_has_are_refused(read: Read, kit: SimpleNamespace) -> None:
    many = {f"F{n}": "x" for n in range(reader_spec.MAX_COLUMNS + 1)}

    for form in ("xml", "csv", "jsonl", "parquet"):
        content = getattr(kit, form)([kit.row(1, **many)])
        assert refused(lambda c=content, f=form: read(c, f)).code == "HEADER_INVALID", form


# Encodings


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
def test_a_declared_encoding_is_read(read: Read, kit: SimpleNamespace, form: str, encoding: str) -> None:
    content = getattr(kit, form)([kit.row(NAME="郑州市地铁工程")], encoding)

    assert read(content, form, encoding)["NAME"].to_list() == ["郑州市地铁工程"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "gbk", "gb2312"])
def test_xml_declares_its_own_encoding(read: Read, kit: SimpleNamespace, encoding: str) -> None:
    content = kit.xml([kit.row(NAME="郑州市地铁工程")], encoding=encoding)

    assert read(content, "xml", "utf-8")["NAME"].to_list() == ["郑州市地铁工程"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(read: Read, kit: SimpleNamespace) -> None:
    for form in ("csv", "jsonl", "xml"):
        content = getattr(kit, form)([kit.row()], encoding="utf-8")
        assert read(b"\xef\xbb\xbf" + content, form)["DATA_KEY"].null_count() == 0, form


@pytest.mark.parametrize("form", ["csv", "jsonl", "xml"])
def test_a_wrong_byte_is_refused_with_its_line(read: Read, kit: SimpleNamespace, form: str) -> None:
    good = getattr(kit, form)([kit.row(1), kit.row(2, NAME="@@")])
    content = good.replace(b"@@", b"\xb1\xea")

    refusal = refused(lambda: read(content, form))

    line = good[: good.index(b"@@")].count(b"\n") + 1
    assert (refusal.code, refusal.where) == ("WRONG_ENCODING", f"SECTION.{form}:{line}")
    assert str(good.index(b"@@")) in refusal.message_en
    assert "gb18030" in refusal.message_zh


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_utf8_declared_as_gbk_is_refused_instead_of_garbled(read: Read, kit: SimpleNamespace, form: str) -> None:
    content = getattr(kit, form)([kit.row(NAME="郑州市地铁工程")])

    assert refused(lambda: read(content, form, "gbk")).code == "WRONG_ENCODING"


def test_a_wrong_byte_behind_many_is_still_located(read: Read) -> None:
    lines = b"DATA_KEY,DATA_TYPE\n" + "键,1\n".encode() * 200_000

    refusal = refused(lambda: read(lines + b"\xff,1\n", "csv", "utf-8"))

    assert refusal.where == "SECTION.csv:200002"
    assert f"byte {len(lines)})" in refusal.message_en


# XML


def test_comments_cdata_and_character_references_are_part_of_one_value(read: Read) -> None:
    content = envelope(record("<NAME>一<!-- x -->二<![CDATA[<三&>]]>&#22235;&amp;<?pi x?>五</NAME>"))

    assert read(content, "xml")["NAME"].to_list() == ["一二<三&>四&五"]


def test_empty_elements_are_null_and_blanks_stay(read: Read) -> None:
    frame = read(envelope(record("<CODE/><NAME></NAME><AMOUNT> 1 </AMOUNT>")), "xml")

    assert frame.select("CODE", "NAME", "AMOUNT").row(0) == (None, None, " 1 ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (record("<CODE>1</CODE><CODE>1</CODE>"), "CODE"),
        (record("<CODE/><CODE>2</CODE>"), "CODE"),
        (record("<DATA_KEY>other</DATA_KEY>"), "DATA_KEY"),
        (record(title="<DATA_TYPE>2</DATA_TYPE>"), "DATA_TYPE"),
        (record().replace("</RECORD>", "<CONTEXT><CODE>1</CODE></CONTEXT></RECORD>"), "CONTEXT"),
        (record(sources="<SOURCE><FILE_NAME>a</FILE_NAME><FILE_NAME>b</FILE_NAME></SOURCE>"), "FILE_NAME"),
    ],
)
def test_a_repeated_field_is_marked_on_its_record_alone(read: Read, body: str, field: str) -> None:
    frame = read(envelope(record() + body + record()), "xml")

    assert frame["_repeated"].to_list() == [None, field, None]
    assert frame["DATA_KEY"].to_list() == ["K", "K", "K"]


def test_sources_become_a_json_list(read: Read) -> None:
    source = "<SOURCE><FILE_EN_NAME>01</FILE_EN_NAME><BINARY_CONTENT>attachments/说明.pdf</BINARY_CONTENT></SOURCE>"

    frame = read(envelope(record(sources=source * 2) + record()), "xml")

    attached = json.loads(frame["_attachments"][0])
    assert attached == [{"FILE_EN_NAME": "01", "BINARY_CONTENT": "attachments/说明.pdf"}] * 2
    assert frame["_attachments"][1] is None


def test_the_rest_of_the_real_title_is_no_unknown_field(read: Read) -> None:
    title = "<DATA_NO>503</DATA_NO><DATA_CN>标段</DATA_CN><CA_KEY>x</CA_KEY><ROUTE_WAY>1</ROUTE_WAY>"

    frame = read(envelope(record(title=title)), "xml")

    assert "DATA_NO" not in frame.columns


def test_a_deletion_needs_no_context(read: Read) -> None:
    body = "<RECORD><TITLE><DATA_TYPE>3</DATA_TYPE><DATA_KEY>K</DATA_KEY></TITLE></RECORD>"

    assert read(envelope(body), "xml").select("DATA_KEY", "DATA_TYPE", "CODE").row(0) == ("K", "3", None)


DTD = "<!DOCTYPE BATCH [{}]>"
LAUGHS = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (envelope(record("<NAME>&x;</NAME>"), DTD.format('<!ENTITY x SYSTEM "file:///etc/passwd">')), "XML_ENTITY"),
        (envelope(record("<NAME>&b;</NAME>"), DTD.format(LAUGHS)), "XML_ENTITY"),
        (envelope(record(), '<!DOCTYPE BATCH SYSTEM "http://127.0.0.1:9/x.dtd">'), "XML_ENTITY"),
        (envelope(record(), DTD.format('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;')), "XML_ENTITY"),
        (envelope(record("<NAME>&nbsp;</NAME>")), "XML_ENTITY"),
        (envelope(record())[:-3], "BROKEN_XML"),
        (envelope(record())[:-8], "BROKEN_XML"),
        (envelope(record()) * 2, "BROKEN_XML"),
        (envelope(record()) + b"tail", "BROKEN_XML"),
        (envelope("<RECORD></TITLE></RECORD>"), "BROKEN_XML"),
        (envelope(record("<NAME>\x01</NAME>")), "BROKEN_XML"),
        (envelope(record("<NAME>a<B>b</B></NAME>")), "BROKEN_XML"),
        (envelope(record() + "text"), "BROKEN_XML"),
        (envelope("<OTHER/>"), "BROKEN_XML"),
        (envelope("<RECORD><BODY/></RECORD>"), "BROKEN_XML"),
        (b"<DATA/>", "BROKEN_XML"),
        (b"{}", "BROKEN_XML"),
        (b"  ", "BROKEN_XML"),
        (envelope(record().replace("SECTION", "PROJECT")), "HEADER_INVALID"),
        (envelope(record(), '<?xml version="1.0" encoding="big5"?>'), "UNKNOWN_ENCODING"),
        (envelope(record(), '<?xml version="1.0" encoding="utf-16"?>'), "UNKNOWN_ENCODING"),
        (envelope(record("<NAME>@</NAME>"), '<?xml version="1.0" encoding="ascii"?>').replace(b"@", b"\xe9"),
         "WRONG_ENCODING"),
    ],
)  # fmt: skip
def test_xml_that_is_no_envelope_is_refused_with_its_line(read: Read, content: bytes, code: str) -> None:
    refusal = refused(lambda: read(content, "xml"))

    assert refusal.code == code
    assert refusal.where.startswith("SECTION.xml:1")


def test_a_record_of_another_dataset_is_named_by_its_number(read: Read) -> None:
    content = envelope(record() + "\n" + record().replace("SECTION", "PROJECT"))

    refusal = refused(lambda: read(content, "xml"))

    assert refusal.where == "SECTION.xml:2"
    assert "record 2" in refusal.message_en


# CSV


def test_quotes_separators_and_line_ends_inside_cells_are_kept(read: Read) -> None:
    content = b'DATA_KEY,DATA_TYPE,NAME\r\nK1,1,"a ""b"", c\r\nd"\r\n\r\n\r\nK2,1,\r\n'

    frame = read(content, "csv")

    assert frame["NAME"].to_list() == ['a "b", c\r\nd', None]
    assert frame["_row"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("DATA_TYPE,NAME\n1,x\n", "HEADER_INVALID", 1),
        ("data_key,DATA_TYPE\nK,1\n", "HEADER_INVALID", 1),
        ("DATA_KEY;DATA_TYPE\nK;1\n", "HEADER_INVALID", 1),
        ("DATA_KEY,DATA_TYPE,NAME,NAME\nK,1,x,y\n", "HEADER_INVALID", 1),
        ("DATA_KEY,DATA_TYPE,\nK,1,x\n", "HEADER_INVALID", 1),
        ("\n\n", "HEADER_INVALID", 1),
        ("DATA_KEY,DATA_TYPE\nK\n", "BROKEN_CSV", 2),
        ("DATA_KEY,DATA_TYPE\n\nK,1\nK,1,2\n", "BROKEN_CSV", 4),
        ('DATA_KEY,DATA_TYPE\nK,"1\n2"\nK,"1\n', "BROKEN_CSV", 4),
        ('DATA_KEY,DATA_TYPE\nK,"1"x\n', "BROKEN_CSV", 2),
    ],
)
def test_csv_that_does_not_hold_together_is_refused_with_its_line(
    read: Read, content: str, code: str, line: int
) -> None:
    refusal = refused(lambda: read(content.encode(), "csv"))

    assert (refusal.code, refusal.where) == (code, f"SECTION.csv:{line}")


# JSON Lines


def test_numbers_stay_as_they_were_written(read: Read) -> None:
    content = b'{"DATA_KEY": "K", "DATA_TYPE": 1, "AMOUNT": 1.10, "CODE": 12345678901234567890123, "NAME": true}\n'

    frame = read(content, "jsonl")

    assert frame.select("DATA_TYPE", "AMOUNT", "CODE", "NAME").row(0) == (
        "1",
        "1.10",
        "12345678901234567890123",
        "true",
    )


def test_a_repeated_key_is_marked(read: Read) -> None:
    content = b'{"DATA_KEY": "K", "CODE": "1", "CODE": null}\n\n{"DATA_KEY": "L", "CODE": null}'

    frame = read(content, "jsonl")

    assert frame["_repeated"].to_list() == ["CODE", None]
    assert frame["CODE"].to_list() == ["1", None]


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"[]", b'"x"', b"1", b"null", b'{"A": {}}', b'{"A": []}', b'{"A": [1]}', b'{"A": NaN}', b'{"A": 1} {}',
        b"[" * 100_000, b'{"A": "\\ud800"}', b'{"\\udfff": "x"}', b"{'A': 1}",
    ],
)  # fmt: skip
def test_a_line_that_is_no_flat_object_is_refused_with_its_number(read: Read, line: bytes) -> None:
    refusal = refused(lambda: read(b'{"DATA_KEY": "K"}\n' + line + b"\n", "jsonl"))

    assert (refusal.code, refusal.where) == ("BROKEN_JSONL", "SECTION.jsonl:2")


# Parquet


def parquet(**columns: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"DATA_KEY": pa.array(["K"]), "DATA_TYPE": pa.array([1]), **columns}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array(["x"]), "x"),
        (pa.array([""]), None),
        (pa.array(["x"]).dictionary_encode(), "x"),
        (pa.array(["标段".encode()], pa.binary()), "标段"),
        (pa.array([None], pa.null()), None),
        (pa.array([7], pa.int8()), "7"),
        (pa.array([2**63], pa.uint64()), "9223372036854775808"),
        (pa.array([True]), "1"),
        (pa.array([False]), "0"),
        (pa.array([12.0]), "12"),
        (pa.array([0.1]), "0.1"),
        (pa.array([1.1], pa.float32()), "1.1"),
        (pa.array([1e20]), "100000000000000000000"),
        (pa.array([1e-7]), "0.0000001"),
        (pa.array([float("nan")]), "nan"),
        (pa.array([Decimal("1234.500000")], pa.decimal128(20, 6)), "1234.5"),
        (pa.array([Decimal("100.00")], pa.decimal128(20, 2)), "100"),
        (pa.array([Decimal("0.00000001")], pa.decimal128(20, 8)), "0.00000001"),
        (pa.array([Decimal("12345678901234567890")], pa.decimal256(60, 0)), "12345678901234567890"),
        (pa.array([datetime(2026, 11, 23, 2, 15, 1, tzinfo=UTC)]), "20261123101501"),
        (pa.array([datetime(2026, 11, 23, 10, 15, 1)]), "20261123101501"),  # noqa: DTZ001 naive is meant
        (pa.array([date(2026, 11, 23)]), "20261123"),
        (pa.array([date(2026, 11, 23)], pa.date64()), "20261123"),
    ],
)
def test_typed_columns_become_the_specs_own_text(read: Read, column: pa.Array, text: str | None) -> None:
    assert read(parquet(AMOUNT=column), "parquet")["AMOUNT"].to_list() == [text]


@pytest.mark.parametrize(
    "column", [pa.array([["x"]]), pa.array([{"a": 1}]), pa.array([1], pa.duration("s")), pa.array([1], pa.time32("s"))]
)
def test_columns_that_are_no_values_are_refused_by_name(read: Read, column: pa.Array) -> None:
    refusal = refused(lambda: read(parquet(AMOUNT=column), "parquet"))

    assert (refusal.code, refusal.where) == ("HEADER_INVALID", "SECTION.parquet#AMOUNT")


def test_parquet_without_its_keys_or_with_doubled_columns_is_refused(read: Read) -> None:
    for table in (
        pa.table({"DATA_KEY": ["K"]}),
        pa.table([pa.array(["K"])] * 3, ["DATA_KEY", "DATA_TYPE", "DATA_KEY"]),
    ):
        out = io.BytesIO()
        pq.write_table(table, out)
        assert refused(lambda o=out: read(o.getvalue(), "parquet")).code == "HEADER_INVALID"


@pytest.mark.parametrize("content", [b"PAR1", b"x" * 100, parquet()[:-20], parquet()[:40] + parquet()[60:]])
def test_broken_parquet_is_refused(read: Read, content: bytes) -> None:
    assert refused(lambda: read(content, "parquet")).code == "BROKEN_PARQUET"


def test_parquet_text_that_is_not_utf8_is_refused(read: Read) -> None:
    assert refused(lambda: read(parquet(NAME=pa.array([b"\xff"], pa.binary())), "parquet")).code == "BROKEN_PARQUET"


# Size


def test_ten_thousand_records_of_two_kilobytes_read_in_seconds(read: Read) -> None:
    fields = "".join(f"<FIELD_{n:02d}>郑州市某工程{n}施工标段</FIELD_{n:02d}>" for n in range(40))
    content = envelope(record(fields) * 10_000)
    start = time.process_time()

    frame = read(content, "xml")

    assert frame.height == 10_000
    assert time.process_time() - start < 5  # takes about 0.7


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), "2147483647 day"),
        (pa.array([2**62]).cast(pa.timestamp("ms")), "4611686018427387904 ms"),
        (pa.array([-(2**62)]).cast(pa.timestamp("us", tz="UTC")), "-4611686018427387904 us"),
        (pa.array([2**62]).cast(pa.timestamp("ns")), "21160220235338"),
    ],
)
def test_a_moment_that_no_calendar_has_is_shown_as_its_number(read: Read, column: pa.Array, text: str) -> None:
    assert read(parquet(AMOUNT=column), "parquet")["AMOUNT"].to_list() == [text]
