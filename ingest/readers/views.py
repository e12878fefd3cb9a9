"""Text columns cut out of a buffer of UTF-8 without copying: Arrow string views, made by numpy for all values at once.

A view is 16 bytes: the length, then up to 12 bytes of text, or 4 bytes of it, the buffer's number and the place in it
(Arrow columnar format, variable-size binary view layout). Python never touches a single value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

PADDING = b"\0" * 16  # behind every buffer, so that a word may be read from any place in it
_INLINE = 12  # bytes of text that a view holds itself
_MASKS = np.array([(1 << (8 * count)) - 1 for count in range(9)], dtype=np.uint64)
_SHIFT = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
Indices = np.ndarray[Any, np.dtype[np.int64]]
Words = np.ndarray[Any, np.dtype[np.uint64]]


class TextBuffer:
    """Bytes of valid UTF-8 (padded here), as single bytes and as 8-byte words that begin anywhere."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self.padded = data + PADDING
        self.bytes = np.frombuffer(self.padded, dtype=np.uint8)[: self.size]
        self._words = np.ndarray((self.size + 8,), dtype="<u8", buffer=self.padded, strides=(1,))

    def words(self, starts: Indices, lengths: Indices) -> Words:
        """The first `length` bytes (at most 8; none where negative) from each start, as one number."""
        return self._words[starts] & _MASKS[np.minimum(np.maximum(lengths, 0), 8)]

    def find(self, byte: int) -> Indices:
        """Where the byte stands, in order."""
        return np.flatnonzero(self.bytes == byte)


@dataclass(slots=True)
class Texts:
    """Values of many columns as views into one buffer; some may be replaced by text that stands elsewhere."""

    buffer: TextBuffer
    starts: Indices
    lengths: Indices
    replaced: dict[int, str] = field(default_factory=dict)  # number of the value -> its text

    def views(self) -> tuple[Words, list[pa.Buffer]]:
        """The views, two words each, and the buffers that they point into."""
        head = self.buffer.words(self.starts, np.minimum(self.lengths, 4))
        inline = self.buffer.words(np.minimum(self.starts + 4, self.buffer.size + 7), self.lengths - 4)
        views = np.empty((len(self.starts), 2), dtype=np.uint64)
        views[:, 0] = self.lengths.astype(np.uint64) | (head << _SHIFT)
        views[:, 1] = np.where(self.lengths <= _INLINE, inline, self.starts.astype(np.uint64) << _SHIFT)
        buffers = [pa.py_buffer(self.buffer.padded)]
        if self.replaced:
            buffers.append(self._replace(views))
        return views, buffers

    def _replace(self, views: Words) -> pa.Buffer:
        texts = [text.encode("utf-8") for text in self.replaced.values()]
        sizes = np.array([len(text) for text in texts], dtype=np.int64)
        other = TextBuffer(b"".join(texts))
        places = np.cumsum(sizes) - sizes
        made, _ = Texts(other, places, sizes).views()
        made[:, 1] |= np.where(sizes > _INLINE, np.uint64(1), np.uint64(0))  # the second buffer
        views[list(self.replaced)] = made
        return pa.py_buffer(other.padded)


def column(views: Words, buffers: list[pa.Buffer], rows: Indices | None, height: int) -> pa.Array:
    """A column of text: each view in its row; the empty text and rows without a view are null.

    Args:
        rows: row of each view, increasing; None where there is one for every row.
    """
    if rows is not None:
        placed = np.zeros((height, 2), dtype=np.uint64)
        placed[rows] = views
        views = placed
    present = (views[:, 0] & _LOW) != 0
    valid = None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.string_view(), height, [valid, pa.py_buffer(views), *buffers])


def frame_of(columns: Mapping[str, pa.Array]) -> pl.DataFrame:
    """The columns as a frame, nothing copied."""
    made = pl.from_arrow(pa.RecordBatch.from_arrays(list(columns.values()), list(columns)))
    if not isinstance(made, pl.DataFrame):
        raise TypeError(f"expected a frame, not {type(made)}")
    return made
