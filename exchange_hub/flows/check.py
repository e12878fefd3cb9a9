"""The dry run: validate a package or a data file with no service running (`hub check`, POST /api/v1/check)."""

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from contracts.loader import load_release, release_versions
from contracts.model import Release
from exchange_hub.core.errors import Refusal, UsageError
from exchange_hub.core.platforms import Platform
from exchange_hub.core.records import ROW, Across, Report, Validation
from exchange_hub.core.settings import Settings
from exchange_hub.flows.across import Gathered
from exchange_hub.flows.reading import ReadBatch, in_memory, read_batch, validate_read
from exchange_hub.flows.releases import known_release, release_for
from exchange_hub.flows.reports import findings_of, refused_report, report_of
from ingest.package import Limits, OpenPackage, open_package, peek_identity
from ingest.read import READERS
from ingest.registry import load_platforms
from ingest.spool import spool_file
from validators.chunked import together, validate_chunks
from validators.lookups import NothingStored
from validators.rule import Context

if TYPE_CHECKING:
    from exchange_hub.core.correctable import Correctable


TOO_LARGE = "本包记录过多，未做包内关联核对（跨数据集规则）；入库后会照常核对"


@dataclass(frozen=True, slots=True)
class Source:
    """What was checked, kept so that its faulty records can be corrected."""

    package: str  # file name, of the package or of a bare data file
    content_digest: str
    read: ReadBatch
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A dry run's report, and the validation behind it (None when the package was refused).

    `source` is None for what cannot be corrected by workbook: another province's messages. `across`
    has the findings of rules across datasets, None where they were not asked.
    """

    report: Report
    validation: Validation | None
    source: Source | None = None
    across: pl.DataFrame | None = None


def limits_of(settings: Settings) -> Limits:
    """The limits a package must keep, from the settings."""
    return Limits(
        max_package_bytes=settings.max_package_bytes,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        max_members=settings.max_members,
    )


def check_package(
    path: Path, now: datetime, settings: Settings, *, closed: bool = False, against: str | None = None
) -> Checked:
    """Validate a package without storing anything.

    Args:
        closed: whether parents must be in the package itself; otherwise parents outside it are taken as present.
        against: a release to hold the package against in place of its own, drafts too: what a change will mean.

    Raises:
        UsageError: nothing is at `path`, or `against` is no release.
    """
    if not path.exists():
        raise UsageError("NO_SUCH_FILE", f"找不到文件或文件夹：{path}", f"no such file or folder: {path}")
    with tempfile.TemporaryDirectory(prefix="hub-check-") as folder:
        package: OpenPackage | None = None
        try:
            package = open_package(path, Path(folder), limits_of(settings))
            platform = load_platforms(settings.platforms_dir).get(package.manifest.platform_code)
            release, reminders = _release(package.manifest.contract_version, against, now, platform)
            read = read_batch(package, release, platform, Path(folder) / "spool")
        except Refusal as refusal:
            return Checked(_refused(path, package, _explained(path, refusal)), None)
        manifest = package.manifest
        context = Context(manifest.platform_code, now, package.members, assume_parents=not closed)
        gathered = Gathered(read.release)
        validation = validate_read(read, NothingStored(), context, (ROW,), gathered.take)
        across = None if gathered.too_many else _across(gathered, read)
        if read.spools:
            read = in_memory(
                read, _faulty(*([validation.findings] if across is None else [validation.findings, across]))
            )
    listed = settings.findings_listed
    report = report_of(manifest.platform_code, manifest.batch_no, validation, listed=listed, reminders=reminders)
    if across is None:
        report = replace(report, reminders=(*report.reminders, TOO_LARGE))
    else:
        report = replace(report, across=Across(across.height, findings_of(across.head(listed))))
    source = Source(path.name, package.content_digest, read) if read.origin is None else None
    return Checked(report, validation, source, across)


def _faulty(*findings: pl.DataFrame) -> pl.DataFrame:
    """Places of the records that a person may correct."""
    from exchange_hub.flows.correctable import faulty_places

    return faulty_places(pl.concat(findings))


def _across(gathered: Gathered, read: ReadBatch) -> pl.DataFrame:
    """What rules across datasets ask, in the sender's own words."""
    from feedback.calendar import calendar_in_force

    found = gathered.queries(calendar_in_force())
    return found if read.origin is None else read.origin.speak(found)


