"""Records of a package too large for memory, read once and kept on disk in chunks that can be gone through again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from contracts.model import Release
from contracts.ordering import in_order
from ingest.package import OpenPackage
from ingest.read import arranged, check_datasets, columns, entry_chunks, file_chunks, refuse_empty

CHUNK_RECORDS = 100_000
CHUNK_BYTES = 256 << 20  # of text: records may be long


class Spool:
    """Chunks of one dataset in a folder of their own."""

    def __init__(self, folder: Path, release: Release, dataset: str) -> None:
        self._folder = folder / dataset
        self._folder.mkdir(parents=True)
        self._release, self._dataset = release, dataset
        self._columns: dict[str, None] = {}  # met so far, in order
        self._waiting: list[pl.DataFrame] = []
        self._files = 0
        self.records = 0

    def add(self, frames: Iterable[pl.DataFrame]) -> None:
        """Keep records, in the order in which they come."""
        for frame in frames:
            self._columns |= dict.fromkeys(frame.columns)
            self._waiting.append(frame)
            self.records += frame.height
            if _is_much(self._waiting):
                self._write()

    def chunks(self) -> Iterator[pl.DataFrame]:
        """All records from the first on, in frames with the columns that `ingest.read.read_frames` gives; at least one.

        Nothing may be added any more.
        """
        if self._waiting or not self._files:
            self._write()
        names = columns(self._columns, self._release, self._dataset)
        for number in range(self._files):
            yield arranged(pl.read_parquet(self._path(number)), names)

    def _write(self) -> None:
        whole = pl.concat([pl.DataFrame(), *self._waiting], how="diagonal")
        whole.write_parquet(self._path(self._files), compression="lz4", statistics=False)
        self._waiting.clear()
        self._files += 1

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.parquet"


def spool_package(package: OpenPackage, release: Release, folder: Path) -> dict[str, Spool]:
    """All records of a package, as `ingest.read.read_frames` reads them, into an empty folder.

    Returns:
        By dataset, in the release's order.

    Raises:
        Refusal: as `read_frames`.
    """
    check_datasets(package, release)
    spools: dict[str, Spool] = {}
    for entry in package.manifest.files:
        if entry.dataset not in spools:
            spools[entry.dataset] = Spool(folder, release, entry.dataset)
        spools[entry.dataset].add(entry_chunks(package.root, entry))
    refuse_empty(sum(spool.records for spool in spools.values()))
    return {name: spools[name] for name in in_order(release.datasets, spools)}


def spool_file(path: Path, dataset: str, format_: str, release: Release, folder: Path) -> Spool:
    """One bare data file, as `ingest.read.read_data_file` reads it, into an empty folder.

    Raises:
        Refusal: as `read_data_file`.
    """
    chunks = file_chunks(path, dataset, format_, release)
    spool = Spool(folder, release, dataset)
    spool.add(chunks)
    return spool


def _is_much(frames: list[pl.DataFrame]) -> bool:
    records = sum(frame.height for frame in frames)
    return records >= CHUNK_RECORDS or sum(frame.estimated_size() for frame in frames) >= CHUNK_BYTES
