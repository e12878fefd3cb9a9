"""Differences between two versions of a code list."""

from collections.abc import Iterator, Mapping

from contracts.change import Change, ForWhom, Level
from contracts.model import CodeList, ListState

# What becomes of a value that the list does not hold.
_STRICTNESS = {ListState.OPEN: 0, ListState.PARTIAL: 1, ListState.CLOSED: 2}
_LEVEL = {ListState.OPEN: Level.COMPATIBLE, ListState.PARTIAL: Level.WARNING, ListState.CLOSED: Level.BREAKING}


def compare_lists(old: Mapping[str, CodeList], new: Mapping[str, CodeList]) -> Iterator[Change]:
    """Changes of the lists that both releases have; a list that comes or goes shows at the fields that use it."""
    for name in old.keys() & new.keys():
        yield from _changed(old[name], new[name])


def _changed(old: CodeList, new: CodeList) -> Iterator[Change]:
    def change(level: Level, zh: str, en: str, whom: ForWhom) -> Change:
        return Change(
            level, f"codelists/{new.name}", None, f"代码集 {new.name}：{zh}", f"code list {new.name}: {en}", whom
        )

    if old.state != new.state:
        tighter = _STRICTNESS[new.state] > _STRICTNESS[old.state]
        yield change(
            _LEVEL[new.state] if tighter else Level.COMPATIBLE,
            f"状态由 {old.state} 改为 {new.state}",
            f"state {old.state} became {new.state}",
            ForWhom.SENDERS,
        )
    if old.pattern != new.pattern and new.state is ListState.OPEN:
        yield change(
            Level.BREAKING if new.pattern else Level.COMPATIBLE,
            f"取值形式由 {old.pattern or '无'} 改为 {new.pattern or '无'}",
            f"form {old.pattern or 'none'} became {new.pattern or 'none'}",
            ForWhom.SENDERS,
        )
    before, after = ({code.code: code for code in codes.codes} for codes in (old, new))
    for value in after.keys() - before.keys():
        label = after[value].label_zh
        yield change(Level.COMPATIBLE, f"新增 {value}（{label}）", f"value {value} added", ForWhom.READERS)
    for value in before.keys() - after.keys():
        yield change(_LEVEL[new.state], f"取消 {value}", f"value {value} removed", ForWhom.SENDERS)
    for value in before.keys() & after.keys():
        was, now = before[value], after[value]
        if was.label_zh != now.label_zh:
            yield change(
                Level.WARNING,
                f"{value} 的含义由“{was.label_zh}”改为“{now.label_zh}”",
                f"meaning of {value} changed",
                ForWhom.EVERYONE,
            )
        if (was.since, was.until) != (now.since, now.until):
            yield change(_LEVEL[new.state], f"{value} 的有效期变更", f"validity of {value} changed", ForWhom.SENDERS)
