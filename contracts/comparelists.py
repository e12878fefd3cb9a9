"""Differences between two versions of a code list."""

from collections.abc import Iterator, Mapping

from contracts.change import Aspect, Change, ForWhom, Level
from contracts.model import Code, CodeList, ListState

# What becomes of a value that the list does not hold.
_STRICTNESS = {ListState.OPEN: 0, ListState.PARTIAL: 1, ListState.CLOSED: 2}
_LEVEL = {ListState.OPEN: Level.COMPATIBLE, ListState.PARTIAL: Level.WARNING, ListState.CLOSED: Level.BREAKING}

_FEW = 20  # more new codes than that are told in one change


def compare_lists(old: Mapping[str, CodeList], new: Mapping[str, CodeList]) -> Iterator[Change]:
    """Changes of the lists that both releases have; a list that comes or goes shows at the fields that use it."""
    for name in old.keys() & new.keys():
        for aspect in (*_strictness(old[name], new[name]), *_values(old[name], new[name])):
            yield aspect.at(f"codelists/{name}", None, f"代码集 {name}：", f"code list {name}: ")


def _strictness(old: CodeList, new: CodeList) -> Iterator[Aspect]:
    if old.state != new.state:
        zh, en = f"状态由 {old.state} 改为 {new.state}", f"state {old.state} became {new.state}"
        if _STRICTNESS[new.state] > _STRICTNESS[old.state]:
            yield Aspect(_LEVEL[new.state], ForWhom.SENDERS, zh, en)
        else:
            yield Aspect(Level.WARNING, ForWhom.READERS, zh, en)
    if old.pattern != new.pattern and new.state is ListState.OPEN:
        zh = f"取值形式由 {old.pattern or '无'} 改为 {new.pattern or '无'}"
        en = f"form {old.pattern or 'none'} became {new.pattern or 'none'}"
        if new.pattern:
            yield Aspect(Level.BREAKING, ForWhom.SENDERS, zh, en)
        else:
            yield Aspect(Level.WARNING, ForWhom.READERS, zh, en)


def _values(old: CodeList, new: CodeList) -> Iterator[Aspect]:
    before, after = ({code.code: code for code in codes.codes} for codes in (old, new))
    added = [value for value in after if value not in before]
    if len(added) > _FEW:
        zh, en = (
            f"新增 {len(added)} 个代码（{added[0]} 至 {added[-1]}）",
            f"{len(added)} values added, {added[0]} to {added[-1]}",
        )
        yield Aspect(Level.WARNING, ForWhom.READERS, zh, en)
        added = []
    for value in added:
        zh, en = f"新增 {value}（{after[value].label_zh}）", f"value {value} added"
        yield Aspect(Level.WARNING, ForWhom.READERS, zh, en)
    for value in before.keys() - after.keys():
        yield Aspect(_LEVEL[new.state], ForWhom.SENDERS, f"取消 {value}", f"value {value} removed")
    for value in before.keys() & after.keys():
        yield from _value(before[value], after[value], new.state)


def _value(was: Code, now: Code, state: ListState) -> Iterator[Aspect]:
    if was.label_zh != now.label_zh:
        zh = f"{now.code} 的含义由“{was.label_zh}”改为“{now.label_zh}”"
        yield Aspect(Level.WARNING, ForWhom.EVERYONE, zh, f"meaning of {now.code} changed")
    if (was.since, was.until) != (now.since, now.until):
        zh, en = f"{now.code} 的有效期变更", f"validity of {now.code} changed"
        yield Aspect(_LEVEL[state], ForWhom.SENDERS, zh, en)
