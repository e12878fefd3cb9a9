"""Expected arrivals looked at (到达监测): alerts are raised, and closed by themselves when their cause is gone."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import psycopg

from contracts.loader import load_release, release_versions
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.context import Hub
from feedback.arrivals import WINDOW, Concern, Day, Seen, Waits, concerns
from warehouse import arrivals


def watch_arrivals(hub: Hub, now: datetime) -> list[dict[str, Any]]:
    """Look at every enabled platform as of `now`; done twice it changes nothing.

    Returns:
        The alerts that stand, oldest first: platform_code, kind, dataset, owner, message_zh, message_en, raised_at.
    """
    with hub.database() as conn:
        arrivals.lock(conn)
        seen = _seen(conn, now)
        found = [
            concern
            for code, platform in hub.platforms.items()
            if platform.enabled and code in seen
            for concern in concerns(platform, _waits(platform), seen[code], now)
        ]
        _settle(conn, found, now)
        conn.commit()
        return arrivals.open_alerts(conn)


def _settle(conn: psycopg.Connection, found: list[Concern], now: datetime) -> None:
    standing = arrivals.standing(conn)
    wanted = {(one.kind.value, one.platform_code, one.dataset): one for one in found}
    arrivals.close_alerts(conn, [number for key, number in standing.items() if key not in wanted], now)
    for key, one in wanted.items():
        if key not in standing:
            arrivals.open_alert(conn, {**asdict(one), "kind": one.kind.value}, now)


def _seen(conn: psycopg.Connection, now: datetime) -> dict[str, Seen]:
    since = now - WINDOW
    datasets: dict[str, dict[str, list[datetime]]] = {}
    for row in arrivals.datasets_seen(conn, since, now):
        datasets.setdefault(row["platform_code"], {})[row["dataset"]] = row["arrivals"]
    days: dict[str, list[Day]] = {}
    for row in arrivals.days_seen(conn, since, now):
        days.setdefault(row["platform_code"], []).append(Day(row["day"], row["received"] or 0, row["rejected"] or 0))
    return {
        row["platform_code"]: Seen(
            row["known_since"],
            row["last_received_at"],
            datasets.get(row["platform_code"], {}),
            days.get(row["platform_code"], []),
        )
        for row in arrivals.platforms_seen(conn, now)
    }


def _waits(platform: Platform) -> Waits:
    """How long a dataset may stay away by the contract: its frequency and its lag together; zero: it does not say."""

    def wait(dataset: str) -> timedelta:
        if platform.contract_version not in release_versions():
            return timedelta(0)
        datasets = load_release(platform.contract_version).datasets
        contract = datasets.get(dataset)
        minutes = (contract.exchange_minutes or 0) + (contract.max_lag_minutes or 0) if contract else 0
        return timedelta(minutes=minutes)

    return wait
