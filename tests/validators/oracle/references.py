"""REF: what records say about each other, in the batch and in the store; and which of them wait for a parent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.model import DatasetContract, FieldType, Parent, Release
from tests.validators.oracle.view import View

Stored = Mapping[str, Any]  # DATA_KEY, record_hash, is_deleted, platform_code and the dataset's fields as text


@dataclass(frozen=True)
class Neighbours:
    """The other records of a dataset: those of the batch, and those stored."""

    views: Sequence[View]
    stored: Sequence[Stored] = ()

    def of_key(self, key: str | None) -> Stored | None:
        """The stored record of a DATA_KEY."""
        return next((one for one in self.stored if key is not None and one["DATA_KEY"] == key), None)

    def holders(self, names: Sequence[str], values: Sequence[str | None]) -> set[str]:
        """DATA_KEYs of living records that have these values."""
        if None in values:
            return set()
        sent = [view for view in self.views if not view.deletes and [view.text(name) for name in names] == list(values)]
        kept = [one for one in self.stored if not one["is_deleted"] and [one[name] for name in names] == list(values)]
        return {key for view in sent if (key := view.text("DATA_KEY"))} | {one["DATA_KEY"] for one in kept}


def natural_key(contract: DatasetContract) -> list[str]:
    """Fields that together name a record, where no unique field does so and each has one way to be written."""
    fields = [contract.field(name) for name in contract.natural_key if name in contract.field_names]
    manifold = any(one.type in (FieldType.DECIMAL, FieldType.BOOLEAN) for one in fields)
    return [] if manifold or any(one.unique for one in fields) else [one.name for one in fields]


def faults(view: View, among: Neighbours) -> Iterator[tuple[str, str]]:
    """(field, rule id) of each fault."""
    key, kind = view.text("DATA_KEY"), view.text("DATA_TYPE")
    contents = {(one.deletes, one.hash) for one in among.views if key is not None and one.text("DATA_KEY") == key}
    if len(contents) > 1:
        yield "DATA_KEY", "REF-003"
    stored = among.of_key(key)
    if stored is None:
        if kind in ("2", "3"):
            yield "DATA_KEY", "REF-009" if kind == "2" else "REF-007"
    else:
        yield from _against(view, stored)
    if key is not None and not view.deletes:
        for one in view.contract.fields:
            if one.unique and among.holders([one.name], [view.text(one.name)]) - {key}:
                yield one.name, "REF-004"
        names = natural_key(view.contract)
        if names and among.holders(names, [view.text(name) for name in names]) - {key}:
            yield "DATA_KEY", "REF-010"


def _against(view: View, stored: Stored) -> Iterator[tuple[str, str]]:
    kind = view.text("DATA_TYPE")
    if stored["platform_code"] != view.batch.sender:
        yield "DATA_KEY", "REF-008"
    if kind == "1" and not stored["is_deleted"] and stored["record_hash"] != view.hash:
        yield "DATA_KEY", "REF-006"
    if kind == "2":
        for one in view.contract.fields:
            before, now = stored[one.name], view.text(one.name)
            if one.immutable and None not in (before, now) and before != now:
                yield one.name, "REF-005"


@dataclass
class Family:
    """Codes that records of the batch and the store have, by dataset and field."""

    release: Release
    store: Mapping[str, Sequence[Stored]]
    assume_parents: bool
    sent: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    accepted: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def note(self, into: dict[tuple[str, str], set[str]], view: View) -> None:
        """Remember all codes of a record that is no deletion."""
        for name in () if view.deletes else view.contract.field_names:
            if text := view.text(name):
                into.setdefault((view.contract.dataset, name), set()).add(text)

    def waits(self, view: View) -> bool:
        """Is one of its parents not there?"""
        return not view.deletes and any(self._missing(view, parent) for parent in view.contract.parents)

    def _missing(self, view: View, parent: Parent) -> bool:
        child, place = view.contract.field(parent.field), (parent.dataset, parent.parent_field)
        own = parent.dataset == view.contract.dataset
        missing = set(view.parts(child)) - (set() if own else self.accepted.get(place, set()))
        if self.assume_parents:
            missing &= self.sent.get(place, set())
        stored = self.store.get(parent.dataset, ())
        return bool(missing - {one[parent.parent_field] for one in stored if not one["is_deleted"]})
