"""The board as an application inside Airflow's API server: only who is signed in to Airflow sees it."""

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import HubError
from exchange_hub.flows.board import read_board
from exchange_hub.flows.board_page import board_html
from exchange_hub.flows.context import open_hub

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
}


def application() -> FastAPI:
    """The application; a browser that is not signed in goes to Airflow's sign-in page."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(get_user)])
    app.add_api_route("/", board, response_class=HTMLResponse)
    app.add_exception_handler(HTTPException, to_sign_in)
    return app


def board() -> HTMLResponse:
    """The page, as of now."""
    try:
        page, status = board_html(read_board(open_hub(), system_now())), 200
    except HubError as error:
        page, status = f"<!doctype html><meta charset=utf-8><p>{error.message_zh}<p>{error.message_en}", 503
    return HTMLResponse(page, status, HEADERS)


async def to_sign_in(request: Request, error: Exception) -> Response:
    """401 becomes a way to the sign-in page; other errors are said plainly."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 401:
        return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)), 303)
    return Response(f"{status}", status, HEADERS, "text/plain")
