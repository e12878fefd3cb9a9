"""The board as one page: Chinese first, no outside resource, safe with whatever a sender wrote."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from exchange_hub.core.clock import in_shanghai
from exchange_hub.flows.board import Board, TrendDay

TEMPLATES = Path(__file__).with_name("templates")
ARRIVALS = {"on_time": "正常", "late": "超时未报", "never": "尚无数据"}
VERDICTS = {
    "accepted": "全部接收",
    "partially_accepted": "部分接收",
    "rejected": "全部退回",
    "refused": "整批退回",
    None: "处理中",
}
NOTICE_STATES = {"issued": "待送达", "delivered": "待答复", "answered": "已答复", "overdue": "已逾期"}
ALERTS = {
    "late": "迟报",
    "silent": "长期未报",
    "dataset_stopped": "数据集中断",
    "volume_drop": "数据量骤降",
    "volume_jump": "数据量骤增",
    "faults_jump": "差错率骤升",
    "faults_drop": "差错率骤降",
}
SEVERITIES = {"reject": "退回", "query": "存疑", "alert": "预警"}
BAR_HEIGHT = 96.0  # of the highest day, in units of the picture


def board_html(board: Board) -> str:
    """The page of a board."""
    words = {
        "arrivals": ARRIVALS,
        "verdicts": VERDICTS,
        "states": NOTICE_STATES,
        "severities": SEVERITIES,
        "kinds": ALERTS,
    }
    return _environment().get_template("board.html.j2").render(board=board, bars=bars(board.trend), **words)


def bars(trend: tuple[TrendDay, ...]) -> list[dict[str, Any]]:
    """Heights of each day's stacked bar, for the picture: accepted below, held, rejected on top."""
    highest = max((day.accepted + day.rejected + day.held for day in trend), default=0) or 1
    return [
        {
            "day": day,
            "accepted": day.accepted / highest * BAR_HEIGHT,
            "held": day.held / highest * BAR_HEIGHT,
            "rejected": day.rejected / highest * BAR_HEIGHT,
        }
        for day in trend
    ]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["time"] = lambda instant: f"{in_shanghai(instant):%m-%d %H:%M}" if instant else "—"
    made.filters["number"] = lambda count: f"{count:,}"
    return made
