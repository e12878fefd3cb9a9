"""Whether the portal works; needs no key and tells nothing else."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from exchange_hub.core.errors import HubError
from exchange_hub.portal.api.models import Health
from exchange_hub.portal.state import hub_of

router = APIRouter(tags=["状态 health"])


@router.get("/healthz", response_model=Health, summary="运行状态 health", responses={503: {"model": Health}})
def healthz(request: Request) -> JSONResponse:
    """200 when database and evidence store answer, 503 otherwise."""
    database, store = _database(request), _store(request)
    well = database and store
    return JSONResponse(
        {"status": "ok" if well else "unwell", "database": database, "store": store}, 200 if well else 503
    )


def _database(request: Request) -> bool:
    try:
        with hub_of(request).database() as conn:
            return conn.execute("SELECT 1").fetchone() == (1,)
    except HubError:
        return False


def _store(request: Request) -> bool:
    try:
        next(iter(hub_of(request).work.keys("health/")), None)
    except HubError:
        return False
    return True
