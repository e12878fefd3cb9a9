"""XML is read the fast way or through expat, stretch by stretch: nobody can tell which from the result."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from exchange_hub.core.errors import Refusal
from ingest.readers import text, xml
from ingest.readers.spec import FileSpec
from ingest.readers.xmlscan import Scanner

VALUES = st.sampled_from(
    ["", " ", "1", "12345678", "123456789012", "1234567890123", "某某大桥工程（第一标段）施工", "a&amp;b",
     "&#x4e2d;&lt;", "&#13;", "long " * 40, "\n", "line\nline", "line\r\nline", "\r", "a>b", "<![CDATA[x<y]]>",
     "x<!-- c -->y", "&bad;", "&#0;", "&", "\x01", "\ufffe", "<b>x</b>", "𠮷", "é"]
)  # fmt: skip
NAMES = st.sampled_from(["CODE", "NAME", "AMOUNT", "PROJECT_NAME_LONGER_THAN_SIXTEEN", "名称", "_x", "a-b.c", "x:y"])
TAGS = st.sampled_from(["<{0}>{1}</{0}>"] * 8 + ["<{0}/>", "<{0} />", '<{0} a="1">{1}</{0}>', "<{0} >{1}</{0} >"])
GAPS = st.sampled_from(["", "", "\n", "\n  ", "\r\n\t", " x ", "<!-- <RECORD> -->", "<?pi?>"])
ODD = st.sampled_from(["<RECORD></RECORD>", "<RECORD><TITLE/></RECORD>", "<RECORD/>", "<OTHER></OTHER>", "</RECORD>"])


@st.composite
def fields(draw: st.DrawFn, most: int = 4) -> str:
    """Some fields of a node."""
    return "".join(draw(TAGS).format(draw(NAMES), draw(VALUES)) + draw(GAPS) for _ in range(draw(st.integers(0, most))))


@st.composite
def records(draw: st.DrawFn) -> str:
    """A record, usually a right one."""
    if draw(st.integers(0, 30)) == 0:
        return draw(ODD)
    name = draw(st.sampled_from(["SECTION"] * 30 + ["PROJECT", "SECTIONS", " SECTION "]))
    title = f"<TITLE><DATA_EN>{name}</DATA_EN><DATA_KEY>K</DATA_KEY><DATA_CN>x</DATA_CN></TITLE>"
    sources = "".join(f"<SOURCE>{draw(fields(2))}</SOURCE>" for _ in range(draw(st.integers(0, 2))))
    twice = draw(st.sampled_from([""] * 9 + ["<CONTEXT><CODE>2</CODE></CONTEXT>"]))
    return f"<RECORD>{draw(GAPS)}{title}<CONTEXT>{draw(fields())}</CONTEXT>{sources}{twice}</RECORD>{draw(GAPS)}"


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A document, usually nearly right, at times with a byte changed or its end missing."""
    head = draw(
        st.sampled_from(["", '<?xml version="1.0" encoding="UTF-8"?>\n', "\ufeff", "<!DOCTYPE x>", "<!-- c -->"])
    )
    body = "".join(draw(st.lists(records(), max_size=8)))
    tail = draw(st.sampled_from(["</BATCH>"] * 8 + ["", "</BATCH><BATCH>", "</BATCH>x"]))
    content = bytearray(f"{head}<BATCH>{body}{tail}".encode())
    if draw(st.integers(0, 5)) == 0:
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


def _read(content: bytes, *, strictly: bool, block: int) -> tuple[dict[str, list[object]], tuple[str, str, str] | None]:
    frames: list[pl.DataFrame] = []

    def collect(frames_: Iterator[pl.DataFrame]) -> None:
        frames.extend(frames_)

    refused = None
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        Path(file.name).write_bytes(content)
        scan = (lambda *_: None) if strictly else Scanner.scan
        with patch.object(Scanner, "scan", scan), patch.object(text, "BLOCK", block):
            try:
                collect(xml.read(Path(file.name), FileSpec("data/S.xml", "SECTION")))
            except Refusal as refusal:
                return {}, (refusal.code, refusal.where, refusal.message_zh)
    whole = pl.concat(frames, how="diagonal")
    return {name: column for name, column in sorted(whole.to_dict(as_series=False).items()) if any(column)}, refused


_TITLE = "<TITLE><DATA_EN>SECTION</DATA_EN></TITLE>"
_LINES_ENDED_TWO_WAYS = (
    f"<BATCH><RECORD>\n{_TITLE}<CONTEXT><A>\r</A><B>\r\n</B></CONTEXT></RECORD>"
    f"<RECORD>{_TITLE}<CONTEXT><A>&bad;</A></CONTEXT></RECORD></BATCH>"
).encode()


@example(content=_LINES_ENDED_TWO_WAYS, block=40)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=documents(), block=st.sampled_from([40, 300, 100_000]))
def test_both_ways_give_the_same_records_or_the_same_refusal(content: bytes, block: int) -> None:
    fast = _read(content, strictly=False, block=block)

    assert fast == _read(content, strictly=True, block=block)


@pytest.mark.parametrize("value", ["plain", "a &amp; b", "某某", "", "x" * 50_000])
def test_plain_records_take_the_fast_way(value: str) -> None:
    record = f"<RECORD><TITLE><DATA_EN>S</DATA_EN></TITLE><CONTEXT><A>{value}</A><B/></CONTEXT></RECORD>\n"

    frame = Scanner("S").scan(record.encode() * 3)

    assert frame is not None
    assert frame["A"].to_list() == [value.replace("&amp;", "&") or None] * 3


def test_names_that_differ_in_the_middle_are_kept_apart() -> None:
    names = [f"TENDERER_{middle}_CODE_TYPE" for middle in ("AAA", "AAB", "BAA", "ABA")]
    body = "".join(f"<{name}>{name[9:12]}</{name}>" for name in names)

    frame = Scanner("S").scan(f"<RECORD><CONTEXT>{body}</CONTEXT></RECORD>".encode())

    assert frame is not None
    assert {name: frame[name][0] for name in names} == {name: name[9:12] for name in names}


def test_tags_of_one_stretch_are_not_taken_for_those_of_another() -> None:
    scanner, names = Scanner("S"), ("A", "B", "C")
    orders = [names, names[::-1], names[1:] + names[:1]]

    frames = [
        scanner.scan("".join(f"<RECORD><CONTEXT><{n}>{n}</{n}></CONTEXT></RECORD>" for n in order).encode())
        for order in orders
    ]

    assert [None if frame is None else frame.columns[:3] for frame in frames] == [list(order) for order in orders]
    assert all(frame is not None and frame[name].drop_nulls().to_list() == [name] for frame in frames for name in names)


def test_a_file_of_ever_new_tags_is_left_to_expat() -> None:
    scanner = Scanner("S")

    frames = [
        scanner.scan(f"<RECORD><CONTEXT><{name}>1</{name}></CONTEXT></RECORD>".encode())
        for name in ("A", *(f"T{number}><T{number}" for number in range(3)), "B")
    ]
    many = "".join(f"<T{number}/>" for number in range(7_000))

    assert [frame is not None for frame in frames] == [True, False, False, False, True]
    assert scanner.scan(f"<RECORD><CONTEXT>{many}</CONTEXT></RECORD>".encode()) is None
    assert scanner.scan(b"<RECORD><CONTEXT><A>1</A></CONTEXT></RECORD>") is None
