"""From a corrected workbook and the package it is of to a package that can be sent (`hub correct`).

Every cell is compared with what the workbook showed: one that still says so stands for the value as sent, whatever was
masked, cut or made visible in it; any other is the new value. Attachments are taken over from the package.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copyfile, copytree

from exchange_hub.core.errors import Refusal, UsageError
from exchange_hub.core.records import ATTACHMENTS
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.core.settings import Settings
from exchange_hub.flows.barefile import another_package, open_bare
from exchange_hub.flows.check import limits_of
from exchange_hub.flows.correctable import field_names, rows_of
from exchange_hub.flows.corrected_workbook import Answer, Place, answer_of, identity_of
from exchange_hub.flows.correction_package import Head, Line, digest_of, write_records
from exchange_hub.flows.reading import ReadBatch, read_batch
from exchange_hub.flows.releases import known_release
from ingest.pack import pack
from ingest.package import OpenPackage, open_package
from ingest.registry import load_platforms


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: only the corrected records, or with `whole` all of the package; which notices it answers."""

    whole: bool = False
    corrects: tuple[str, ...] = ()
    batch_no: str | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was written: `changed` records, `skipped` ones left out, `untouched` rows of the workbook."""

    batch_no: str
    changed: int
    skipped: int
    untouched: int
    written: int


def correct_workbook(
    workbook: Path, original: Path | None, target: Path, now: datetime, settings: Settings, wish: Wish
) -> Corrected:
    """Write the package that a corrected workbook asks for.

    Args:
        original: the package that was checked; None for the one of that name beside the workbook.
        target: a new `.zip` or `.tar.gz`, or a new folder.

    Raises:
        UsageError: the workbook or the package is not what it should be, or nothing was corrected; sheet and row named.
    """
    if target.exists():
        raise UsageError("TARGET_EXISTS", f"{target} 已存在，未作改动", f"{target} exists; left as it is")
    identity = identity_of(workbook)
    path = original if original is not None else workbook.with_name(identity["package"][0])
    if not path.exists():
        raise UsageError(
            "NO_ORIGINAL",
            f"找不到原数据包 {path.name}：请放在工作簿旁边，或用 --original 指出",
            f"the package {path.name} is not beside the workbook; name it with --original",
            str(path),
        )
    with scratch_folder("correct") as folder:
        package, read = _opened(path, folder, settings, identity, now)
        answers = [answer_of(workbook, name, read) for name in identity.get("dataset", []) if name in read.frames]
        lines = _lines(read, answers, whole=wish.whole)
        counted = _counted(answers)
        if not any(lines.values()) or not (counted["changed"] + counted["skipped"]):
            raise UsageError(
                "NOTHING_CORRECTED", "工作簿中没有任何改动", "nothing was changed in the workbook", workbook.name
            )
        head = _head(package, lines, wish)
        out = folder / "out"
        write_records(out, head, lines, now)
        _copy_attachments(package, out, lines)
        _deliver(out, target)
    return Corrected(head.batch_no, **counted, written=sum(map(len, lines.values())))


def _opened(
    path: Path, folder: Path, settings: Settings, identity: Mapping[str, list[str]], now: datetime
) -> tuple[OpenPackage, ReadBatch]:
    digest = identity["content_digest"][0]
    if "bare_version" not in identity:
        return _open(path, folder / "in", settings, digest)
    return open_bare(path, identity["dataset"][0], identity["bare_version"][0], digest, folder, now)


def _open(path: Path, folder: Path, settings: Settings, digest: str) -> tuple[OpenPackage, ReadBatch]:
    try:
        package = open_package(path, folder, limits_of(settings))
        platform = load_platforms(settings.platforms_dir).get(package.manifest.platform_code)
        read = read_batch(package, known_release(package.manifest.contract_version), platform)
    except Refusal as refusal:
        raise UsageError(refusal.code, refusal.message_zh, refusal.message_en, refusal.where) from refusal
    if package.content_digest != digest:
        raise another_package(path)
    return package, read


def _lines(read: ReadBatch, answers: list[Answer], *, whole: bool) -> dict[str, list[Line]]:
    """The records to write: the changed ones, or all but those left out."""
    by_dataset = {answer.dataset: answer.records for answer in answers}
    lines: dict[str, list[Line]] = {}
    for dataset, frame in read.frames.items():
        changes = by_dataset.get(dataset, {})
        keep = _all_but_skipped(changes) if whole else _changed_only(changes)
        names = field_names(frame)
        kept = [
            _line(row, names, changes.get(place) or {})
            for row, (place, _) in zip(frame.iter_rows(named=True), rows_of(frame), strict=True)
            if keep(place)
        ]
        if kept:
            lines[dataset] = kept
    return lines


def _all_but_skipped(changes: Mapping[Place, Mapping[str, str | None] | None]) -> Callable[[Place], bool]:
    return lambda place: place not in changes or changes[place] is not None


def _changed_only(changes: Mapping[Place, Mapping[str, str | None] | None]) -> Callable[[Place], bool]:
    return lambda place: bool(changes.get(place))


def _line(row: Mapping[str, str | None], names: list[str], changes: Mapping[str, str | None]) -> Line:
    record = {name: changes.get(name, row[name]) for name in names} | {ATTACHMENTS: row[ATTACHMENTS]}
    return {name: value for name, value in record.items() if value}


def _counted(answers: list[Answer]) -> Counter[str]:
    counted = Counter({"changed": 0, "skipped": 0, "untouched": 0})
    for answer in answers:
        for changes in answer.records.values():
            counted["skipped" if changes is None else "changed" if changes else "untouched"] += 1
    return counted


def _head(package: OpenPackage, lines: Mapping[str, list[Line]], wish: Wish) -> Head:
    manifest = package.manifest
    batch_no = wish.batch_no or f"{manifest.batch_no[:55]}-G{digest_of(lines)}"
    return Head(manifest.platform_code, batch_no, manifest.contract_version, wish.corrects or manifest.corrects)


def _copy_attachments(package: OpenPackage, out: Path, lines: Mapping[str, list[Line]]) -> None:
    """Files of the package that are no data files, where a record that goes along may refer to them."""
    if not any(ATTACHMENTS in record for records in lines.values() for record in records):
        return
    data = {entry.path for entry in package.manifest.files} | {"manifest.json"}
    for name in package.members - data:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        copyfile(package.root / name, out / name)


def _deliver(folder: Path, target: Path) -> None:
    if target.name.endswith((".zip", ".tar.gz", ".tgz")):
        pack(folder, target)
    else:
        copytree(folder, target)
