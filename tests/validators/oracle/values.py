"""PRS and VAL: is a value there, can it be read, is it of the length and among the codes that the contract says?

Each entry: rule id -> (which fields it looks at, is the field's value wrong).
"""

import re
from collections.abc import Callable, Mapping

from contracts.model import CodeList, Field, FieldType, ListState
from tests.validators.oracle.view import TEXTS, WHITE, View, codes, listed

Lists = Mapping[str, CodeList]
Looks = Callable[[Field, Lists], bool]
Wrong = Callable[[View, Field], bool]

FIXED_FORM = {
    "project_code",
    "tender_project_code",
    "section_code",
    "unified_deal_code",
    "region_code",
    "social_credit_code",
    "person_id",
}
COUNTED = {"day", "month", "year", "byte", "pixel", "bit/s", "frame/s", "m2", "hectare", "t"}
NO_VALUE = {
    "无",
    "暂无",
    "没有",
    "待定",
    "待补充",
    "待填",
    "不详",
    "不知道",
    "未知",
    "测试",
    "测试数据",
    "样例",
    "null",
    "none",
    "nan",
    "nil",
    "n/a",
    "na",
    "test",
    "demo",
    "asdf",
    "qwerty",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
}
REPEATED_SIGNS = {"-": 1, "—": 1, "_": 1, "/": 1, "\\": 1, "*": 1, ".": 1, "。": 1, "、": 1, "?": 1, "？": 1}
REPEATED_SIGNS |= {"x": 2, "0": 1, "1": 4, "9": 3}  # character -> at least so many of it and nothing else


def _type(*types: FieldType) -> Looks:
    return lambda field, _: field.type in types


def _unreadable(read: Callable[[View, str], object]) -> Wrong:
    return lambda view, field: view.form(field) is not None and read(view, field.name) is None


def _measured(field: Field, lists: Lists) -> bool:
    closed = listed(field, lists, ListState.CLOSED) is not None
    return field.type in (*TEXTS, FieldType.INTEGER) and field.identifier not in FIXED_FORM and not closed


def _too_long(view: View, field: Field) -> bool:
    most = field.max_length or 0
    if field.type is FieldType.INTEGER:
        found = re.fullmatch("-?([0-9]+)", view.form(field) or "")
        return found is not None and len(found[1]) > most
    return view.any_part(field, lambda part: len(part) > most)


def _decimal(value: str | None) -> list[str] | None:
    """Digits before and after the point."""
    found = re.fullmatch(r"-?([0-9]+)(?:\.([0-9]+))?", value or "")
    return None if found is None else [found[1], found[2] or ""]


def _too_many_digits(view: View, field: Field) -> bool:
    digits = _decimal(view.form(field))
    if digits is None:
        return False
    scale = 6 if field.scale is None else min(field.scale, 6)
    whole = min((field.precision or 38) - (field.scale or 0), 32)
    return len(digits[0]) > whole or len(digits[1]) > scale


def _not_a_code(view: View, field: Field) -> bool:
    known = {code.code for code in view.batch.lists[field.code_list or ""].codes}
    return any(code not in known for code in codes(view, field))


def _not_of_the_form(view: View, field: Field) -> bool:
    pattern = view.batch.lists[field.code_list or ""].pattern
    return pattern is not None and any(
        not re.search(pattern.replace(r"\d", "[0-9]"), code) for code in codes(view, field)
    )


def _holds(bad: Callable[[str], bool]) -> Wrong:
    return lambda view, field: bad(view.form(field) or "")


def _control(text: str) -> bool:
    points = [ord(sign) for sign in text if sign not in "\t\n\r"]
    return any(point < 0x20 or 0x7F <= point <= 0x9F or point in (0xFFFE, 0xFFFF) for point in points)


def _placeholder(text: str) -> bool:
    word = text.strip("".join(WHITE)).lower()
    repeated = len(set(word)) == 1 and word[0] in REPEATED_SIGNS and len(word) >= REPEATED_SIGNS[word[0]]
    return word in NO_VALUE or repeated or re.fullmatch("test[0-9]+", word) is not None


def _wide_or_unseen(text: str) -> bool:
    wide = any(first <= sign <= last for sign in text for first, last in ("０９", "ＡＺ", "ａｚ"))
    unseen = {*range(0x200B, 0x2010), *range(0x2028, 0x202F), 0x2060, 0xFEFF}
    return wide or any(ord(sign) in unseen for sign in text)


