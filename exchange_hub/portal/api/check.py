"""The dry run: what would become of a package, with nothing kept."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import Refusal
from exchange_hub.flows.check import check_package
from exchange_hub.flows.context import Hub
from exchange_hub.flows.reports import refused_report
from exchange_hub.portal.api.caller import SCHEMES, CallerOf
from exchange_hub.portal.api.described import PACKAGE_BODY, problems
from exchange_hub.portal.api.models import Report
from exchange_hub.portal.state import hub_of
from exchange_hub.portal.upload import body_on_disk
from feedback.report import report_document

router = APIRouter(tags=["校验 check"], dependencies=SCHEMES)


@router.post(
    "/check",
    response_model=Report,
    summary="试校验 dry run",
    responses=problems(400, 408, 413, 415, 507),
    openapi_extra=PACKAGE_BODY,
)
async def check(request: Request, caller: CallerOf, closed: bool = False) -> JSONResponse:
    """Validates a package and answers with the report; nothing is kept.

    Parents that are not in the package are taken as present, unless `closed` is true.
    """
    hub = hub_of(request)
    async with body_on_disk(request, hub.settings.max_package_bytes) as path:
        return JSONResponse(await run_in_threadpool(report_on, hub, path, caller.platform.code, closed))


def report_on(hub: Hub, path: Path, platform_code: str, closed: bool) -> dict[str, Any]:
    """The report of a dry run for that sender."""
    report = check_package(path, system_now(), hub.settings, closed=closed).report
    if report.refusal is None and report.platform_code != platform_code:
        refusal = Refusal(
            "PLATFORM_MISMATCH",
            f"数据包声明的平台 {report.platform_code} 不是 {platform_code}",
            f"the package names platform {report.platform_code}, not {platform_code}",
            "manifest.json /platform_code",
        )
        report = refused_report(report.platform_code, report.batch_no, report.contract_version, refusal)
    return report_document(report)
