"""Batches taken up again (重跑): by number, by platform, by the days of their receipt.

What is done is found done: a loaded batch changes nothing, its undelivered notice goes out; one that was received and
came to a stop is validated and loaded from the bytes that were kept, whatever lies at its source by now.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from exchange_hub.core.errors import HubError, PackagesFailed, UsageError
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import carry_on
from exchange_hub.flows.receive import BatchRef
from warehouse import batches

logger = logging.getLogger(__name__)

MOST = 50_000  # batches chosen at once
AT_ONCE = 50  # batches of one platform in one mapped task


@dataclass(frozen=True, slots=True)
class Choice:
    """Which batches: all conditions that are given hold. Days are those of receipt, Asia/Shanghai, both included."""

    platform_code: str | None = None
    batch_no: str | None = None
    since: date | None = None
    until: date | None = None
    only_unfinished: bool = True

    @classmethod
    def of(cls, params: dict[str, Any]) -> "Choice":
        """From the parameters of a run.

        Raises:
            UsageError: nothing is said, or the days run backwards.
        """
        since, until = (date.fromisoformat(params[name]) if params.get(name) else None for name in ("since", "until"))
        made = cls(
            params.get("platform") or None,
            params.get("batch_no") or None,
            since,
            until,
            bool(params["only_unfinished"]),
        )
        if not (made.platform_code or made.batch_no or since or until):
            raise UsageError("NOTHING_CHOSEN", "请指定平台、批次号或日期范围", "name a platform, a batch or days")
        if since and until and until < since:
            raise UsageError("DAYS_BACKWARDS", "结束日期早于开始日期", "`until` lies before `since`")
        return made


def choose(hub: Hub, choice: Choice) -> list[dict[str, Any]]:
    """The batches as groups for mapped tasks: a label, up to AT_ONCE batches of one platform, oldest first."""
    with hub.database() as conn:
        found = batches.chosen(conn, asdict(choice), MOST)
    by_platform: dict[str, list[str]] = {}
    for platform_code, batch_no in found:
        by_platform.setdefault(platform_code, []).append(batch_no)
    return [
        {"label": f"{platform_code} {part[0]}{f' +{len(part) - 1}' if part[1:] else ''}", "platform": platform_code,
         "batches": part}
        for platform_code, numbers in by_platform.items()
        for part in (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))
    ]  # fmt: skip


def take_up(hub: Hub, platform_code: str, batch_nos: Sequence[str], now: datetime) -> dict[str, str]:
    """Carry each batch on to its end, in order; returns the verdicts by number.

    Raises:
        PackagesFailed: some failed by our own fault; the others are done.
    """
    verdicts, failed = {}, []
    for batch_no in batch_nos:
        try:
            verdicts[batch_no] = str(carry_on(hub, BatchRef(platform_code, batch_no), now).get("verdict"))
        except Exception as error:  # whatever one batch breaks in us, the others go on
            code = error.code if isinstance(error, HubError) else type(error).__name__
            logger.exception("batch %s of platform %s failed again", batch_no, platform_code)
            failed.append(f"{batch_no} ({code})")
    if failed:
        names = "、".join(failed)
        raise PackagesFailed("PACKAGES_FAILED", f"未完成的批次：{names}", f"batches that failed: {names}")
    return verdicts
