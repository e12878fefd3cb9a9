"""The application: pages and HTTP interface. Served by uvicorn as `exchange_hub.portal.app:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from exchange_hub.core.settings import settings
from exchange_hub.portal import problems
from exchange_hub.portal.api import batches, check, described, health, notices
from exchange_hub.portal.guard import Guard
from exchange_hub.portal.pages.routers import ROUTERS
from exchange_hub.portal.pages.visits import SeeOther, see_other
from exchange_hub.portal.state import PortalState
from exchange_hub.portal.watching import Kept
from exchange_hub.portal.watching import router as watching

PREFIX = "/api/v1"
UPLOADS = (f"{PREFIX}/batches", f"{PREFIX}/check", "/upload/")
FOLDER = Path(__file__).resolve().parent
ABOUT = """公共资源交易数据交换枢纽的接口：报送数据包、试校验、查询批次、领取与答复反馈通知。

The interface of the exchange hub: hand packages in, check them, ask for batches, fetch and answer notices. Every call
but `healthz` needs an API key of a platform and reaches only that platform's data. Errors are RFC 9457 problem
documents."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: PortalState = app.state.portal
    await state.worker.start()
    try:
        yield
    finally:
        await state.worker.stop()
        state.close()


def create_app() -> FastAPI:
    """A new application with its own state."""
    app = FastAPI(
        title="公共资源交易数据交换枢纽 Exchange hub",
        version="1",
        description=ABOUT,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.portal = PortalState()
    app.state.kept = Kept()
    problems.register(app)
    for part in (batches, check, notices, health):
        app.include_router(part.router, prefix=PREFIX)
    for router in (*ROUTERS, watching):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")

    @app.exception_handler(SeeOther)
    async def _see_other(_: Request, error: SeeOther) -> Response:
        return see_other(error.path)

    @app.get("/openapi.json", include_in_schema=False)
    async def _where_tools_look_first() -> JSONResponse:
        return JSONResponse(app.openapi())

    described.complete(app)
    app.add_middleware(Guard, uploads=UPLOADS, secure=settings().portal_secure)
    return app


app = create_app()
