"""Which release of the spec a batch may use, by the day it was received (architecture: contracts and versions).

Two clocks hold: the release's own life cycle (draft, active, deprecated, retired) and, where the platform's card
names windows, the days agreed with that platform. Both compare whole days in Asia/Shanghai with the receipt.
"""

from datetime import date, datetime

from contracts.loader import load_release, release_versions
from contracts.model import Release, ReleaseStatus
from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.errors import Refusal
from exchange_hub.core.platforms import Platform, Window

REMIND_DAYS = 30  # a window that closes within so many days is pointed out
_WHERE = "manifest.json /contract_version"


def release_for(
    version: str, received_at: datetime, platform: Platform | None = None
) -> tuple[Release, tuple[str, ...]]:
    """The release a batch names, with reminders for its sender (Chinese).

    Args:
        platform: the sender's card; None where it is not known, then only the release's own life cycle counts.

    Raises:
        Refusal: UNKNOWN_CONTRACT, DRAFT_CONTRACT, RETIRED_CONTRACT, CONTRACT_NOT_AGREED, CONTRACT_TOO_EARLY or
            CONTRACT_WINDOW_CLOSED; what to use instead is named.
    """
    release = known_release(version)
    day = in_shanghai(received_at).date()
    reminders = _life_cycle(release, day)
    if platform is not None and platform.windows:
        reminders += _window(release.version, day, platform)
    return release, reminders


def reminders_for(version: str, received_at: datetime, platform: Platform | None) -> tuple[str, ...]:
    """Reminders for a batch that was let in already, whatever cards and dates say by now."""
    try:
        return release_for(version, received_at, platform)[1]
    except Refusal:
        return ()


def known_release(version: str) -> Release:
    """The release of that version, whatever its status.

    Raises:
        Refusal: UNKNOWN_CONTRACT.
    """
    if version not in release_versions():
        known = "、".join(release_versions())
        raise Refusal(
            "UNKNOWN_CONTRACT",
            f"数据规范版本 {version} 不存在；可用版本：{known}",
            f"contract version {version} does not exist; known: {known}",
            _WHERE,
        )
    return load_release(version)


def next_release(platform: Platform) -> str | None:
    """The release that the platform moves to: as its card says, else the next one after its own; None at the end."""
    if platform.next_release is not None:
        return platform.next_release
    versions = release_versions()
    after = versions[versions.index(platform.contract_version) + 1 :] if platform.contract_version in versions else ()
    return after[0] if after else None


def _life_cycle(release: Release, day: date) -> tuple[str, ...]:
    status = release.status_on(day)
    instead = release.successor or "现行版本"
    instead_en = release.successor or "the release in force"
    if status is ReleaseStatus.RETIRED:
        raise Refusal(
            "RETIRED_CONTRACT",
            f"数据规范版本 {release.version} 已停用，请改用 {instead}",
            f"contract version {release.version} is retired; use {instead_en}",
            _WHERE,
        )
    if status is ReleaseStatus.DRAFT:
        raise Refusal(
            "DRAFT_CONTRACT",
            f"数据规范版本 {release.version} 尚未生效",
            f"contract version {release.version} is not in force yet",
            _WHERE,
        )
    if status is ReleaseStatus.DEPRECATED:
        when = f"将于 {release.retired_from} 停用" if release.retired_from else "即将停用"
        return (f"数据规范版本 {release.version} {when}，请尽快改用 {instead}",)
    return ()


def _window(version: str, day: date, platform: Platform) -> tuple[str, ...]:
    found = next((window for window in platform.windows if window.release == version), None)
    instead = "、".join(_shown(window) for window in platform.windows if _open(window, day)) or "无"
    if found is None:
        raise _outside("CONTRACT_NOT_AGREED", platform, version, "未约定使用", "is not agreed", instead)
    if found.since is not None and day < found.since:
        said = (f"自 {found.since} 起方可使用", f"may be used from {found.since} only")
        raise _outside("CONTRACT_TOO_EARLY", platform, version, *said, instead)
    if found.until is not None and day > found.until:
        said = (f"使用期已于 {found.until} 结束，不能再用", f"could be used until {found.until}")
        raise _outside("CONTRACT_WINDOW_CLOSED", platform, version, *said, instead)
    if found.until is not None and (left := (found.until - day).days) <= REMIND_DAYS:
        return (f"本平台使用数据规范 {version} 的期限为 {found.until}（还有 {left} 天），请按期切换到新版本",)
    return ()


def _outside(code: str, platform: Platform, version: str, zh: str, en: str, instead: str) -> Refusal:
    return Refusal(
        code,
        f"平台 {platform.code} {zh}数据规范版本 {version}；现在可用：{instead}",
        f"contract version {version} {en} for platform {platform.code}; open now: {instead}",
        _WHERE,
    )


def _open(window: Window, day: date) -> bool:
    return (window.since is None or day >= window.since) and (window.until is None or day <= window.until)


def _shown(window: Window) -> str:
    return f"{window.release}（至 until {window.until}）" if window.until else window.release
