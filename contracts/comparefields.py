"""Differences between two versions of a field.

The yardstick is that of `datacontract breaking`: what tightens breaks senders (a value that was taken may now be
refused), what loosens breaks readers (they may meet what the old field ruled out). Beyond it we look at what ODCS
has no word for: identifiers, units, code lists, personal data.
"""

from collections.abc import Callable, Iterator, Mapping

from contracts.change import Aspect, Change, ForWhom, Level
from contracts.model import CodeList, Field, FieldType, ListState

_WIDEST = 10**9  # stands for "no bound"
_TEXTS = (FieldType.STRING, FieldType.TEXT)
SENDERS, READERS, EVERYONE = ForWhom.SENDERS, ForWhom.READERS, ForWhom.EVERYONE


def compare_fields(
    dataset: str, old: Mapping[str, Field], new: Mapping[str, Field], lists: Mapping[str, CodeList]
) -> Iterator[Change]:
    """Changes of a dataset's fields, in the new order; `lists` are the new release's."""
    for name, field in new.items():
        if name not in old:
            yield _added(field).at(dataset, name)
            continue
        for aspect in _aspects(old[name], field, lists):
            yield aspect.at(dataset, name, f"{name}：", f"{name}: ")
    for name in old.keys() - new.keys():
        yield Change(Level.BREAKING, dataset, name, f"取消字段 {name}", f"field {name} removed", EVERYONE)


def _added(field: Field) -> Aspect:
    if field.required:
        zh, en = f"新增必填字段 {field.name}（{field.label_zh}）", f"required field {field.name} added"
        return Aspect(Level.BREAKING, SENDERS, zh, en)
    zh, en = f"新增可选字段 {field.name}（{field.label_zh}）", f"optional field {field.name} added"
    return Aspect(Level.COMPATIBLE, EVERYONE, zh, en)


def _aspects(old: Field, new: Field, lists: Mapping[str, CodeList]) -> Iterator[Aspect]:
    for look in _LOOKS:
        yield from look(old, new)
    if old.code_list != new.code_list:
        yield _list_change(old, new, lists)


def _type(old: Field, new: Field) -> Iterator[Aspect]:
    if _kind(old) != _kind(new):
        zh, en = f"类型由 {old.type} 改为 {new.type}", f"type {old.type} became {new.type}"
        yield Aspect(Level.BREAKING, EVERYONE, zh, en)


def _kind(field: Field) -> FieldType:
    """A text is a string without a bound: that difference is one of length."""
    return FieldType.STRING if field.type in _TEXTS else field.type


def _requiredness(old: Field, new: Field) -> Iterator[Aspect]:
    if new.required and not old.required:
        yield Aspect(Level.BREAKING, SENDERS, "由可选改为必填", "became required")
    if old.required and not new.required:
        yield Aspect(Level.BREAKING, READERS, "由必填改为可选，可能为空", "became optional, may be empty")


def _bounds(old: Field, new: Field) -> Iterator[Aspect]:
    if _kind(old) != _kind(new) or (before := _extent(old)) == (after := _extent(new)):
        return
    narrower = after[0] > before[0] or any(a < b for a, b in zip(after[1:], before[1:], strict=True))
    wider = after[0] < before[0] or any(a > b for a, b in zip(after[1:], before[1:], strict=True))
    whom = EVERYONE if narrower and wider else SENDERS if narrower else READERS
    zh, en = ("收紧", "narrowed") if narrower else ("放宽", "widened")
    lengths = _length(old), _length(new)
    yield Aspect(
        Level.BREAKING, whom, f"长度{zh}：{lengths[0]} → {lengths[1]}", f"length {en}: {lengths[0]} to {lengths[1]}"
    )


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


def _list_change(old: Field, new: Field, lists: Mapping[str, CodeList]) -> Aspect:
    """A field's new list, by what happens to a value that the list does not know."""
    zh = f"代码集由 {old.code_list or '无'} 改为 {new.code_list or '无'}"
    en = f"code list {old.code_list or 'none'} became {new.code_list or 'none'}"
    if new.code_list is None:
        return Aspect(Level.WARNING, READERS, zh, en)
    found = lists[new.code_list]
    if found.state is ListState.PARTIAL:
        return Aspect(Level.WARNING, EVERYONE, zh, en)
    refuses = found.state is ListState.CLOSED or found.pattern is not None
    return Aspect(Level.BREAKING if refuses else Level.WARNING, EVERYONE, zh, en)


def _flags(old: Field, new: Field) -> Iterator[Aspect]:
    """Uniqueness and immutability: given up, readers can no longer rely on them."""
    for before, after, zh, en in (
        (old.unique, new.unique, "唯一", "unique"),
        (old.immutable, new.immutable, "不可修改", "immutable"),
    ):
        if before != after:
            texts = f"{'增加' if after else '取消'}“{zh}”要求", f"{'became' if after else 'is no longer'} {en}"
            yield Aspect(Level.BREAKING, SENDERS if after else READERS, *texts)


def _identifier(old: Field, new: Field) -> Iterator[Aspect]:
    if old.identifier != new.identifier:
        zh = f"标识类型由 {old.identifier or '无'} 改为 {new.identifier or '无'}"
        en = f"identifier {old.identifier or 'none'} became {new.identifier or 'none'}"
        whom = EVERYONE if old.identifier and new.identifier else SENDERS if new.identifier else READERS
        yield Aspect(Level.BREAKING, whom, zh, en)
    if old.id_type_field != new.id_type_field:
        zh = f"证件类型字段由 {old.id_type_field or '无'} 改为 {new.id_type_field or '无'}"
        en = f"field of the document type {old.id_type_field or 'none'} became {new.id_type_field or 'none'}"
        yield Aspect(Level.WARNING, SENDERS, zh, en)


def _writing(old: Field, new: Field) -> Iterator[Aspect]:
    """Separator, the value that means "none", unit: the same characters now say something else."""
    if old.separator != new.separator:
        yield Aspect(Level.BREAKING, EVERYONE, "多值分隔符变更", "separator of several values changed")
    if old.not_applicable != new.not_applicable:
        whom = EVERYONE if old.not_applicable else READERS
        level = Level.BREAKING if old.not_applicable else Level.WARNING
        yield Aspect(level, whom, "“不适用”的写法变更", 'value that means "none" changed')
    if old.unit != new.unit:
        zh = f"单位由 {old.unit or '无'} 改为 {new.unit or '无'}"
        en = f"unit {old.unit or 'none'} became {new.unit or 'none'}"
        level = Level.BREAKING if old.unit and new.unit else Level.WARNING
        yield Aspect(level, EVERYONE, zh, en)


def _personal(old: Field, new: Field) -> Iterator[Aspect]:
    if old.personal != new.personal:
        zh = f"个人信息类别由 {old.personal or '无'} 改为 {new.personal or '无'}"
        en = f"personal-data class {old.personal or 'none'} became {new.personal or 'none'}"
        yield Aspect(Level.WARNING, READERS, zh, en)


_LOOKS: tuple[Callable[[Field, Field], Iterator[Aspect]], ...] = (
    _type,
    _requiredness,
    _bounds,
    _flags,
    _identifier,
    _writing,
    _personal,
)
