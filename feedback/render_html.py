"""Check reports and notices as one self-contained HTML file: no outside resource, readable offline, prints on A4.

Values come from outside: autoescape is on, and a strict content security policy allows only the file's own style
and script, by their hashes.
"""

import base64
import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from exchange_hub.core.notices import Notice
from exchange_hub.core.records import Report
from feedback import wording
from feedback.view import across_lines, group_by_rule, notice_lines, report_lines
from feedback.wording import Labels

LISTED = 1_000  # findings listed in a page; the XLSX and the JSON hold all
UNFOLDED = 100  # findings up to which a check's report shows the rows of every rule open
_TEMPLATES = Path(__file__).resolve().parent / "templates"
_VALUE_LENGTH = 160


def notice_html(notice: Notice, labels: Labels) -> str:
    """The notice as a formal letter, Chinese with English beside it."""
    due = notice.deadline or notice.expected_deadline
    return page_of(
        "notice.html.j2",
        notice=notice,
        due=due,
        groups=group_by_rule(notice_lines(notice, labels), LISTED),
        findings_total=sum(len(item.findings) for item in notice.items),
    )


def report_html(report: Report, labels: Labels, made_at: datetime) -> str:
    """The report on a batch: what it means, findings by rule, then their rows."""
    counted = {(rule, severity): count for rule, severity, count in report.rules}
    groups = group_by_rule(report_lines(report, labels), LISTED)
    for group in groups:  # a capped report counts more findings than it lists
        group.count = max(group.count, counted.get((group.rule_id, group.severity), 0))
    folded = sum(len(group.lines) for group in groups) > UNFOLDED
    across = group_by_rule(across_lines(report, labels), LISTED)
    shown: dict[str, Any] = {"report": report, "labels": labels, "groups": groups, "across": across}
    return page_of("report.html.j2", made_at=made_at, folded=folded, **shown)


def page_of(name: str, styles: tuple[str, ...] = (), **values: Any) -> str:
    """A page of that template with its style and script inside; `styles` are laid over the common one."""
    style, script = "".join(asset(each) for each in ("page.css", *styles)), asset("page.js")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'"
    policy += "; form-action 'none'"
    return _environment().get_template(name).render(style=style, script=script, policy=policy, w=wording, **values)


def part_of(name: str, **values: Any) -> Markup:
    """A part of a page from that template, already escaped."""
    return Markup(_environment().get_template(name).render(w=wording, **values))  # noqa: S704 -- autoescape is on


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = lambda text: wording.visible(text, _VALUE_LENGTH)
    environment.filters["number"] = lambda count: f"{count:,}"
    return environment


@lru_cache(maxsize=4)
def asset(name: str) -> str:
    """A style or script of ours, as text."""
    return (_TEMPLATES / name).read_text("utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
