"""Compare two releases of the spec: what changed, and whether it breaks those who do nothing about it.

Breaking for senders: a record that was accepted may be rejected or held. Breaking for readers of the warehouse:
something they rely on is gone, or they may meet what the old release ruled out. Labels, notes, sources and examples
do not count. Where `datacontract breaking` has an opinion we agree: its producer is our sender, its consumer our
reader. One exception: an optional field or a dataset that is added breaks no sender, since the hub makes the column.
"""

from collections.abc import Iterable, Iterator

from contracts.change import Change, ForWhom, Level
from contracts.comparefields import compare_fields
from contracts.comparelists import compare_lists
from contracts.comparerules import HeldRule, Judged, compare_rules, named_rules
from contracts.model import DatasetContract, Parent, Release

__all__ = ["Change", "ForWhom", "HeldRule", "Judged", "Level", "breaks", "diff"]

_RANK = {Level.BREAKING: 0, Level.WARNING: 1, Level.COMPATIBLE: 2}


def diff(old: Release, new: Release, judged: Judged = named_rules) -> tuple[Change, ...]:
    """All changes from `old` to `new`, by dataset name, code lists last; breaking ones first within each.

    Args:
        judged: which rules hold for a dataset of a release; by default those that its file names.
    """
    changes = [*_datasets(old, new, judged), *compare_lists(old.code_lists, new.code_lists)]
    return tuple(sorted(changes, key=lambda c: (c.dataset, _RANK[c.level], c.field or "", c.text_en)))


def breaks(changes: Iterable[Change], whom: ForWhom) -> bool:
    """Does any of the changes break these (senders or readers)?"""
    return any(change.breaks(whom) for change in changes)


def _datasets(old: Release, new: Release, judged: Judged) -> Iterator[Change]:
    for name in old.datasets.keys() - new.datasets.keys():
        yield Change(Level.BREAKING, name, None, f"取消数据集 {name}", f"dataset {name} removed", ForWhom.EVERYONE)
    for name, contract in new.datasets.items():
        before = old.datasets.get(name)
        if before is None:
            zh, en = f"新增数据集 {name}（{contract.label_zh}）", f"dataset {name} added"
            yield Change(Level.COMPATIBLE, name, None, zh, en, ForWhom.EVERYONE)
            continue
        fields = [{field.name: field for field in each.fields} for each in (before, contract)]
        yield from compare_fields(name, fields[0], fields[1], new.code_lists)
        yield from _whole(before, contract)
        yield from _parents(before, contract)
        yield from compare_rules((before, old), (contract, new), judged)


def _whole(old: DatasetContract, new: DatasetContract) -> Iterator[Change]:
    """What holds for the dataset: natural key, stage, the field that dates its events."""
    for zh, en, before, after, whom in (
        ("业务主键", "natural key", "、".join(old.natural_key), "、".join(new.natural_key), ForWhom.EVERYONE),
        ("阶段", "stage", old.stage, new.stage, ForWhom.READERS),
        ("发生时间字段", "field of the event's time", old.occurred_at, new.occurred_at, ForWhom.READERS),
    ):
        if before != after:
            texts = f"{zh}由 {before or '无'} 改为 {after or '无'}", f"{en} {before or 'none'} became {after or 'none'}"
            yield Change(Level.WARNING, new.dataset, None, *texts, whom)


def _parents(old: DatasetContract, new: DatasetContract) -> Iterator[Change]:
    def change(level: Level, parent: Parent, zh: str, en: str, whom: ForWhom) -> Change:
        target = f"{parent.dataset}.{parent.parent_field}"
        return Change(level, new.dataset, parent.field, zh.format(target), en.format(target), whom)

    known = set(old.field_names)
    for parent in set(new.parents) - set(old.parents):
        if parent.field in known:
            text = ("新增上级 {}，未到之前本记录待定", "parent {} added: the record is held until it is there")
            yield change(Level.BREAKING, parent, *text, ForWhom.SENDERS)
        else:
            yield change(Level.COMPATIBLE, parent, "新字段的上级 {}", "parent {} of a new field", ForWhom.SENDERS)
    for parent in set(old.parents) - set(new.parents):
        text = ("取消上级 {}，上级可能不存在", "parent {} removed: it may not be there")
        yield change(Level.WARNING, parent, *text, ForWhom.READERS)
