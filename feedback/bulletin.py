"""The bulletin (通报) as data: six measures with numerators and denominators, by platform, in total, and over months.

No single score and no order of merit: platforms stand in the order of their codes.
Source: 豫公管办〔2018〕28号 Art. 7 (urge correction), 9 (duties of quality), 11 (results are circulated at intervals).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

NO_DATA_ZH, NO_DATA_EN = "无数据", "no data"


@dataclass(frozen=True, slots=True)
class Measure:
    """What one measure counts, in the words that stand in the bulletin itself."""

    key: str
    zh: str
    en: str
    numerator_zh: str
    denominator_zh: str
    numerator_en: str
    denominator_en: str
    note_zh: str


MEASURES = (
    Measure(
        "completeness", "完整性", "completeness",
        "分母中未因完整性规则（必填项、应附材料等）被退回的记录数",
        "当月接收批次中，截止时点前已有结论（通过或退回）的记录数",
        "of these, records not rejected by a rule of completeness",
        "records of the month's batches that were accepted or rejected by the cut-off",
        "等待上级记录的暂存记录尚无结论，不计；存疑和预警不算差错；被枢纽撤销的退回视为无差错。",
    ),
    Measure(
        "accuracy", "准确性", "accuracy",
        "分母中未因准确性、一致性、合理性、时效性规则被退回的记录数",
        "当月接收批次中，截止时点前已有结论（通过或退回）的记录数",
        "of these, records not rejected by a rule of accuracy, consistency, reasonableness or timeliness",
        "records of the month's batches that were accepted or rejected by the cut-off",
        "同上。只计“退回”级别的规则，即不可能为真的值（如晚于接收时间的业务时间）。",
    ),
    Measure(
        "timeliness", "及时性", "timeliness",
        "分母中，从业务发生到首次送达枢纽不超过约定时延的记录数",
        "当月批次首次入库、且数据集载有业务发生时间的记录数",
        "of these, records whose first arrival was within the agreed lag after the event",
        "records stored for the first time by the month's batches, of datasets that tell when the event happened",
        "时延按规范中该数据集的 latency；规范未规定的，按平台登记的最大时延。发生时间只到日的，从当日24:00起算。"
        "曾被退回的记录按首次送达时间计；补报的历史记录因此计为不及时。",
    ),
    Measure(
        "coverage", "覆盖率", "coverage",
        "分母中，当月批次至少有一条记录通过的数据集数",
        "平台所用规范版本中，属于其交易类别的数据集数",
        "of these, datasets of which the month's batches brought at least one accepted record",
        "datasets that the platform's release of the spec has for its trades",
        "当月没有发生的业务也会使覆盖率降低，未报的数据集逐一列出，供核对，不等于漏报。平台首次报送之前的月份为无数据。",
    ),
    Measure(
        "repair", "整改率", "repair rate",
        "分母中，截止时点前已更正或已撤回的条目数",
        "当月签发的反馈通知的条目数（不含被枢纽撤销的退回；再次退回的同一记录只计一次）",
        "of these, items corrected or withdrawn by the cut-off",
        "items of the notices issued in the month, without those the hub revoked; a record rejected again counts once",
        "答复“数据属实”“无法更正”和异议未决的，计入分母，不计入分子。",
    ),
    Measure(
        "first_pass", "一次通过率", "first-time acceptance",
        "分母中，首次报送即通过的记录数",
        "当月批次中首次报送、截止时点前已有结论的记录数（按数据主键计；无主键的按行计）",
        "of these, records accepted when they were first sent",
        "records that came for the first time with the month's batches and were accepted or rejected by the cut-off",
        "对已有记录的更新、撤回和重复报送不计；被枢纽撤销的退回不算未通过。整包拒收的包不知其记录数，另列批次数。",
    ),
)  # fmt: skip
KEYS = tuple(measure.key for measure in MEASURES)
# Plain counts beside the measures: key, Chinese, English.
COUNTS = (
    ("batches", "批次", "batches"),
    ("refused", "整包拒收", "refused packages"),
    ("under_way", "处理中", "under way"),
    ("received", "接收记录", "records received"),
    ("accepted", "通过", "accepted"),
    ("rejected", "退回", "rejected"),
    ("held", "暂存", "held"),
    ("notices", "反馈通知", "notices issued"),
    ("items", "通知条目", "items"),
    ("overdue", "逾期未答复条目", "items overdue"),
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A measure's two numbers. `numerator` <= `denominator`; a zero denominator is no value at all."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        """Refuse what no count can be.

        Raises:
            ValueError: negative, or more than all.
        """
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"{self.numerator} of {self.denominator}")

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None without data."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def percent(self) -> str:
        """For a person, one decimal. All and nothing are said only of all and nothing."""
        if not self.denominator:
            return NO_DATA_ZH
        tenths = self.numerator * 1000 // self.denominator  # cut off: 99.96 % is not 100 %
        return f"{tenths / 10:.1f}%" if tenths or not self.numerator else "<0.1%"

    def __add__(self, other: "Ratio") -> "Ratio":
        """Both together, number by number."""
        return Ratio(self.numerator + other.numerator, self.denominator + other.denominator)


Ratios = Mapping[str, Ratio]
NOTHING = Ratio(0, 0)


@dataclass(frozen=True, slots=True)
class Month:
    """What was counted in one month: a ratio per measure, a number per count."""

    month: date  # its first day
    ratios: Ratios
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One platform: the months of the trend, the bulletin's own last. `missing`: datasets of its trades not sent."""

    code: str
    name_zh: str
    region: str
    release: str
    months: tuple[Month, ...]
    missing: Mapping[str, str]  # dataset -> Chinese name

    @property
    def this(self) -> Month:
        """The bulletin's month."""
        return self.months[-1]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The bulletin of a month as known at `as_of`, for the platforms and trades of its reader."""

    month: date
    as_of: datetime
    scope_zh: str  # whose data it shows
    trades: tuple[str, ...]  # empty: all
    lines: tuple[Line, ...]

    @property
    def total(self) -> tuple[Month, ...]:
        """All platforms together, month by month: numerators and denominators added, never the rates."""
        return total(line.months for line in self.lines)

    @property
    def title(self) -> str:
        """Its heading."""
        return f"{self.month.year}年{self.month.month}月公共资源交易数据质量通报"

    @property
    def name(self) -> str:
        """Name of its files."""
        return f"bulletin-{self.month:%Y-%m}"


def total(lines: Iterable[Sequence[Month]]) -> tuple[Month, ...]:
    """Months of several platforms added up; no platform gives no month."""
    added: dict[date, Month] = {}
    for months in lines:
        for one in months:
            before = added.get(one.month)
            added[one.month] = one if before is None else _sum(before, one)
    return tuple(added[month] for month in sorted(added))


def _sum(one: Month, other: Month) -> Month:
    ratios = {key: one.ratios[key] + other.ratios[key] for key in KEYS}
    return Month(one.month, ratios, {key: one.counts[key] + other.counts[key] for key, _, _ in COUNTS})
