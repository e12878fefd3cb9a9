"""What one room asks of another without knowing it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl


class StoredRecords(Protocol):
    """What validation asks of the warehouse. Frames in, frames out; no connection is seen."""

    def current(self, dataset: str, keys: "pl.Series", fields: Sequence[str]) -> "pl.DataFrame":
        """Newest version of each stored DATA_KEY among `keys`.

        Returns:
            One row per stored key: DATA_KEY, record_hash (hex), is_deleted (bool), platform_code, and each of
            `fields` as text under its own name. Keys never stored have no row.
        """
        ...

    def holders(self, dataset: str, field: str, values: "pl.Series") -> "pl.DataFrame":
        """Current, not withdrawn records whose `field` has one of `values`.

        Returns:
            Rows of (value, DATA_KEY), both text.
        """
        ...

    def twins(self, dataset: str, values: "pl.DataFrame") -> "pl.DataFrame":
        """Current, not withdrawn records that have one of the rows of `values` (columns: fields, text as sent).

        Returns:
            Rows of the same columns and DATA_KEY, all text.
        """
        ...


class ObjectStore(Protocol):
    """Write-once store for evidence and the hand-over between tasks. Keys are slash-separated paths."""

    def put_file(self, key: str, path: "Path") -> str:
        """Store the file's bytes under `key` unless the same bytes lie there already; returns the URI."""
        ...

    def put_bytes(self, key: str, content: bytes) -> str:
        """Store `content` under `key`; returns the URI."""
        ...

    def get_bytes(self, uri: str) -> bytes:
        """The bytes behind a URI that this store returned."""
        ...

    def get_file(self, uri: str, path: "Path") -> None:
        """Write the bytes behind a URI to `path`, streaming."""
        ...

    def sha256(self, uri: str) -> str:
        """SHA-256 (hex) of the bytes that lie behind a URI now, streaming."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys below `prefix`, in order."""
        ...
