"""Compare two releases of the spec: what changed, and whether it breaks those who do nothing about it.

Breaking for senders: a record that was accepted may be rejected or held. Breaking for readers: something they
read is gone or has another type. Labels, notes, sources and examples do not count.
"""

from collections.abc import Iterator, Mapping

from contracts.change import Change, ForWhom, Level
from contracts.comparefields import compare_fields
from contracts.comparelists import compare_lists
from contracts.model import DatasetContract, Release, RuleUse

__all__ = ["Change", "ForWhom", "Level", "diff"]

_RuleKey = tuple[str, tuple[tuple[str, str], ...]]


def diff(old: Release, new: Release) -> tuple[Change, ...]:
    """All changes from `old` to `new`, by dataset name, code lists last; breaking ones first within each."""
    changes = [*_datasets(old, new), *compare_lists(old.code_lists, new.code_lists)]
    rank = {Level.BREAKING: 0, Level.WARNING: 1, Level.COMPATIBLE: 2}
    return tuple(sorted(changes, key=lambda c: (c.dataset, rank[c.level], c.field or "", c.text_en)))


def _datasets(old: Release, new: Release) -> Iterator[Change]:
    for name in old.datasets.keys() - new.datasets.keys():
        yield Change(Level.BREAKING, name, None, f"取消数据集 {name}", f"dataset {name} removed", ForWhom.EVERYONE)
    for name, contract in new.datasets.items():
        before = old.datasets.get(name)
        if before is None:
            yield Change(
                Level.COMPATIBLE,
                name,
                None,
                f"新增数据集 {name}（{contract.label_zh}）",
                f"dataset {name} added",
                ForWhom.EVERYONE,
            )
            continue
        fields = [{field.name: field for field in each.fields} for each in (before, contract)]
        yield from compare_fields(name, fields[0], fields[1], new.code_lists)
        yield from _keys_and_parents(before, contract)
        yield from _rules(before, contract)


def _keys_and_parents(old: DatasetContract, new: DatasetContract) -> Iterator[Change]:
    if old.natural_key != new.natural_key:
        yield Change(
            Level.WARNING,
            new.dataset,
            None,
            f"业务主键由 {'、'.join(old.natural_key)} 改为 {'、'.join(new.natural_key)}",
            f"natural key {', '.join(old.natural_key)} became {', '.join(new.natural_key)}",
            ForWhom.EVERYONE,
        )
    for parent in set(new.parents) - set(old.parents):
        yield Change(
            Level.BREAKING,
            new.dataset,
            parent.field,
            f"新增上级 {parent.dataset}.{parent.parent_field}，未到之前本记录待定",
            f"parent {parent.dataset}.{parent.parent_field} added: the record is held until it is there",
            ForWhom.SENDERS,
        )
    for parent in set(old.parents) - set(new.parents):
        yield Change(
            Level.COMPATIBLE,
            new.dataset,
            parent.field,
            f"取消上级 {parent.dataset}.{parent.parent_field}",
            f"parent {parent.dataset}.{parent.parent_field} removed",
            ForWhom.SENDERS,
        )


def _rules(old: DatasetContract, new: DatasetContract) -> Iterator[Change]:
    """Rules named by the contract. None is the rule's own severity, which only the validators know: a warning."""
    before, after = _by_key(old.rules), _by_key(new.rules)

    def change(level: Level, zh: str, en: str) -> Change:
        return Change(level, new.dataset, None, zh, en, ForWhom.SENDERS)

    for key in after.keys() - before.keys():
        use = after[key]
        text = (f"新增规则 {use.rule_id}（{_severity(use)}）", f"rule {use.rule_id} added ({_severity(use)})")
        yield change(_rule_level(use), *text)
    for key in before.keys() - after.keys():
        rule_id = before[key].rule_id
        yield change(Level.COMPATIBLE, f"取消规则 {rule_id}", f"rule {rule_id} removed")
    for key in before.keys() & after.keys():
        was, now = before[key], after[key]
        if was.severity != now.severity:
            yield change(
                _rule_level(now),
                f"规则 {now.rule_id} 的级别由 {_severity(was)} 改为 {_severity(now)}",
                f"severity of rule {now.rule_id}: {_severity(was)} became {_severity(now)}",
            )


def _by_key(rules: tuple[RuleUse, ...]) -> Mapping[_RuleKey, RuleUse]:
    return {(use.rule_id, tuple(sorted(use.fields.items()))): use for use in rules}


def _severity(use: RuleUse) -> str:
    return use.severity or "default"


def _rule_level(use: RuleUse) -> Level:
    if use.severity is None:
        return Level.WARNING
    return Level.BREAKING if use.severity == "reject" else Level.COMPATIBLE
