"""The right versions of a faulty sample's rejected records, as a package that corrects it (更正包)."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.core.records import Manifest
from exchange_hub.sample.folder import mark
from exchange_hub.sample.generate import chunks, lines_of, release_of
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import FAULTS, MANIFEST, Output, make_manifest, manifest_document, write_json


def write_correction(package_folder: Path, target_folder: Path, notice_no: str | None, batch_no: str) -> Manifest:
    """Write the right versions of the records that `faults.json` expects to be rejected.

    They are inserts (DATA_TYPE 1), since the hub never stored them. Records that only waited for a rejected
    parent are not sent again. A record rejected under a wrong or missing DATA_KEY comes under its right one.

    Args:
        package_folder: a sample written with faults.
        target_folder: where the correction goes; it is made.
        notice_no: the feedback notice answered, None where there was none.
        batch_no: batch number of the correction.

    Raises:
        UsageError: the folder holds no faults.json of the generator, or nothing that is to be corrected.
    """
    book = _read_book(package_folder / FAULTS)
    wanted: dict[str, set[str]] = {}
    for entry in book["faults"]:
        if entry["outcome"] == "rejected":
            wanted.setdefault(entry["dataset"], set()).add(entry["original_key"])
    if not wanted:
        raise UsageError("NOTHING_TO_CORRECT", "没有需要更正的记录", "nothing is to be corrected", str(package_folder))
    options = replace(
        _options(book["sample"]), faults=0.0, batch_no=batch_no, corrects=(notice_no,) if notice_no else ()
    )
    return _write(target_folder, options, wanted)


def _write(folder: Path, options: SampleOptions, wanted: dict[str, set[str]]) -> Manifest:
    release = release_of(options)
    lines = lines_of(options, release)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    out = Output(folder, options, {name: line for name, line in lines.items() if name in wanted}, {})
    for chunk in chunks(options, release, lines):
        out.add({name: [row for row in chunk[name] if row["DATA_KEY"] in keys] for name, keys in wanted.items()})
    manifest = make_manifest(options, out.close())
    write_json(folder / MANIFEST, manifest_document(manifest))
    mark(folder, (MANIFEST, *(entry.path for entry in manifest.files)))
    return manifest


def _read_book(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UsageError("NO_FAULTS_FILE", f"没有 {FAULTS}", f"there is no {FAULTS}", str(path))
    book = json.loads(path.read_text("utf-8"))
    if not isinstance(book, dict) or not {"sample", "faults"} <= set(book):
        raise UsageError("NO_FAULTS_FILE", f"{FAULTS} 不是样例生成的", f"{FAULTS} is not a sample's", str(path))
    return book


def _options(written: dict[str, Any]) -> SampleOptions:
    """The options as `faults.json` keeps them."""
    lists = {name: tuple(written[name]) for name in ("datasets", "fault_names", "corrects")}
    return SampleOptions(**{**written, **lists, "base_date": date.fromisoformat(written["base_date"])})
