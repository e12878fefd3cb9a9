"""Legal minimum periods (法定最短期限): one law gives two rules.

Practice is split on whether the first day counts, so a period one day short is queried, and only a shorter one is an
alert for the supervisors. Source: Civil Code Art. 201 (the first day is not counted); two published land notices of
which each is right by one reading only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight

Rows = Sequence[Mapping[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalMinimum:
    """A period that the law wants to last at least `shortest` days, from role `start` to role `end`.

    `enough`, `short_by_one` and `shorter` are example rows, the edges among them. `applies` narrows the rule by further
    roles; where it is null or false nothing is asked.
    """

    alert_id: str
    query_id: str
    shortest: int
    period_zh: str
    period_en: str
    legal_source: str
    since: date
    bindings: Sequence[Mapping[str, str]]
    enough: Rows
    short_by_one: Rows
    shorter: Rows
    working: bool = False
    trades: frozenset[str] = frozenset()
    more_roles: Mapping[str, FieldType] = field(default_factory=dict)
    applies: Callable[[Sight], pl.Expr] | None = None

    def rules(self) -> tuple[Rule, Rule]:
        """The alert and the query."""
        unit_zh, unit_en = ("个工作日", "working days") if self.working else ("日", "days")
        least = self.shortest - 1
        expected = f"法定不少于{self.shortest}{unit_zh}，首日不计入"
        shared: dict[str, Any] = {
            "version": 1,
            "stage": Stage.REASONABLENESS,
            "dimension": Dimension.LEGALITY,
            "legal_source": f"{self.legal_source}；民法典第201条",
            "roles": {"start": FieldType.DATETIME, "end": FieldType.DATETIME, **self.more_roles},
            "bindings": self.bindings,
            "at": "end",
            "since": self.since,
            "dated_by": "start",
            "trades": self.trades,
        }
        alert = Rule(
            id=self.alert_id,
            severity=Severity.ALERT,
            message_zh=f"{self.period_zh}不足{self.shortest}{unit_zh}：{{start}} 至 {{end}}",
            message_en=f"{self.period_en} is less than {self.shortest} {unit_en}: {{start}} to {{end}}",
            expected_zh=f"{expected}；数据属实的照常入库，并提示行政监督部门",
            passes=lambda sight: self._where(sight, self._lasting(sight) >= least),
            passing=(*self.enough, *self.short_by_one),
            failing=self.shorter,
            **shared,
        )
        query = Rule(
            id=self.query_id,
            severity=Severity.QUERY,
            message_zh=f"{self.period_zh}为{least}{unit_zh}（不含首日）：{{start}} 至 {{end}}",
            message_en=f"{self.period_en} is {least} {unit_en}, the first day not counted: {{start}} to {{end}}",
            expected_zh=f"{expected}；请核对起止时间",
            passes=lambda sight: self._where(sight, self._lasting(sight) != least),
            passing=(*self.enough, *self.shorter),
            failing=self.short_by_one,
            **shared,
        )
        return alert, query

    def _lasting(self, sight: Sight) -> pl.Expr:
        return sight.working_days("start", "end") if self.working else days(sight)

    def _where(self, sight: Sight, holds: pl.Expr) -> pl.Expr:
        return holds if self.applies is None else pl.when(self.applies(sight)).then(holds)


def days(sight: Sight) -> pl.Expr:
    """Calendar days from the day of role `start` to that of role `end`, in Asia/Shanghai.

    Null where the end is not after the start: that is the fault of another rule.
    """
    start, end = sight["start"], sight["end"]
    return pl.when(start < end).then((end.dt.date() - start.dt.date()).dt.total_days())
