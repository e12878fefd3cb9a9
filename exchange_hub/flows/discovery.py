"""One look at a platform: what waits there, within its quota, cut into groups for the mapped tasks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import psycopg

from exchange_hub.core.clock import end_of_day, iso
from exchange_hub.core.errors import ChannelRests
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.channels import channel
from exchange_hub.flows.connections import kept
from exchange_hub.flows.context import Hub
from exchange_hub.flows.groups import Group
from ingest.quota import Amount, amount, within
from ingest.transports.agreed import agreement, unchanged
from ingest.transports.base import Offer
from warehouse import alarms, channels
from warehouse.alarms import Alarm

SMALL_BYTES = 256 * 1024
GROUP_SIZE = 100  # what is asked once for a group costs as much as ten packages
GROUP_BYTES = 4 << 20  # of a group: bounds its memory
GROUP_FROM = 12  # with fewer packages waiting, each gets its own mapped tasks
MAX_GROUPS = 200  # a mapped list longer than 1,024 fails its task; what is left comes with the next run
OVER_QUOTA = "over_quota"


def discover_groups(hub: Hub, platform: Platform, now: datetime) -> list[Group]:
    """What waits at the platform, oldest first and within its quota, cut into groups.

    What is left at the source is noted, for the engineer to see: how many packages, how many bytes.

    Raises:
        ChannelRests: the channel failed again and again; it is not tried before its rest is over.
        ServiceError: the platform's channel does not answer.
    """
    with kept(hub) as one:  # connection for all that is asked and noted
        return _look(one, platform, now)


def _look(hub: Hub, platform: Platform, now: datetime) -> list[Group]:
    today = _before(hub, platform, now)
    with channel(hub, platform, now) as transport:
        listed = transport.discover()
    with hub.database() as conn:
        looks_twice = agreement(platform).two_looks
        offers = unchanged(listed, channels.last_look(conn, platform.code)) if looks_twice else listed
        groups = _cut(offers[: within(platform.quota, offers, today)])[:MAX_GROUPS]
        left = amount(offers[sum(map(len, groups)) :])
        seen = {offer.name: offer.stamp for offer in listed} if looks_twice else {}
        channels.note_look(conn, platform.code, seen, (left.packages, left.size), now)
        _tell(conn, platform, left, now)
        conn.commit()
    return [_group(platform, group) for group in groups]


def _before(hub: Hub, platform: Platform, now: datetime) -> Amount:
    """What was taken of the platform today, unless its channel rests."""
    midnight = end_of_day(now) - timedelta(days=1)
    with hub.database() as conn:
        health = channels.health_of(conn, platform.code)
        today = channels.received_since(conn, platform.code, platform.transport.kind, midnight)
    if health.rests_until is not None and health.rests(now):
        until = iso(health.rests_until)
        raise ChannelRests(
            "CHANNEL_RESTS",
            f"{platform.name_zh}的传输通道连续失败 {health.failures} 次，{until} 前不再尝试：{health.error_zh}",
            f"the channel of {platform.name_en} failed {health.failures} times in a row and is not tried before"
            f" {until}: {health.error_en}",
            platform.code,
        )
    return Amount(*today)


def _tell(conn: psycopg.Connection, platform: Platform, left: Amount, now: datetime) -> None:
    """An alarm while something waits over the quota."""
    if not left.packages:
        alarms.clear(conn, OVER_QUOTA, platform.code, "hub", now)
        return
    raised = Alarm(
        OVER_QUOTA,
        platform.code,
        f"{platform.name_zh}的数据包超出配额，其余在来源处等待，数量见 hub channels",
        f"packages of {platform.name_en} wait at their source, over the quota; how many: hub channels",
        now,
    )
    alarms.raise_alarm(conn, raised)


def _cut(offers: Sequence[Offer]) -> list[list[Offer]]:
    groups: list[list[Offer]] = []
    for offer in offers:
        joins = (
            groups
            and len(offers) >= GROUP_FROM
            and offer.size <= SMALL_BYTES
            and groups[-1][0].size <= SMALL_BYTES
            and len(groups[-1]) < GROUP_SIZE
            and sum(one.size for one in groups[-1]) + offer.size <= GROUP_BYTES
        )
        if joins:
            groups[-1].append(offer)
        else:
            groups.append([offer])
    return groups


def _group(platform: Platform, offers: list[Offer]) -> Group:
    label = offers[0].name if len(offers) == 1 else f"{offers[0].name} … {offers[-1].name} ({len(offers)})"
    packages = [
        {
            "offer": {"name": o.name, "size": o.size, "stamp": o.stamp},
            "batch": None,
            "refused": False,
            "validation": None,
            "failed": "",
        }
        for o in offers
    ]
    return {"label": label, "platform": platform.code, "packages": packages}
