"""Pictures of answers (图示) as SVG, for pages and reports: the course of one tender project with its gaps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from exchange_hub.core.clock import in_shanghai

STAGES = {
    "registration": "项目登记", "announcement": "公告", "enrollment": "报名投标", "deposit": "保证金",
    "opening": "开标",
    "expert_draw": "专家抽取", "evaluation": "评标", "award": "结果", "contract": "合同履约", "exception": "异常",
    "recording": "音视频", "other": "其他",
}  # fmt: skip
LEFT, WIDTH, ROW, TOP = 170, 620, 26, 34
FONT = "font-family='sans-serif' font-size='12'"


def timeline_picture(code: str, events: Sequence[Mapping[str, Any]], gaps: Sequence[Mapping[str, Any]]) -> str:
    """SVG of a project's events, one line a stage in the order in which stages begin, its gaps below.

    Args:
        events: rows of the question `timeline`; those without a time of their own are left out.
        gaps: rows of the question `gaps`.
    """
    dated = [event for event in events if event["occurred_at"] is not None]
    stages = list(dict.fromkeys(event["stage"] for event in sorted(dated, key=lambda event: event["occurred_at"])))
    times = [event["occurred_at"] for event in dated]
    first, last = (min(times), max(times)) if times else (None, None)
    height = TOP + ROW * (len(stages) + len(gaps) + 1) + 10
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{LEFT + WIDTH + 30}' height='{height}' {FONT}>",
        f"<title>{escape(code)}</title><rect width='100%' height='100%' fill='#fff'/>",
        f"<text x='10' y='20' font-weight='bold'>招标项目 {escape(code)}</text>",
    ]
    for place, stage in enumerate(stages):
        y = TOP + ROW * place + ROW // 2
        parts.append(f"<text x='10' y='{y + 4}'>{escape(STAGES.get(stage, stage))} {escape(stage)}</text>")
        parts.append(f"<line x1='{LEFT}' x2='{LEFT + WIDTH}' y1='{y}' y2='{y}' stroke='#ddd'/>")
        for event in dated:
            if event["stage"] == stage:
                said = f"{event['dataset']} {in_shanghai(event['occurred_at']):%Y-%m-%d %H:%M}"
                x = _place(event["occurred_at"], first, last)
                parts.append(f"<circle cx='{x}' cy='{y}' r='5' fill='#1f6feb'><title>{escape(said)}</title></circle>")
    below = TOP + ROW * len(stages) + ROW // 2 + 4
    if first is not None and last is not None:
        parts.append(f"<text x='{LEFT}' y='{below}' fill='#555'>{in_shanghai(first):%Y-%m-%d}</text>")
        end = f"{in_shanghai(last):%Y-%m-%d}"
        parts.append(f"<text x='{LEFT + WIDTH}' y='{below}' text-anchor='end' fill='#555'>{end}</text>")
    for number, gap in enumerate(gaps, 1):
        said = f"缺口 {gap['bid_section_code']} {gap['gap_zh']} {gap['gap_en']}"
        parts.append(f"<text x='10' y='{below + ROW * number}' fill='#b42318'>{escape(said)}</text>")
    return "\n".join([*parts, "</svg>", ""])


def _place(at: datetime, first: datetime | None, last: datetime | None) -> int:
    if first is None or last is None or first == last:
        return LEFT + WIDTH // 2
    return LEFT + round(WIDTH * (at - first) / (last - first))
