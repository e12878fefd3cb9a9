"""Plant faults into clean records and keep the book of what must come of them (faults.json)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any

from contracts.model import DatasetContract
from exchange_hub.core.errors import UsageError
from exchange_hub.sample.fault_table import (
    DUPLICATE_CODE,
    DUPLICATE_KEY,
    FAULTS,
    LEAF_FAULTS,
    PARENT_FAULTS,
    UNKNOWN_FIELD,
    Fault,
)
from exchange_hub.sample.generate import Chunk, Line
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.vocabulary import Record

LEAF_WEIGHT = 3  # a fault of a leaf is planted that many times for each fault of a parent


@dataclass(frozen=True, slots=True)
class Planted:
    """One record of which something is expected: rejected, held, or accepted with a query.

    `original_key` is the DATA_KEY of the right record; `consequence` marks a record without a fault of its own
    that waits for a rejected parent. With rule_id None there is no finding; an orphan is held only where parents
    must be in the package or stored (`hub check --closed`, `hub ingest`).
    """

    dataset: str
    file: str
    row: int
    data_key: str | None
    original_key: str
    field: str | None
    fault: str
    rule_id: str | None
    severity: str | None
    outcome: str
    consequence: bool = False


class Planter:
    """Plants faults in a share of the records, spread over all named faults in turn."""

    def __init__(self, options: SampleOptions, lines: Mapping[str, Line]) -> None:
        self._options = options
        self._contracts = {name: line.contract for name, line in lines.items()}
        self._rng = Random(f"faults:{options.platform}:{options.seed}")  # noqa: S311 -- invented data
        self._turns = self._rotation(options.fault_names)
        self._turn = 0
        self._due = 0.0
        self._book: list[Planted] = []

    @property
    def extra_columns(self) -> dict[str, tuple[str, ...]]:
        """Columns beyond the contract, by dataset: those of the fault `unknown_field`."""
        return {fault.dataset: (UNKNOWN_FIELD,) for fault in self._turns if fault.field == UNKNOWN_FIELD}

    def plant(self, chunk: Chunk, before: Mapping[str, int]) -> Chunk:
        """The chunk with its share of faults; `before` is the number of records already in each file."""
        self._due += sum(map(len, chunk.values())) * self._options.faults / 100
        touched: dict[str, dict[int, Planted]] = {name: {} for name in chunk}
        misses = 0
        while self._due >= 1 and misses < len(self._turns):
            fault = self._turns[self._turn % len(self._turns)]
            self._turn += 1
            planted = self._try(fault, chunk, touched)
            misses = 0 if planted else misses + 1
            self._due -= planted
        self._book.extend(self._rows(chunk, touched, before))
        return chunk

    def document(self) -> dict[str, Any]:
        """What faults.json holds: the options of the sample and every expectation, in order of file and row."""
        book = sorted(self._book, key=lambda entry: (entry.file, entry.row))
        options = asdict(self._options) | {"base_date": self._options.base_date.isoformat()}
        return {"sample": options, "faults": [asdict(entry) for entry in book]}

    def _rotation(self, names: tuple[str, ...]) -> list[Fault]:
        for name in names:
            if name not in FAULTS:
                raise UsageError(
                    "UNKNOWN_FAULT",
                    f"没有差错 {name}；可选 {', '.join(FAULTS)}",
                    f"no fault {name}; choose from {', '.join(FAULTS)}",
                )
        wanted = [fault for fault in (*LEAF_FAULTS * LEAF_WEIGHT, *PARENT_FAULTS) if not names or fault.name in names]
        possible = [fault for fault in wanted if fault.dataset in self._contracts]
        self._rng.shuffle(possible)
        first: dict[str, Fault] = {fault.name: fault for fault in possible}
        return [*first.values(), *possible]

    def _try(self, fault: Fault, chunk: Chunk, touched: dict[str, dict[int, Planted]]) -> int:
        """Plant one fault in a record that has none yet; how many records it made faulty, 0 where none fits."""
        taken = touched[fault.dataset]
        records = chunk[fault.dataset]
        free = [place for place, record in enumerate(records) if place not in taken and fault.fits(record)]
        if not free or (fault.name == DUPLICATE_CODE and len(free) < 2):
            return 0
        places = [self._rng.choice(free)]
        record = records[places[0]]
        keys = [record["DATA_KEY"] or ""]
        if fault.name == DUPLICATE_KEY:
            places.append(len(records))
            keys.append(keys[0])
            records.append({**record, **fault.change(record)})
        elif fault.name == DUPLICATE_CODE:
            places.append(next(place for place in free if place != places[0]))
            keys.append(records[places[1]]["DATA_KEY"] or "")
            records[places[1]][fault.field] = record[fault.field]
        else:
            record.update(fault.change(record))
        for place, key in zip(places, keys, strict=True):
            taken[place] = _expectation(fault, records[place], key)
        return len(places)

    def _rows(self, chunk: Chunk, touched: dict[str, dict[int, Planted]], before: Mapping[str, int]) -> list[Planted]:
        """Expectations with file and row, those of children held back by a faulty parent included."""
        if not any(touched.values()):
            return []
        missing: dict[tuple[str, str], set[str]] = {}
        rows: list[Planted] = []
        for name, records in chunk.items():
            taken = touched[name]
            for place, record in enumerate(records):
                waits = _waits(record, self._contracts[name], missing)
                entry = taken.get(place)
                if entry is not None and waits and entry.outcome == "query":
                    entry = replace(entry, outcome="held")
                elif entry is None and waits:
                    entry = _consequence(name, record)
                if entry is None:
                    continue
                file = f"data/{name}.{self._options.format}"
                rows.append(replace(entry, file=file, row=before[name] + place + 1))
                if entry.outcome in ("rejected", "held"):
                    self._note_missing(name, record, missing)
        return rows

    def _note_missing(self, name: str, record: Record, missing: dict[tuple[str, str], set[str]]) -> None:
        for contract in self._contracts.values():
            for parent in contract.parents:
                if parent.dataset == name and (value := record[parent.parent_field]):
                    missing.setdefault((name, parent.parent_field), set()).add(value)


def _expectation(fault: Fault, record: Record, original_key: str) -> Planted:
    outcome = "held" if fault.rule_id is None else "rejected" if fault.severity == "reject" else "query"
    return Planted(
        dataset=fault.dataset,
        file="",
        row=0,
        data_key=record["DATA_KEY"],
        original_key=original_key,
        field=fault.field,
        fault=fault.name,
        rule_id=fault.rule_id,
        severity=fault.severity if fault.rule_id else None,
        outcome=outcome,
    )


def _consequence(dataset: str, record: Record) -> Planted:
    key = record["DATA_KEY"] or ""
    return Planted(dataset, "", 0, key, key, None, "parent_not_accepted", None, None, "held", consequence=True)


def _waits(record: Record, contract: DatasetContract, missing: Mapping[tuple[str, str], set[str]]) -> bool:
    """Does the record name a parent of this chunk that is rejected or held?"""
    for parent in contract.parents:
        gone = missing.get((parent.dataset, parent.parent_field))
        if gone and not gone.isdisjoint((record[parent.field] or "").split(";")):
            return True
    return False
