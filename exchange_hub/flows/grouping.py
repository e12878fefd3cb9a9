"""Which packages of a group are validated and loaded together (合并处理): neighbours that do not meet."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from exchange_hub.flows.validate import Received
from validators.interplay import runs

MOST_RECORDS = 20_000  # of a run: bounds its memory, and what is done again where one of it cannot go with the others


def runs_of(received: Sequence[Received]) -> Iterator[list[Received]]:
    """Batches of one platform, in the order of receipt, cut into runs; one that must go alone is a run by itself."""
    for (version, _), same in groupby(received, key=_what_is_shared):
        batches = list(same)
        if not version:
            yield from ([one] for one in batches)
            continue
        for numbers in runs([one.read.frames for one in batches], batches[0].read.release, MOST_RECORDS):
            yield [batches[number] for number in numbers]


def _what_is_shared(one: Received) -> tuple[str, object]:
    """Release and time of receipt; no release: it goes alone, for its dialect, its size or what it corrects."""
    alone = one.read.origin is not None or bool(one.read.spools) or bool(one.batch.corrects)
    return "" if alone else one.read.release.version, one.batch.received_at
