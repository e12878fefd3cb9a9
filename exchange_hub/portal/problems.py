"""Errors as RFC 9457 problem documents, Chinese and English.

    {"type", "title", "status", "detail", "detail_en", "code", "instance"}

`code` is stable; `title` names the kind in both languages; `detail` says what is wrong and what would be right.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from exchange_hub.core.errors import HubError, Refusal, ServiceError, UsageError

MEDIA_TYPE = "application/problem+json"
TITLES: Mapping[int, str] = {
    400: "请求有误 Bad request",
    401: "未认证 Unauthorized",
    403: "无权操作 Forbidden",
    404: "未找到 Not found",
    405: "不支持该方法 Method not allowed",
    406: "无法提供所需格式 Not acceptable",
    408: "接收超时 Request timeout",
    409: "状态冲突 Conflict",
    411: "缺少长度 Length required",
    413: "内容过大 Content too large",
    415: "不支持的内容类型 Unsupported media type",
    422: "内容无法处理 Unprocessable content",
    429: "请求过于频繁 Too many requests",
    500: "内部错误 Internal error",
    503: "服务暂不可用 Service unavailable",
    507: "存储空间不足 Insufficient storage",
}
DETAILS: Mapping[int, tuple[str, str]] = {
    404: ("没有这个地址或对象", "no such address or thing"),
    405: ("该地址不支持此方法，见 Allow 头", "this address does not take that method, see the Allow header"),
    413: ("请求内容超过上限", "the content of the request is over the limit"),
    500: ("枢纽内部错误，已记录；这不是报送数据的问题", "our own error, logged; it is no fault of your data"),
}


class Problem(HTTPException):
    """Raised to answer with a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail_zh: str,
        detail_en: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, detail_en, dict(headers or {}))
        self.code = code
        self.detail_zh = detail_zh
        self.more = dict(more or {})


def not_found(zh: str = DETAILS[404][0], en: str = DETAILS[404][1]) -> Problem:
    """404: it does not exist, or is another's, which the asker must not learn."""
    return Problem(404, "NOT_FOUND", zh, en)


def document(request: Request, problem: Problem) -> dict[str, Any]:
    """The problem document."""
    return {
        "type": f"urn:exchange-hub:problem:{problem.code.lower().replace('_', '-')}",
        "title": TITLES.get(problem.status_code, HTTPStatus(problem.status_code).phrase),
        "status": problem.status_code,
        "detail": problem.detail_zh,
        "detail_en": problem.detail,
        "code": problem.code,
        "instance": request.url.path,
        **problem.more,
    }


def of_hub_error(error: HubError) -> Problem:
    """What an error of the hub is to a caller."""
    if isinstance(error, ServiceError):
        zh, en = "所需服务暂不可用，请稍后重试", "a service the hub needs does not answer; try again later"
        return Problem(503, error.code, zh, en, {"Retry-After": "10"})
    if isinstance(error, UsageError | Refusal):
        status = 404 if error.code.startswith("UNKNOWN_") else 409 if error.code in CONFLICTS else 422
        return Problem(status, error.code, error.message_zh, error.message_en)
    return Problem(500, error.code, *DETAILS[500])


CONFLICTS = frozenset(("ITEM_CLOSED", "NOTICE_CLOSED", "ITEM_NOT_OPEN", "BATCH_CONFLICT", "NOT_ALLOWED"))


def of_http(error: HTTPException) -> Problem:
    """What an error of the framework is to a caller."""
    if isinstance(error, Problem):
        return error
    status = error.status_code
    phrase = HTTPStatus(status).phrase
    zh, en = DETAILS.get(status, (TITLES.get(status, phrase), phrase))
    code = phrase.upper().replace(" ", "_").replace("-", "_")
    return Problem(status, code, zh, en, error.headers)


def of_validation(error: RequestValidationError) -> Problem:
    """422: names the places that are wrong, never the values."""
    faults = [
        {"where": "/".join(str(part) for part in fault["loc"]), "what": str(fault["type"]), "message_en": fault["msg"]}
        for fault in error.errors()[:20]
    ]
    places = "、".join(fault["where"] for fault in faults)
    zh, en = f"参数或内容不符合接口说明：{places}", f"parameters or content do not match the description: {places}"
    return Problem(422, "INVALID_REQUEST", zh, en, more={"errors": faults})


def answer(request: Request, problem: Problem) -> Response:
    """The problem as the asker reads it: a document for programs, a page for people."""
    headers = dict(problem.headers or {})
    if not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", ""):
        from exchange_hub.portal.pages.render import problem_page

        title = TITLES.get(problem.status_code, "")
        response = problem_page(request, title, problem.detail_zh, str(problem.detail), problem.status_code)
        response.headers.update(headers)
        return response
    return JSONResponse(document(request, problem), problem.status_code, headers, MEDIA_TYPE)


def register(app: FastAPI) -> None:
    """Let the application answer every error this way."""

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return answer(request, of_http(error))

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        return answer(request, of_validation(error))

    @app.exception_handler(HubError)
    async def _hub(request: Request, error: HubError) -> Response:
        return answer(request, of_hub_error(error))
