"""What is agreed with a platform about its files (约定): when one is whole, and what becomes of it once it is taken.

Both are options of the card's transport. `ready`:

    seconds:5     it has not been changed for so many seconds (the default)
    renamed       it is written under another suffix and renamed when whole: taken at once
    marker:.ok    a file of its name and this suffix lies beside it
    stable        two looks in a row found the same size and time

`taken`: `moved` (the default) into done/ or refused/, or `marked` by an empty file beside it, which is named after the
file, its stamp and the outcome, so that another file of the same name is taken again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from exchange_hub.core.platforms import Platform
from ingest.transports.base import Offer, shelf

READY = "ready"
READY_FORM = r"renamed|stable|marker:\.[A-Za-z0-9_]{1,16}|seconds:[0-9]{1,5}"
DEFAULT_READY = "seconds:5"
TAKEN = "taken"
MOVED, MARKED = "moved", "marked"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one platform's files are told to be whole, and how taken ones are shown to it."""

    marker: str = ""  # suffix of the file that says so; "": none is written
    rest_seconds: int = 0  # how long a file must not have changed
    two_looks: bool = False
    marks: bool = False  # taken files stay where they lie, marked

    def whole(self, name: str, changed_at: float, now: datetime, names: Collection[str]) -> bool:
        """Whether a file may be taken; one that was changed in the future is not waited for (its clock runs ahead).

        Args:
            names: all files beside it.
        """
        if self.marker:
            return f"{name}{self.marker}" in names
        return not 0 <= now.timestamp() - changed_at < self.rest_seconds

    def is_taken(self, offer: Offer, names: Collection[str]) -> bool:
        """Whether this very file was taken and marked before."""
        return self.marks and any(mark(offer, outcome) in names for outcome in ("done", "refused"))


def agreement(platform: Platform) -> Agreement:
    """What the card says."""
    options = platform.transport.options
    way, _, value = options.get(READY, DEFAULT_READY).partition(":")
    return Agreement(
        marker=value if way == "marker" else "",
        rest_seconds=int(value) if way == "seconds" else 0,
        two_looks=way == "stable",
        marks=options.get(TAKEN, MOVED) == MARKED,
    )


def mark(offer: Offer, outcome: str) -> str:
    """Name of the file that marks an offer as taken, beside it."""
    return f"{offer.name}.{offer.stamp}.{shelf(outcome)}"


def unchanged(offers: Iterable[Offer], seen: Mapping[str, str]) -> list[Offer]:
    """Offers that the look before saw with the same stamp.

    Args:
        seen: stamp by name, as that look found them.
    """
    return [offer for offer in offers if seen.get(offer.name) == offer.stamp]
