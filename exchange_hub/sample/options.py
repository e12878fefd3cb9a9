"""What a sample is asked to be: one frozen dataclass, checked."""

from dataclasses import dataclass
from datetime import date, datetime, time

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError

DEFAULT_PLATFORM = "12410100MA3DEM0195"
DEFAULT_VERSION = "2.0.0"
DEFAULT_BASE_DATE = date(2026, 11, 20)
FORMATS = ("csv", "jsonl", "parquet", "xml")
ENCODINGS = ("utf-8", "gb18030", "gbk")
MOST_PROJECTS = 100_000
_LATEST = date(2026, 12, 31)  # last day of the published working-day calendar
_EARLIEST = date(2006, 1, 1)


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """All that decides the bytes of a sample: the same options give the same bytes.

    `faults` is a percentage of the records; `fault_names` limits the faults planted (empty: all);
    `datasets` limits what is written (empty: all, children may then lack parents). Records lie before
    `base_date`, on which the package is dated. `batch_no` None derives one from the other options.
    """

    platform: str = DEFAULT_PLATFORM
    projects: int = 1
    seed: int = 1
    format: str = "xml"
    datasets: tuple[str, ...] = ()
    faults: float = 0.0
    fault_names: tuple[str, ...] = ()
    batch_no: str | None = None
    encoding: str = "utf-8"
    contract_version: str = DEFAULT_VERSION
    corrects: tuple[str, ...] = ()
    base_date: date = DEFAULT_BASE_DATE

    @property
    def created_at(self) -> datetime:
        """When the package claims to have been made: 18:00 Beijing time on the base date."""
        return datetime.combine(self.base_date, time(18), tzinfo=SHANGHAI)

    @property
    def batch(self) -> str:
        """The batch number given, or one derived from base date, platform and seed."""
        if self.batch_no is not None:
            return self.batch_no
        return f"{self.base_date:%Y%m%d}-{self.platform[2:6]}-S{self.seed:06d}"


def check_options(options: SampleOptions) -> None:
    """Refuse options that no sample can be made of.

    Raises:
        UsageError: naming the first option at fault.
    """
    faulty = next((fault for fault in _doubts(options) if fault is not None), None)
    if faulty is not None:
        raise UsageError("BAD_SAMPLE_OPTION", *faulty)


def _doubts(options: SampleOptions) -> tuple[tuple[str, str] | None, ...]:
    return (
        _unless(
            len(options.platform) == 18 and options.platform.isascii() and options.platform.isalnum(),
            f"平台标识码应为18位字母或数字：{options.platform}",
            f"a platform code has 18 letters and digits: {options.platform}",
        ),
        _unless(
            1 <= options.projects <= MOST_PROJECTS,
            f"项目数应在1至{MOST_PROJECTS}之间：{options.projects}",
            f"projects must be 1 to {MOST_PROJECTS}: {options.projects}",
        ),
        _unless(options.seed >= 0, f"种子不能为负：{options.seed}", f"the seed must not be negative: {options.seed}"),
        _unless(
            options.format in FORMATS,
            f"未知格式：{options.format}；可选 {', '.join(FORMATS)}",
            f"unknown format: {options.format}; choose one of {', '.join(FORMATS)}",
        ),
        _unless(
            0 <= options.faults <= 100,
            f"差错比例应在0至100之间：{options.faults}",
            f"faults is a percentage from 0 to 100: {options.faults}",
        ),
        _unless(
            options.encoding in ENCODINGS and (options.encoding == "utf-8" or options.format == "csv"),
            f"编码 {options.encoding} 不适用于 {options.format}；csv 可用 {', '.join(ENCODINGS)}，其余仅 utf-8",
            f"encoding {options.encoding} does not go with {options.format}; csv takes {', '.join(ENCODINGS)}, "
            "the others utf-8",
        ),
        _unless(
            0 < len(options.batch) <= 64,
            f"批次号应为1至64个字符：{options.batch}",
            f"a batch number has 1 to 64 characters: {options.batch}",
        ),
        _unless(
            _EARLIEST <= options.base_date <= _LATEST,
            f"基准日期应在{_EARLIEST}至{_LATEST}之间：{options.base_date}",
            f"the base date must lie between {_EARLIEST} and {_LATEST}: {options.base_date}",
        ),
    )


def _unless(good: bool, message_zh: str, message_en: str) -> tuple[str, str] | None:
    return None if good else (message_zh, message_en)
