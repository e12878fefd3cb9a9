"""How much of what waits at a platform is taken now (配额); the rest waits there, in its order."""

from collections.abc import Sequence
from dataclasses import dataclass

from exchange_hub.core.platforms import Quota
from ingest.transports.base import Offer


@dataclass(frozen=True, slots=True)
class Amount:
    """Some packages together."""

    packages: int = 0
    size: int = 0  # bytes


def amount(offers: Sequence[Offer]) -> Amount:
    """How much these are."""
    return Amount(len(offers), sum(offer.size for offer in offers))


def within(quota: Quota, offers: Sequence[Offer], today: Amount) -> int:
    """How many of the offers, from the first on, the quota lets in.

    None overtakes another: batches take effect in their order. A package that is larger than the whole quota of bytes
    goes alone, first of its run or day; it would wait for ever otherwise.

    Args:
        today: what was taken of this platform since midnight.
    """
    size = 0
    for number, offer in enumerate(offers):
        size += offer.size
        full = (
            _over(quota.packages_a_run, number + 1)
            or _over(quota.packages_a_day, today.packages + number + 1)
            or (number > 0 and _over(quota.bytes_a_run, size))
            or (number + today.packages > 0 and _over(quota.bytes_a_day, today.size + size))
        )
        if full:
            return number
    return len(offers)


def _over(bound: int | None, value: int) -> bool:
    return bound is not None and value > bound