def _blank_at_an_end(view: View, field: Field) -> bool:
    text = view.text(field.name)
    return text is not None and (text[0] in WHITE or text[-1] in WHITE)


def _markup(view: View, field: Field) -> bool:
    text = (view.form(field) or "").lower()
    if field.type is FieldType.TEXT:
        handler = any(re.search(r"\bon[a-z]+\s*=", tag) for tag in re.findall(r"<[^>]*", text))
        return handler or "javascript:" in text or re.search(r"<\s*(script|iframe|object|embed)\b", text) is not None
    entity = re.search(r"&(nbsp|lt|gt|amp|quot|#[0-9]+);", text)
    tag = re.search(r"</?[a-z][a-z0-9]*(\s[^<>]*)?/?>", text)
    return "<!--" in text or entity is not None or tag is not None


def _not_valid_then(view: View, field: Field) -> bool:
    occurred = view.contract.occurred_at
    day = (view.day(occurred) if occurred else None) or view.batch.received_at.date()
    value = view.form(field)
    found = [code for code in view.batch.lists[field.code_list or ""].codes if code.code == value]
    return any((code.since and day < code.since) or (code.until and day > code.until) for code in found)


def _dated(field: Field, lists: Lists) -> bool:
    found = lists.get(field.code_list or "")
    return found is not None and field.separator is None and any(code.since or code.until for code in found.codes)


def _garbled(text: str) -> bool:
    words = any(word in text for word in ("锟斤拷", "\ufffd", "烫烫烫", "屯屯屯"))
    utf8_as_latin = re.search("[åæç][\x80-\xbf\u2018-\u2030][^\x00-\x7f]", text)
    return words or utf8_as_latin is not None or (len(text) >= 3 and set(text) == {"?"})


def _negative(view: View, field: Field) -> bool:
    read = view.integer if field.type is FieldType.INTEGER else view.number
    found = read(field.name)
    return found is not None and found < 0


RULES: dict[str, tuple[Looks, Wrong]] = {
    "PRS-001": (lambda field, _: field.required, lambda view, field: view.text(field.name) is None),
    "VAL-001": (_type(FieldType.INTEGER), _unreadable(View.integer)),
    "VAL-002": (_type(FieldType.DECIMAL), _unreadable(lambda view, name: _decimal(view.text(name)))),
    "VAL-003": (_type(FieldType.DATETIME), _unreadable(View.moment)),
    "VAL-004": (
        _type(FieldType.DATE),
        _unreadable(lambda view, name: view.day(name) if len(view.text(name) or "") == 8 else None),
    ),
    "VAL-005": (_type(FieldType.BOOLEAN), _unreadable(View.flag)),
    "VAL-006": (
        lambda field, lists: field.exact_length is not None and _measured(field, lists),
        lambda view, field: view.any_part(field, lambda part: len(part) != field.exact_length),
    ),
    "VAL-007": (lambda field, lists: field.max_length is not None and _measured(field, lists), _too_long),
    "VAL-008": (_type(FieldType.DECIMAL), _too_many_digits),
    "VAL-009": (lambda field, lists: listed(field, lists, ListState.CLOSED) is not None, _not_a_code),
    "VAL-010": (lambda field, lists: listed(field, lists, ListState.PARTIAL) is not None, _not_a_code),
    "VAL-011": (lambda field, lists: listed(field, lists, ListState.OPEN) is not None, _not_of_the_form),
    "VAL-012": (_type(*TEXTS), _holds(_control)),
    "VAL-013": (
        lambda field, _: field.type is FieldType.STRING and field.required and field.code_list is None,
        lambda view, field: view.form(field) is not None and _placeholder(view.form(field) or ""),
    ),
    "VAL-014": (_type(FieldType.STRING), _holds(_wide_or_unseen)),
    "VAL-015": (_type(FieldType.STRING), _blank_at_an_end),
    "VAL-016": (_type(*TEXTS), _markup),
    "VAL-017": (_dated, _not_valid_then),
    "VAL-018": (_type(*TEXTS), _holds(_garbled)),
    "VAL-019": (
        lambda field, _: field.type in (FieldType.INTEGER, FieldType.DECIMAL) and field.unit in COUNTED,
        _negative,
    ),
}
