"""Frames into tables: binary COPY from Arrow, in slices so that memory stays bounded."""

from collections.abc import Collection

import pgpq
import polars as pl
import pyarrow as pa
from pgpq import encoders, schema
from psycopg import Connection, sql

SLICE = 20_000  # rows encoded at once


def copy_frame(conn: Connection, table: sql.Identifier, frame: pl.DataFrame, json: Collection[str] = ()) -> None:
    """COPY all rows of a frame into the columns of the same names.

    Args:
        table: target; its types must be those of the frame (text, bigint, numeric, timestamptz, date, boolean,
            bytea), since binary COPY converts nothing.
        json: text columns whose target is jsonb.
    """
    if frame.is_empty():
        return
    encoder = _encoder(_arrow(frame.head(0)).schema, json)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in frame.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table, names)
    with conn.cursor().copy(statement) as copy:
        copy.write(encoder.write_header())
        for part in frame.iter_slices(SLICE):
            for batch in _arrow(part).combine_chunks().to_batches():
                copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())


def raw_json(frame: pl.DataFrame) -> pl.Series:
    """Each row's fields as a JSON object of texts as sent, null where there was no value.

    Columns that start with an underscore are the reader's, not the sender's. PostgreSQL cannot store NUL: it is
    written as its picture U+2400.
    """
    sent = [name for name in frame.columns if not name.startswith("_")]
    if frame.is_empty():
        return pl.Series("raw", [], dtype=pl.String)
    texts = [pl.col(name).cast(pl.String).str.replace_all("\x00", "␀", literal=True) for name in sent]
    return frame.select(pl.struct(texts).struct.json_encode().alias("raw")).to_series()


def _arrow(frame: pl.DataFrame) -> pa.Table:
    """The frame as Arrow with 32-bit offsets: what the encoder knows."""
    table = frame.to_arrow()
    plain = {pa.large_string(): pa.string(), pa.string_view(): pa.string(), pa.large_binary(): pa.binary()}
    plain[pa.binary_view()] = pa.binary()
    wanted = pa.schema([pa.field(f.name, plain.get(f.type, f.type)) for f in table.schema])
    return table.cast(wanted)


def _encoder(wanted: pa.Schema, json: Collection[str]) -> pgpq.ArrowToPostgresBinaryEncoder:
    if not json:
        return pgpq.ArrowToPostgresBinaryEncoder(wanted)
    chosen = {field.name: pgpq.ArrowToPostgresBinaryEncoder.infer_encoder(field) for field in wanted}
    for name in json:
        chosen[name] = encoders.StringEncoderBuilder.new_with_output(wanted.field(name), schema.Jsonb())
    return pgpq.ArrowToPostgresBinaryEncoder.new_with_encoders(wanted, chosen)
