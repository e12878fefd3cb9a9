"""Handing a package in, or trying it, with a browser."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from exchange_hub.core.clock import system_now
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.receive import receive
from exchange_hub.flows.worklist import CHANNEL
from exchange_hub.portal.api.check import report_on
from exchange_hub.portal.pages.batches import report_parts
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import SafeForm, VisitorOf, centre_code, see_other, text, upload
from exchange_hub.portal.problems import Problem
from exchange_hub.portal.state import address_of, hub_of, state_of
from warehouse import actions
from warehouse.actions import Action

router = APIRouter(include_in_schema=False)


@router.get("/upload")
def form_page(request: Request, visitor: VisitorOf) -> Response:
    """The form."""
    code = centre_code(visitor)
    platform = hub_of(request).platforms.get(code)
    return page(request, "upload.html.j2", visitor, platform=platform, most=hub_of(request).settings.max_package_bytes)


@router.post("/upload/package")
def take(request: Request, visitor: VisitorOf, form: SafeForm) -> Response:
    """Hand the package in, or only check it."""
    code, hub = centre_code(visitor), hub_of(request)
    with on_disk(upload(form, "package"), hub.settings.max_package_bytes) as path:
        if text(form, "only") == "check":
            report = report_on(hub, path, code, closed=bool(text(form, "closed")))
            return page(request, "check.html.j2", visitor, **report_parts(hub, report))
        received = receive(hub, path, system_now(), channel=CHANNEL, sender=code)
    state_of(request).worker.wake()
    place = f"{code}/{received.ref.batch_no}"
    with hub.database() as conn:
        outcome = "refused" if received.conflict else "done"
        done = Action(visitor.account.login, "batch.hand_in", place, outcome, received.said, address_of(request))
        actions.record(conn, done, system_now())
        conn.commit()
    if received.conflict is not None:
        raise Problem(409, received.conflict.code, received.conflict.message_zh, received.conflict.message_en)
    repeat = "?repeat=1" if received.repeat else ""
    return see_other(f"/batches/{code}/{quote(received.ref.batch_no, safe='')}{repeat}")


@contextmanager
def on_disk(file: UploadFile, most: int) -> Iterator[Path]:
    """An uploaded file as a path, deleted afterwards.

    Raises:
        Problem: 413 over the limit, 400 empty.
    """
    if not file.size:
        raise Problem(400, "EMPTY_FILE", "文件为空", "the file is empty")
    if file.size > most:
        raise Problem(413, "TOO_LARGE", f"文件超过上限 {most:,} 字节", f"the file is over the limit of {most:,} bytes")
    with scratch_folder("upload") as folder:
        path = folder / "upload"
        with path.open("wb") as target:
            file.file.seek(0)
            shutil.copyfileobj(file.file, target, 1 << 20)
        yield path
