"""Differences between two versions of a field.

The yardstick: may a value that the old field took be refused by the new one (senders), may a reader meet
something the old field ruled out (readers)?
"""

from collections.abc import Iterator, Mapping

from contracts.change import Change, ForWhom, Level
from contracts.model import CodeList, Field, ListState

_WIDEST = 10**9  # stands for "no bound"


def compare_fields(
    dataset: str, old: Mapping[str, Field], new: Mapping[str, Field], lists: Mapping[str, CodeList]
) -> Iterator[Change]:
    """Changes of a dataset's fields, in the new order; `lists` are the new release's."""
    for name, field in new.items():
        if name in old:
            yield from _changed(dataset, old[name], field, lists)
        elif field.required:
            yield Change(
                Level.BREAKING,
                dataset,
                name,
                f"新增必填字段 {name}（{field.label_zh}）",
                f"required field {name} added",
                ForWhom.SENDERS,
            )
        else:
            yield Change(
                Level.COMPATIBLE,
                dataset,
                name,
                f"新增可选字段 {name}（{field.label_zh}）",
                f"optional field {name} added",
                ForWhom.EVERYONE,
            )
    for name in old.keys() - new.keys():
        yield Change(Level.BREAKING, dataset, name, f"取消字段 {name}", f"field {name} removed", ForWhom.EVERYONE)


def _changed(dataset: str, old: Field, new: Field, lists: Mapping[str, CodeList]) -> Iterator[Change]:
    def change(level: Level, zh: str, en: str, whom: ForWhom) -> Change:
        return Change(level, dataset, new.name, f"{new.name}：{zh}", f"{new.name}: {en}", whom)

    if old.type != new.type:
        yield change(
            Level.BREAKING,
            f"类型由 {old.type} 改为 {new.type}",
            f"type {old.type} became {new.type}",
            ForWhom.EVERYONE,
        )
    if new.required and not old.required:
        yield change(Level.BREAKING, "由可选改为必填", "became required", ForWhom.SENDERS)
    if old.required and not new.required:
        yield change(Level.WARNING, "由必填改为可选，可能为空", "became optional, may be empty", ForWhom.READERS)
    if (level := _bounds(old, new)) is not None:
        words = {Level.BREAKING: ("收紧", "narrowed"), Level.WARNING: ("放宽", "widened")}[level]
        whom = ForWhom.SENDERS if level is Level.BREAKING else ForWhom.READERS
        yield change(
            level,
            f"长度{words[0]}：{_length(old)} → {_length(new)}",
            f"length {words[1]}: {_length(old)} to {_length(new)}",
            whom,
        )
    if old.code_list != new.code_list:
        yield change(
            _list_level(new, lists),
            f"代码集由 {old.code_list or '无'} 改为 {new.code_list or '无'}",
            f"code list {old.code_list or 'none'} became {new.code_list or 'none'}",
            ForWhom.EVERYONE,
        )
    for level, zh, en in _marks(old, new):
        yield change(level, zh, en, ForWhom.SENDERS)
    if old.personal != new.personal:
        yield change(
            Level.WARNING,
            f"个人信息类别由 {old.personal or '无'} 改为 {new.personal or '无'}",
            f"personal-data class {old.personal or 'none'} became {new.personal or 'none'}",
            ForWhom.READERS,
        )


def _bounds(old: Field, new: Field) -> Level | None:
    """Breaking where some value that fitted no longer fits; warning where only more fits; None where equal."""
    before, after = _extent(old), _extent(new)
    if before == after or old.type != new.type:
        return None
    narrower = after[0] > before[0] or any(a < b for a, b in zip(after[1:], before[1:], strict=True))
    return Level.BREAKING if narrower else Level.WARNING


def _extent(field: Field) -> tuple[int, int, int, int]:
    """Least length, greatest length, integer digits, decimal digits."""
    if field.exact_length is not None:
        return field.exact_length, field.exact_length, _WIDEST, _WIDEST
    if field.precision is not None and field.scale is not None:
        return 0, _WIDEST, field.precision - field.scale, field.scale
    return 0, field.max_length or _WIDEST, _WIDEST, _WIDEST


def _length(field: Field) -> str:
    if field.exact_length is not None:
        return f"={field.exact_length}"
    if field.precision is not None:
        return f"{field.precision},{field.scale}"
    return f"≤{field.max_length}" if field.max_length is not None else "∞"


def _list_level(new: Field, lists: Mapping[str, CodeList]) -> Level:
    """Level of a field's new list: what happens to a value that the list does not know."""
    if new.code_list is None:
        return Level.COMPATIBLE
    found = lists[new.code_list]
    if found.state is ListState.PARTIAL:
        return Level.WARNING
    return Level.BREAKING if found.state is ListState.CLOSED or found.pattern else Level.COMPATIBLE


def _marks(old: Field, new: Field) -> Iterator[tuple[Level, str, str]]:
    """Uniqueness, immutability, identifier, separator, the value that means "none"."""
    for before, after, zh, en in (
        (old.unique, new.unique, "唯一", "unique"),
        (old.immutable, new.immutable, "不可修改", "immutable"),
    ):
        if before != after:
            level = Level.BREAKING if after else Level.COMPATIBLE
            yield level, f"{'增加' if after else '取消'}“{zh}”要求", f"{'became' if after else 'is no longer'} {en}"
    if old.identifier != new.identifier:
        level = Level.BREAKING if new.identifier else Level.COMPATIBLE
        yield (
            level,
            f"标识类型由 {old.identifier or '无'} 改为 {new.identifier or '无'}",
            f"identifier {old.identifier or 'none'} became {new.identifier or 'none'}",
        )
    if old.separator != new.separator:
        yield Level.BREAKING, "多值分隔符变更", "separator of several values changed"
    if old.not_applicable != new.not_applicable:
        level = Level.BREAKING if old.not_applicable else Level.COMPATIBLE
        yield level, "“不适用”的写法变更", 'value that means "none" changed'