def check_data_file(
    path: Path, dataset: str, version: str, now: datetime, settings: Settings, *, closed: bool = False
) -> Checked:
    """Validate one bare data file of a named dataset and release; the format follows from the file's ending.

    Raises:
        UsageError: nothing is at `path`, or dataset or ending are unknown.
    """
    if not path.is_file():
        raise UsageError("NO_SUCH_FILE", f"找不到文件：{path}", f"no such file: {path}")
    data_format = path.suffix.lower().removeprefix(".")
    if data_format not in READERS:
        endings = [f".{name}" for name in READERS]
        raise UsageError(
            "UNKNOWN_FORMAT",
            f"无法由扩展名判断格式：{path.name}；应为 {'、'.join(endings)}",
            f"cannot tell the format of {path.name}; use one of {', '.join(endings)}",
        )
    try:
        release, reminders = release_for(version, now)
        with tempfile.TemporaryDirectory(prefix="hub-check-") as folder:
            spool = spool_file(path, dataset, data_format, release, Path(folder))
            context = Context(only_platform(spool.chunks()), now, None, assume_parents=not closed)
            parts = validate_chunks({dataset: spool.chunks}, release, NothingStored(), context)
            validation = together(parts, release, (ROW,))
            read = in_memory(ReadBatch({}, release, spools={dataset: spool}), _faulty(validation.findings))
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
    except Refusal as refusal:
        return Checked(refused_report("", path.name, version, refusal), None)
    report = report_of("", path.name, validation, listed=settings.findings_listed, reminders=reminders)
    return Checked(report, validation, Source(path.name, digest, read, bare=True))


@dataclass(frozen=True, slots=True)
class Targets:
    """Files that a dry run's report is written to; None where not wanted."""

    html: Path | None = None
    xlsx: Path | None = None
    csv: Path | None = None

    def __bool__(self) -> bool:
        return any(target is not None for target in (self.html, self.xlsx, self.csv))


def write_report_files(checked: Checked, now: datetime, targets: Targets) -> None:
    """Write a dry run's report, where wanted, as HTML, as a workbook and as CSV; the last two hold all findings."""
    from feedback.labels import field_labels
    from feedback.render_csv import write_findings
    from feedback.render_html import report_html
    from feedback.render_xlsx import write_report

    version = checked.report.contract_version
    labels = field_labels(load_release(version)) if version in release_versions() else {}
    full = checked.report
    if checked.validation is not None:
        full = replace(full, findings=findings_of(checked.validation.findings))
    if checked.across is not None:
        full = replace(full, across=Across(checked.across.height, findings_of(checked.across)))
    if targets.html is not None:
        targets.html.write_text(report_html(full, labels, now), encoding="utf-8")
    if targets.xlsx is not None:
        write_report(full, labels, now, targets.xlsx, _correctable(checked))
    if targets.csv is not None:
        write_findings(full, labels, targets.csv)


def _correctable(checked: Checked) -> "Correctable | None":
    from exchange_hub.flows.correctable import correctable

    source, validation = checked.source, checked.validation
    if source is None or validation is None:
        return None
    read = source.read
    findings = validation.findings if checked.across is None else pl.concat([validation.findings, checked.across])
    found = correctable(source.package, source.content_digest, read.frames, read.release, findings)
    return replace(found, bare_version=read.release.version) if source.bare else found


def _release(
    version: str, against: str | None, now: datetime, platform: Platform | None
) -> tuple[Release, tuple[str, ...]]:
    if against is None:
        return release_for(version, now, platform)
    try:
        return known_release(against), (f"按数据规范 {against} 试校验；本包声明的版本是 {version}",)
    except Refusal as error:
        raise UsageError(error.code, error.message_zh, error.message_en) from error


def only_platform(chunks: Iterable[pl.DataFrame]) -> str:
    """The one platform code in a data file; empty where there is none, or several."""
    codes: set[str] = set()
    for frame in chunks:
        codes.update(frame["PLATFORM_CODE"].drop_nulls().unique() if "PLATFORM_CODE" in frame.columns else ())
    return codes.pop() if len(codes) == 1 else ""


def _explained(path: Path, refusal: Refusal) -> Refusal:
    """A refusal with what was probably meant, where a data file or a workbook is given as a package."""
    if not path.is_file() or path.suffix.lower().removeprefix(".") not in READERS:
        return refusal
    return Refusal(
        refusal.code,
        f"{refusal.message_zh}；校验单个数据文件请加 --dataset 和 --contract-version，更正后的工作簿请用 hub correct",
        f"{refusal.message_en}; a data file needs --dataset and --contract-version, a corrected workbook `hub correct`",
        refusal.where,
    )


def _refused(path: Path, package: OpenPackage | None, refusal: Refusal) -> Report:
    if package is not None:
        manifest = package.manifest
        return refused_report(manifest.platform_code, manifest.batch_no, manifest.contract_version, refusal)
    platform_code, batch_no = peek_identity(path)
    return refused_report(platform_code or "", batch_no or "", "", refusal)
