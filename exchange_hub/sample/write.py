"""Write a sample as a package folder: manifest.json and data/<DATASET>.<format> (数据包)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exchange_hub.core.clock import iso
from exchange_hub.core.records import FileEntry, Manifest
from exchange_hub.sample.faults import Planter
from exchange_hub.sample.folder import mark
from exchange_hub.sample.generate import Line, chunks, lines_of, release_of
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.vocabulary import Record
from exchange_hub.sample.writers import Writer, open_writer

MANIFEST = "manifest.json"
FAULTS = "faults.json"
BATCHED = 100  # projects handed to the writers at a time


def write_package(folder: Path, options: SampleOptions) -> Manifest:
    """Write a sample package into a folder, which is made; files there are overwritten.

    With `options.faults` a `faults.json` beside the manifest lists what was planted; it is not part of the
    package. Cost: about 20,000 records a second; memory does not grow with the number of projects.

    Raises:
        UsageError: an option is wrong, or names a release or a dataset that does not exist.
    """
    release = release_of(options)
    lines = lines_of(options, release)
    planter = Planter(options, lines) if options.faults else None
    (folder / "data").mkdir(parents=True, exist_ok=True)
    out = Output(folder, options, lines, planter.extra_columns if planter else {})
    for chunk in chunks(options, release, lines):
        out.add(planter.plant(chunk, out.counts) if planter else chunk)
    manifest = make_manifest(options, out.close())
    write_json(folder / MANIFEST, manifest_document(manifest))
    if planter:
        write_json(folder / FAULTS, planter.document())
    mark(folder, (MANIFEST, *((FAULTS,) if planter else ()), *(entry.path for entry in manifest.files)))
    return manifest


def check_sample(options: SampleOptions) -> None:
    """Refuse what `write_package` would refuse, before anything is touched.

    Raises:
        UsageError: an option is wrong, or names a release, a dataset or a fault that does not exist.
    """
    Planter(options, lines_of(options, release_of(options)))


def make_manifest(options: SampleOptions, files: tuple[FileEntry, ...]) -> Manifest:
    """The manifest of a sample with these data files."""
    return Manifest(
        manifest_version="1",
        platform_code=options.platform,
        batch_no=options.batch,
        contract_version=options.contract_version,
        created_at=options.created_at,
        files=files,
        corrects=options.corrects,
    )


def manifest_document(manifest: Manifest) -> dict[str, Any]:
    """A manifest as it stands in manifest.json (interfaces, section 1)."""
    document: dict[str, Any] = {
        "manifest_version": manifest.manifest_version,
        "platform_code": manifest.platform_code,
        "batch_no": manifest.batch_no,
        "contract_version": manifest.contract_version,
        "created_at": iso(manifest.created_at),
        "files": [_file_document(entry) for entry in manifest.files],
    }
    if manifest.corrects:
        document["corrects"] = list(manifest.corrects)
    return document


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document, UTF-8, with a line end at its end."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def data_path(dataset: str, form: str) -> str:
    """Path of a dataset's data file inside a package."""
    return f"data/{dataset}.{form}"


def _file_document(entry: FileEntry) -> dict[str, Any]:
    document: dict[str, Any] = {"path": entry.path, "dataset": entry.dataset, "format": entry.format}
    if entry.encoding is not None:
        document["encoding"] = entry.encoding
    return document | {"records": entry.records, "sha256": entry.sha256}


class Output:
    """The open data files of a package; hands records on in batches, since few large writes are cheap."""

    def __init__(
        self, folder: Path, options: SampleOptions, lines: Mapping[str, Line], extra: Mapping[str, tuple[str, ...]]
    ) -> None:
        self._options = options
        self._writers: dict[str, Writer] = {
            name: open_writer(
                folder / data_path(name, options.format),
                name,
                (*line.columns, *extra.get(name, ())),
                options.format,
                options.encoding,
            )
            for name, line in lines.items()
        }
        self.counts = dict.fromkeys(lines, 0)
        self._waiting: dict[str, list[Record]] = {name: [] for name in lines}
        self._chunks = 0

    def add(self, chunk: Mapping[str, list[Record]]) -> None:
        """Take the records of one project."""
        for name, records in chunk.items():
            self.counts[name] += len(records)
            self._waiting[name].extend(records)
        self._chunks += 1
        if self._chunks % BATCHED == 0:
            self._flush()

    def close(self) -> tuple[FileEntry, ...]:
        """Finish all files; their manifest entries."""
        self._flush()
        options = self._options
        return tuple(
            FileEntry(
                path=data_path(name, options.format),
                dataset=name,
                format=options.format,
                records=self.counts[name],
                sha256=writer.close(),
                encoding=None if options.format == "parquet" else options.encoding,
            )
            for name, writer in self._writers.items()
        )

    def _flush(self) -> None:
        for name, writer in self._writers.items():
            writer.write(self._waiting[name])
            self._waiting[name] = []
