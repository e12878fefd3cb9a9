"""Which release of the spec a batch may use, by the day it was received (architecture: contracts and versions)."""

from datetime import datetime

from contracts.loader import load_release, release_versions
from contracts.model import Release, ReleaseStatus
from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import Refusal


def release_for(version: str, received_at: datetime) -> tuple[Release, tuple[str, ...]]:
    """The release a batch names, with reminders for its sender (Chinese).

    Raises:
        Refusal: UNKNOWN_CONTRACT, DRAFT_CONTRACT or RETIRED_CONTRACT.
    """
    if version not in release_versions():
        known = "、".join(release_versions())
        raise Refusal(
            "UNKNOWN_CONTRACT",
            f"数据规范版本 {version} 不存在；可用版本：{known}",
            f"contract version {version} does not exist; known: {known}",
            "manifest.json /contract_version",
        )
    release = load_release(version)
    status = release.status_on(in_shanghai(received_at).date())
    if status is ReleaseStatus.RETIRED:
        raise Refusal(
            "RETIRED_CONTRACT",
            f"数据规范版本 {version} 已停用，请改用 {release.successor}",
            f"contract version {version} is retired; use {release.successor}",
            "manifest.json /contract_version",
        )
    if status is ReleaseStatus.DRAFT:
        raise Refusal(
            "DRAFT_CONTRACT",
            f"数据规范版本 {version} 尚未生效",
            f"contract version {version} is not in force yet",
            "manifest.json /contract_version",
        )
    if status is ReleaseStatus.DEPRECATED:
        return release, (f"数据规范版本 {version} 即将停用，请尽快改用 {release.successor}",)
    return release, ()
