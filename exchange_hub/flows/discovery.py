"""What waits at a platform, cut into groups for the mapped tasks: large packages alone, small ones together."""

from exchange_hub.core.platforms import Platform
from exchange_hub.flows.groups import Group
from ingest.transports.base import Offer
from ingest.transports.opening import open_transport

SMALL_BYTES = 256 * 1024
GROUP_SIZE = 50
GROUP_FROM = 12  # with fewer packages waiting, each gets its own mapped tasks
MAX_GROUPS = 200  # a mapped list longer than 1,024 fails its task; what is left comes with the next run


def discover_groups(platform: Platform) -> list[Group]:
    """What waits at the platform, oldest first, cut into groups.

    Raises:
        ServiceError: the platform's channel does not answer.
    """
    offers = open_transport(platform).discover()
    groups: list[list[Offer]] = []
    for offer in offers:
        joins = (
            groups
            and len(offers) >= GROUP_FROM
            and offer.size <= SMALL_BYTES
            and groups[-1][0].size <= SMALL_BYTES
            and len(groups[-1]) < GROUP_SIZE
        )
        if joins:
            groups[-1].append(offer)
        else:
            groups.append([offer])
    return [_group(platform, group) for group in groups[:MAX_GROUPS]]


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
