"""Differences between the rules that hold for two versions of a dataset.

Which rules hold is the validators' knowledge: many follow from the fields that a dataset has, not from its file. So
whoever compares passes in `Judged`; by default only the rules that the file names are compared.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from contracts.change import Aspect, Change, ForWhom, Level
from contracts.model import DatasetContract, Release


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A rule at one place of a dataset.

    `severity` is None where it is not known here. `by_field` rules follow from a single field's own description,
    whose changes are compared anyway. `demanded` are fields that must be given once others are (条件必填).
    """

    rule_id: str
    fields: Mapping[str, str]  # role -> field
    severity: str | None
    by_field: bool = False
    demanded: frozenset[str] = field(default_factory=frozenset)
    fault_zh: str = ""
    fault_en: str = ""

    @property
    def place(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What makes it the same rule at the same place in another release."""
        return self.rule_id, tuple(sorted(self.fields.items()))


Judged = Callable[[DatasetContract, Release], Iterable[HeldRule]]


def named_rules(contract: DatasetContract, _release: Release) -> Iterable[HeldRule]:
    """Only what the contract's file names; a severity that it does not set is not known."""
    return [HeldRule(use.rule_id, use.fields, use.severity) for use in contract.rules]


def compare_rules(
    old: tuple[DatasetContract, Release], new: tuple[DatasetContract, Release], judged: Judged
) -> Iterator[Change]:
    """Changes of the rules of a dataset that both releases have."""
    before, after = ({held.place: held for held in judged(*side)} for side in (old, new))
    known = set(old[0].field_names)
    for place in after.keys() - before.keys():
        if not after[place].by_field:
            yield from _place(_added(after[place], known), new[0], after[place])
    for place in before.keys() - after.keys():
        if not before[place].by_field:
            yield from _place(_removed(before[place]), new[0], before[place])
    for place in before.keys() & after.keys():
        if before[place].severity != after[place].severity:
            yield from _place(_graded(before[place], after[place]), new[0], after[place])


def _place(aspect: Aspect, contract: DatasetContract, held: HeldRule) -> Iterator[Change]:
    named = list(dict.fromkeys(held.fields.values()))
    zh = f"（{'、'.join(named)}）" if named else ""
    en = f" ({', '.join(named)})" if named else ""
    at = named[0] if len(named) == 1 and held.by_field else None
    said_zh = f"：{held.fault_zh}" if held.fault_zh else ""
    said_en = f": {held.fault_en}" if held.fault_en else ""
    yield Change(
        aspect.level,
        contract.dataset,
        at,
        f"{aspect.text_zh}{zh}{said_zh}",
        f"{aspect.text_en}{en}{said_en}",
        aspect.for_whom,
    )


def _added(held: HeldRule, known: set[str]) -> Aspect:
    """A rule over new fields alone, or one that is content while the new ones are empty, touches nobody yet."""
    zh, en = f"新增规则 {held.rule_id}（{_shown(held)}）", f"rule {held.rule_id} added ({_shown(held)})"
    fresh = set(held.fields.values()) - known
    if fresh and (fresh == set(held.fields.values()) or not fresh & held.demanded):
        return Aspect(Level.COMPATIBLE, ForWhom.SENDERS, zh, en)
    if fresh:
        zh, en = f"条件必填，{zh}", f"required by condition, {en}"
    return Aspect(_level(held.severity), ForWhom.SENDERS, zh, en)


def _removed(held: HeldRule) -> Aspect:
    """What the rule kept out may now stand in the warehouse."""
    level = Level.WARNING if held.severity in ("reject", None) else Level.COMPATIBLE
    return Aspect(level, ForWhom.READERS, f"取消规则 {held.rule_id}", f"rule {held.rule_id} removed")


def _graded(was: HeldRule, now: HeldRule) -> Aspect:
    zh = f"规则 {now.rule_id} 的级别由 {_shown(was)} 改为 {_shown(now)}"
    en = f"severity of rule {now.rule_id}: {_shown(was)} became {_shown(now)}"
    if was.severity == "reject":
        return Aspect(Level.WARNING, ForWhom.READERS, zh, en)
    return Aspect(_level(now.severity), ForWhom.SENDERS, zh, en)


def _level(severity: str | None) -> Level:
    """Only a rule that rejects breaks; a query or an alert is something to look at, so is what is not known."""
    return Level.BREAKING if severity == "reject" else Level.WARNING


def _shown(held: HeldRule) -> str:
    return held.severity or "default"
