"""Which small batches have nothing to do with each other (批次间无关联), so that they may be judged in one go.

Two batches meet where one brings a DATA_KEY, a unique value, a natural key or a parent that the other brings or asks
for. What a batch changes of a stored record may concern anyone: updates and deletions go alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from contracts.model import DatasetContract, Release
from exchange_hub.core.records import ATTACHMENTS, DATA_KEY, DATA_TYPE, Operation
from validators.keys import belongings
from validators.prepare import unknown_columns

Frames = Mapping[str, pl.DataFrame]
Token = tuple[str, ...]
_CHANGES = frozenset((Operation.UPDATE.value, Operation.DELETE.value))


def runs(batches: Sequence[Frames], release: Release, at_most: int) -> list[list[int]]:
    """The batches, by number, cut into runs of neighbours that do not meet; each run in order.

    Args:
        batches: as read, in the order of receipt.
        at_most: records of a run of several batches.
    """
    referred = _referred(batches, release)
    found: list[list[int]] = []
    brought: set[Token] = set()
    asked: set[Token] = set()
    rows = 0
    for number, frames in enumerate(batches):
        new, wants = set(_brought(frames, release, referred)), set(_asked(frames, release))
        size = sum(frame.height for frame in frames.values())
        joins = _plain(frames, release) and rows + size <= at_most and not _meet(new, wants, brought, asked)
        if joins and found:
            found[-1].append(number)
            rows, brought, asked = rows + size, brought | new, asked | wants
        else:
            found.append([number])
            rows, brought, asked = size if _plain(frames, release) else at_most + 1, new, wants
    return found


def same_ties(one: Release, other: Release, datasets: Iterable[str]) -> bool:
    """Do records of these datasets meet by the same keys and parents under both releases?"""
    return all(
        name in other.datasets
        and belongings(one.datasets[name]) == belongings(other.datasets[name])
        and one.datasets[name].parents == other.datasets[name].parents
        and all(
            one.datasets[name].field(parent.field).separator == other.datasets[name].field(parent.field).separator
            for parent in one.datasets[name].parents
        )
        for name in datasets
    )


def _meet(new: set[Token], wants: set[Token], brought: set[Token], asked: set[Token]) -> bool:
    return not (new.isdisjoint(brought) and new.isdisjoint(asked) and wants.isdisjoint(brought))


def _plain(frames: Frames, release: Release) -> bool:
    """No update or deletion, no column that the contract does not have, no attachment to look for in the package."""
    return all(
        _CHANGES.isdisjoint(frame[DATA_TYPE].to_list())
        and not unknown_columns(frame, release.datasets[name])
        and frame[ATTACHMENTS].null_count() == frame.height
        for name, frame in frames.items()
        if frame.height
    )


def _referred(batches: Sequence[Frames], release: Release) -> dict[str, set[str]]:
    """By dataset the fields that datasets of these batches refer to."""
    referred: dict[str, set[str]] = {}
    for name in {name for frames in batches for name in frames}:
        for parent in release.datasets[name].parents:
            referred.setdefault(parent.dataset, set()).add(parent.parent_field)
    return referred


def _brought(frames: Frames, release: Release, referred: Mapping[str, set[str]]) -> Iterator[Token]:
    for name, frame in frames.items():
        yield from _tokens(frame, ("key", name), (DATA_KEY,))
        for fact, fields in belongings(release.datasets[name]).items():
            yield from _tokens(frame, ("own", name, fact), fields)
        for field in referred.get(name, ()):
            yield from _tokens(frame, ("ref", name, field), (field,))


def _asked(frames: Frames, release: Release) -> Iterator[Token]:
    for name, frame in frames.items():
        contract: DatasetContract = release.datasets[name]
        for parent in contract.parents:
            separator = contract.field(parent.field).separator
            for value in frame[parent.field].drop_nulls().to_list():
                for part in value.split(separator) if separator else (value,):
                    yield ("ref", parent.dataset, parent.parent_field, part.strip())


def _tokens(frame: pl.DataFrame, head: Token, fields: Sequence[str]) -> Iterator[Token]:
    """The values of each row that has them all."""
    for values in zip(*(frame[field].to_list() for field in fields), strict=True):
        if None not in values:
            yield (*head, *(value.strip() for value in values))
