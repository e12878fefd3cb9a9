"""Rendering pages. Values come from outside: autoescape is on, and nothing inline runs (the Guard's policy)."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from exchange_hub.core.clock import in_shanghai, system_now
from exchange_hub.flows.signin import Visitor
from exchange_hub.portal.pages.nav import entries
from feedback import wording

FOLDER = Path(__file__).resolve().parents[1]
BATCH_STATES = {
    "received": ("处理中", "in progress"),
    "loaded": ("已入库", "loaded"),
    "refused": ("整包拒收", "refused"),
}
NOTICE_STATES = {
    "issued": ("已签发", "issued"),
    "delivered": ("已送达", "delivered"),
    "received": ("已签收", "acknowledged"),
    "answered": ("已答复", "answered"),
    "overdue": ("已逾期", "overdue"),
    "closed": ("已办结", "closed"),
}
ITEM_STATES = {
    "open": ("待核查", "open"),
    "corrected": ("已更正", "corrected"),
    "withdrawn": ("已撤回", "withdrawn"),
    "confirmed_true": ("数据属实", "confirmed true"),
    "objected": ("异议待决", "objected"),
    "cannot_correct": ("无法更正", "cannot correct"),
    "revoked_by_hub": ("退回已撤销", "revoked"),
}

ACTIONS = {
    "sign_in": "登录",
    "sign_out": "退出",
    "second_factor": "动态口令",
    "totp.enable": "启用动态口令",
    "account.create": "开通账号",
    "account.password": "修改口令",
    "account.reset": "重置账号",
    "account.disable": "停用账号",
    "account.enable": "启用账号",
    "key.create": "签发密钥",
    "key.revoke": "撤销密钥",
    "batch.hand_in": "报送数据包",
    "notice.acknowledge": "签收通知",
    "notice.answer": "答复条目",
    "notice.answer_file": "上传答复文件",
    "notice.correct": "表单更正",
    "notice.decide": "决定异议",
    "notice.revoke": "撤销退回",
    "calendar.add": "启用日历文件",
}


def page(request: Request, name: str, visitor: Visitor | None = None, *, status: int = 200, **values: Any) -> Response:
    """A page of that template."""
    shared = {
        "visitor": visitor,
        "csrf": visitor.session.csrf if visitor else "",
        "nav": entries(visitor.account, request.url.path) if visitor and visitor.session.passed else (),
        "now": system_now(),
        "path": request.url.path,
    }
    return HTMLResponse(environment().get_template(name).render(**{**shared, **values}), status)


def problem_page(request: Request, title: str, detail_zh: str, detail_en: str, status: int) -> Response:
    """An error as a page."""
    return page(request, "problem.html.j2", status=status, title=title, detail_zh=detail_zh, detail_en=detail_en)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates with their filters."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "shown": lambda text: wording.visible(text, 160),
        "number": lambda count: f"{count:,}",
        "instant": _instant,
        "day": lambda day: f"{day.month}月{day.day}日",
        "segment": lambda text: quote(str(text), safe=""),
        "query": lambda values: urlencode({k: v for k, v in values.items() if v not in (None, "")}),
    }
    made.globals |= {
        "w": wording,
        "batch_states": BATCH_STATES,
        "notice_states": NOTICE_STATES,
        "item_states": ITEM_STATES,
        "version": _version(),
        "action_words": ACTIONS,
    }
    return made


def _instant(instant: datetime | date | None) -> str:
    if instant is None:
        return "—"
    if isinstance(instant, datetime):
        return f"{in_shanghai(instant):%Y-%m-%d %H:%M}"
    return instant.isoformat()


def _version() -> str:
    """Changes with the style and script, so that a browser never keeps an old one."""
    newest = max(path.stat().st_mtime_ns for path in (FOLDER / "static").iterdir())
    return f"{newest:x}"
