"""A request's body onto disk, whatever its size, in flat memory (packages up to 2 GiB)."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Request
from starlette.requests import ClientDisconnect

from exchange_hub.core.scratch import scratch_folder
from exchange_hub.portal.problems import Problem

# What a package may come as. curl calls any --data-binary a form, so that is let through; its bytes decide.
TYPES = frozenset(
    (
        *("", "application/zip", "application/x-zip-compressed", "application/gzip", "application/x-gzip"),
        *("application/x-tar", "application/x-gtar", "application/x-compressed-tar", "application/octet-stream"),
        *("binary/octet-stream", "application/x-www-form-urlencoded"),
    )
)
SPARE_BYTES = 512 * 1024**2  # left free on the disk


@asynccontextmanager
async def body_on_disk(request: Request, most: int) -> AsyncIterator[Path]:
    """The body as a file, deleted afterwards.

    Args:
        most: bytes.

    Raises:
        Problem: 400 empty or cut short, 413 over the limit, 415 no package, 507 no room.
    """
    _must_be_package(request)
    declared = _declared(request)
    if declared is not None and declared > most:
        raise _too_large(most)
    with scratch_folder("upload") as folder:
        if shutil.disk_usage(folder).free < (declared or 0) + SPARE_BYTES:
            raise Problem(
                507, "NO_ROOM", "枢纽暂存空间不足，请稍后重试", "no room for the package now; try again later"
            )
        path = folder / "package"
        if not await _write(request, path, most):
            raise Problem(
                400, "EMPTY_BODY", "请求内容为空；应为 zip 或 tar.gz 数据包", "no content; send a zip or tar.gz"
            )
        yield path


async def _write(request: Request, path: Path, most: int) -> int:
    size = 0
    with path.open("wb") as file:
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > most:
                    raise _too_large(most)
                file.write(piece)
        except ClientDisconnect as error:
            raise Problem(400, "CUT_SHORT", "上传中断，内容不完整", "the upload was cut short") from error
    return size


def _must_be_package(request: Request) -> None:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind not in TYPES or coding != "identity":
        raise Problem(
            415,
            "NOT_A_PACKAGE",
            "请求内容应直接为数据包（application/zip 或 application/gzip），不使用表单或内容编码",
            "send the package itself as the body (application/zip or application/gzip), no form, no content coding",
        )


def _declared(request: Request) -> int | None:
    text = request.headers.get("content-length")
    return int(text) if text is not None and text.isdecimal() else None


def _too_large(most: int) -> Problem:
    limit = f"{most:,}"
    return Problem(413, "TOO_LARGE", f"数据包超过上限 {limit} 字节", f"the package is over the limit of {limit} bytes")
