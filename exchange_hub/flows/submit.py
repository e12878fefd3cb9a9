"""Handing a package in, as a platform would: into the place its transport collects from."""

from pathlib import Path

from exchange_hub.core.errors import UsageError
from exchange_hub.core.settings import settings
from ingest.registry import load_platforms
from ingest.transports.opening import open_transport


def submit(path: Path, platform_code: str) -> str:
    """Put the package where the hub collects this platform's packages.

    Returns:
        The address it lies at.

    Raises:
        UsageError: no such package or platform.
        ServiceError: the channel does not answer.
    """
    if not path.exists():
        raise UsageError("NO_SUCH_FILE", f"找不到文件或文件夹：{path}", f"no such file or folder: {path}")
    platforms = load_platforms(settings().platforms_dir)
    if platform_code not in platforms:
        known = "、".join(sorted(platforms))
        raise UsageError(
            "UNKNOWN_PLATFORM",
            f"没有平台 {platform_code}；已登记：{known}",
            f"no platform {platform_code}; registered: {known}",
        )
    return open_transport(platforms[platform_code]).submit(path)
