"""Canonical texts: what is joined fast is what is joined field by field."""

import hashlib

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from exchange_hub.core.canonical import canonical_texts, hash_records

TEXTS = st.none() | st.text(alphabet="aV N工\\\x1f\r\n\x00u001f", max_size=6)


def spelled_out(record: tuple[str | None, ...]) -> str:
    """The module's own words, character by character."""
    escapes = {"\\": "\\\\", "\x1f": "\\u001f", "\r": "\\r", "\n": "\\n"}
    parts = ("N" if text is None else "V" + "".join(escapes.get(c, c) for c in text) for text in record)
    return "".join(part + "\x1f" for part in parts)


@given(records=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=8))
def test_canonical_text_is_that_of_each_field_escaped(records: list[tuple[str | None, ...]]) -> None:
    frame = pl.DataFrame(records, schema=dict.fromkeys("abc", pl.String), orient="row")

    texts = canonical_texts(frame, ["a", "b", "c"])
    hashes = hash_records(frame, ["a", "b", "c"])

    assert texts.to_list() == [spelled_out(record) for record in records]
    assert hashes.to_list() == [hashlib.sha256(text.encode()).hexdigest() for text in texts]
