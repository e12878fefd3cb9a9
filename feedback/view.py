"""What the HTML and XLSX renderers show, made once from a notice or a check report. No frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Finding, Report, Severity
from feedback.wording import DIMENSIONS, SEVERITIES, Labels, example_key

_ORDER = {severity.value: place for place, severity in enumerate(Severity)}


class Line(NamedTuple):  # a tuple is made several times as fast as a dataclass: there are many
    """One finding of one record, as a row of a table. `item_no` is None in a check report."""

    item_no: int | None
    label: str
    dataset_zh: str
    field_zh: str
    finding: Finding
    example: str = ""  # a good value of the field, where the finding does not name it already


@dataclass(slots=True)
class RuleGroup:
    """All findings of one rule: how many, and the first of them."""

    rule_id: str
    rule_version: int
    severity: str
    dimension_zh: str
    example_zh: str
    example_en: str
    count: int = 0  # of the findings counted; a capped report lists fewer
    listable: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def severity_zh(self) -> str:
        """退回, 存疑 or 预警."""
        return SEVERITIES[self.severity][0]

    @property
    def severity_en(self) -> str:
        """reject, query or alert."""
        return SEVERITIES[self.severity][1]

    @property
    def unlisted(self) -> int:
        """Findings that are counted but not among `lines`."""
        return self.count - len(self.lines)


def notice_lines(notice: Notice, labels: Labels) -> Iterator[Line]:
    """Each finding of each item, in the order of the items."""
    for item in notice.items:
        for finding in item.findings:
            yield _line(item.item_no, item.label, finding, labels)


def report_lines(report: Report, labels: Labels) -> Iterator[Line]:
    """Each finding listed in a report, in its order."""
    for finding in report.findings:
        yield _line(None, "", finding, labels)


def across_lines(report: Report, labels: Labels) -> Iterator[Line]:
    """Each listed finding of rules across datasets, in its order."""
    for finding in () if report.across is None else report.across.findings:
        yield _line(None, "", finding, labels)


def _line(item_no: int | None, label: str, finding: Finding, labels: Labels) -> Line:
    dataset, field = finding.dataset, finding.field
    dataset_zh = labels.get((dataset, ""), "")
    if not field:
        return Line(item_no, label, dataset_zh, "", finding)
    example = labels.get(example_key(dataset, field), "")
    shown = "" if example in finding.expected_zh else example
    return Line(item_no, label, dataset_zh, labels.get((dataset, field), ""), finding, shown)


def group_by_rule(lines: Iterable[Line], listed: int) -> list[RuleGroup]:
    """Findings by rule and severity: rejects first, then the most frequent rule first.

    Args:
        listed: about how many lines to keep in all; each rule keeps a fair share, at least 20. 0 keeps none.
    """
    groups: dict[tuple[str, str], RuleGroup] = {}
    for line in lines:
        finding = line.finding
        key = (finding.rule_id, finding.severity)
        group = groups.get(key)
        if group is None:
            group = groups[key] = _group(finding)
        group.count += 1
        group.listable += 1
        if len(group.lines) < listed:
            group.lines.append(line)
    share = max(20, listed // max(len(groups), 1))
    total = sum(group.count for group in groups.values())
    if total > listed:
        for group in groups.values():
            del group.lines[share:]
    return sorted(groups.values(), key=lambda g: (_ORDER[g.severity], -g.count, g.rule_id))


def _group(finding: Finding) -> RuleGroup:
    return RuleGroup(
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        severity=finding.severity,
        dimension_zh=DIMENSIONS.get(finding.dimension, finding.dimension),
        example_zh=finding.message_zh,
        example_en=finding.message_en,
    )
