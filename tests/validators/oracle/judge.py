"""The oracle's judgement of a package: which faults stand, which are hidden by others, and where each record ends."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from contracts.model import DatasetContract, Field, Release
from tests.validators.oracle import amounts, conditions, identifiers, references, structure, times, values
from tests.validators.oracle.bound import Bound, Many, Roles
from tests.validators.oracle.references import Family, Neighbours, Stored
from tests.validators.oracle.view import Batch, Row, View

OF_A_FIELD = {**values.RULES, **identifiers.RULES, **times.OF_A_FIELD, **amounts.OF_A_FIELD}
OF_MANY = {**conditions.RULES, **times.RULES, **amounts.RULES}
OF_NEIGHBOURS = {"REF-003", "REF-004", "REF-005", "REF-006", "REF-007", "REF-008", "REF-009", "REF-010"}
KNOWN = {*OF_A_FIELD, *OF_MANY, *OF_NEIGHBOURS, *structure.RULES, "STR-004"}
OF_KEYS = {"STR-001", "STR-002", "STR-003", "REF-003", "REF-006", "REF-007", "REF-008"}  # deletions too
NAMED_AS = {"AMT-004": "points", "IDN-019": "region", "TIM-005": "event", "TIM-021": "end"}
ALERTS = {*(f"TIM-{n:03}" for n in (8, 15, 17, 19, 23, 25, 26, 27, 32, 34)), "AMT-009"}
REJECTS = {
    *(f"STR-{n:03}" for n in (1, 2, 3, 5, 6)),
    "PRS-001",
    *(f"VAL-{n:03}" for n in (*range(1, 10), 11, 12, 17, 19)),
    *(f"IDN-{n:03}" for n in (1, 2, 3, 4, 6, 8, 10, 11, 13)),
    *(f"CND-{n:03}" for n in (1, 3, 4, 5, 9, 15)),
    *(f"REF-{n:03}" for n in (3, 4, 5, 6, 7, 8)),
    *(f"TIM-{n:03}" for n in (1, 2, 3, 4, 5, 6, 12, 13, 29)),
    "AMT-006",
    "AMT-008",
}
STAGES = {"STR": 1, "PRS": 2, "VAL": 3, "IDN": 4, "CND": 5, "REF": 6, "TIM": 7, "AMT": 7}
VALUES, CONDITIONS = STAGES["VAL"], STAGES["CND"]
Finding = tuple[str, int, str, str, str]  # dataset, row, field, rule, severity


@dataclass(frozen=True)
class Fault:
    """A broken rule: the field it names, and all fields it read."""

    field: str
    rule_id: str
    reads: frozenset[str]
    of_a_field: bool

    @property
    def stage(self) -> int:
        """Earlier ones hide later ones."""
        return STAGES[self.rule_id[:3]]


@dataclass
class Places:
    """Where the rules look in a dataset."""

    of_a_field: list[tuple[str, values.Wrong, Field]] = dataclass_field(default_factory=list)
    of_many: list[tuple[str, Many, Roles]] = dataclass_field(default_factory=list)


# By the ids of contract and code lists, which are kept beside.
_known_places: dict[tuple[int, int], tuple[DatasetContract, Batch, Places]] = {}


@dataclass(frozen=True)
class Judgement:
    """What is found, and (accepted, rejected, held) of each dataset."""

    findings: set[Finding]
    split: dict[str, tuple[int, int, int]]


def judge(
    rows: Mapping[str, Sequence[Row]],
    release: Release,
    batch: Batch,
    store: Mapping[str, Sequence[Stored]] | None = None,
    assume_parents: bool = False,
) -> Judgement:
    """Judge a package record by record."""
    store = store or {}
    views = {name: [View(release.datasets[name], row, batch) for row in found] for name, found in rows.items()}
    family = Family(release, store, assume_parents)
    findings: set[Finding] = set()
    rejected: set[tuple[str, int]] = set()
    for name, records in views.items():
        among = Neighbours(records, store.get(name, ()))
        for view in records:
            family.note(family.sent, view)
            for fault in _standing(list(_faults(view, among)), view):
                severity = _severity(fault.rule_id, view.contract)
                findings.add((name, view.row["_row"], fault.field, fault.rule_id, severity))
                if severity == "reject":
                    rejected.add((name, view.row["_row"]))
    split = {name: _split(views[name], rejected, family) for name in _parents_first(views, release)}
    return Judgement(findings, split)


def _faults(view: View, among: Neighbours) -> Iterator[Fault]:
    for name in structure.unknown_fields(view):
        yield Fault(name, "STR-004", frozenset({name}), of_a_field=True)
    for rule_id, (name, broken) in structure.RULES.items():
        if broken(view):
            yield Fault(name, rule_id, frozenset({name}), of_a_field=True)
    places = _places(view.contract, view.batch)
    for rule_id, wrong, field in places.of_a_field:
        if wrong(view, field):
            yield Fault(field.name, rule_id, frozenset({field.name}), of_a_field=True)
    for rule_id, rule, roles in places.of_many:
        if rule.is_broken(Bound(view, roles)):
            yield Fault(roles[rule.at], rule_id, frozenset(roles.values()), of_a_field=False)
    for name, rule_id in references.faults(view, among):
        yield Fault(name, rule_id, frozenset({name}), of_a_field=True)


def _places(contract: DatasetContract, batch: Batch) -> Places:
    """Found once a dataset."""
    key = (id(contract), id(batch.lists))
    if key not in _known_places:
        _known_places[key] = (contract, batch, _find_places(contract, batch))
    return _known_places[key][2]


def _find_places(contract: DatasetContract, batch: Batch) -> Places:
    places = Places()
    for rule_id, (looks, wrong) in OF_A_FIELD.items():
        also = _named(contract, rule_id)
        fields = [field for field in contract.fields if looks(field, batch.lists) or field.name in also]
        places.of_a_field += [(rule_id, wrong, field) for field in fields]
    for rule_id, rule in OF_MANY.items():
        places.of_many += [(rule_id, rule, roles) for roles in rule.bindings(rule_id, contract)]
    return places


def _named(contract: DatasetContract, rule_id: str) -> set[str]:
    role = NAMED_AS.get(rule_id, "")
    return {use.fields[role] for use in contract.rules if use.rule_id == rule_id and role in use.fields}


def _standing(faults: list[Fault], view: View) -> Iterator[Fault]:
    """A fault of a field hides what later stages say of it; conditions do not hide each other."""
    if view.deletes:
        faults = [fault for fault in faults if fault.rule_id in OF_KEYS]
    left: list[Fault] = []
    for fault in sorted(faults, key=lambda one: one.stage):
        if not any(_hides(other, fault, view.contract) for other in left):
            left.append(fault)
    yield from left


def _hides(one: Fault, other: Fault, contract: DatasetContract) -> bool:
    strong = one.of_a_field and one.stage < CONDITIONS and _severity(one.rule_id, contract) == "reject"
    return strong and other.stage > VALUES and one.stage < min(other.stage, CONDITIONS) and one.field in other.reads


def _severity(rule_id: str, contract: DatasetContract) -> str:
    own = "reject" if rule_id in REJECTS else "alert" if rule_id in ALERTS else "query"
    return next((use.severity for use in contract.rules if use.rule_id == rule_id and use.severity), own)


def _parents_first(views: Mapping[str, object], release: Release) -> Iterator[str]:
    left = dict.fromkeys(views)
    while left:
        ready = [
            name
            for name in left
            if not any(p.dataset in left and p.dataset != name for p in release.datasets[name].parents)
        ]
        yield from ready
        left = dict.fromkeys(name for name in left if name not in ready)


def _split(views: Sequence[View], rejected: set[tuple[str, int]], family: Family) -> tuple[int, int, int]:
    ends: Counter[str] = Counter()
    taken = []
    for view in views:
        if (view.contract.dataset, view.row["_row"]) in rejected:
            ends["rejected"] += 1
        elif family.waits(view):
            ends["held"] += 1
        else:
            ends["accepted"] += 1
            taken.append(view)
    for view in taken:
        family.note(family.accepted, view)
    return ends["accepted"], ends["rejected"], ends["held"]
