"""What would be right (应为何值), worked out from one wrong value: only what certainly follows from it is said."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime

from contracts.model import CodeList, Field
from exchange_hub.core.clock import SHANGHAI
from validators.rule import Hint

Right = Callable[[str], bool]
_DATE_PARTS = re.compile(r"\D*(\d{4})\D+(\d{1,2})\D+(\d{1,2})(?:\D+(\d{1,2})\D+(\d{1,2})(?:\D+(\d{1,2}))?)?\D*")
_MONEY = re.compile(r"[¥￥]?(-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+(?:\.[0-9]+)?)(万元|元|万|天|日|个月|%)?")
_YES_NO = {
    "是": "1",
    "否": "0",
    "Y": "1",
    "N": "0",
    "YES": "1",
    "NO": "0",
    "TRUE": "1",
    "FALSE": "0",
    "T": "1",
    "F": "0",
}


def halved(value: str) -> str:
    """Full-width characters made half-width, white space taken away."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", value))


def repaired(value: str, right: Right) -> str | None:
    """The value as it was probably meant: without blanks, half-width, in capitals; None where that is not right."""
    made = (value.strip(), halved(value), halved(value).upper())
    return next((text for text in made if text != value and right(text)), None)


def of_form(pattern: str) -> Hint:
    """Hint for a value, or a list of values, that should match an anchored pattern."""
    form = re.compile(pattern)

    def hint(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
        if field.separator is None:
            found = repaired(value, lambda text: form.search(text) is not None)
            return None if found is None else f"应为 {found}（半角、大写、无空格）"
        parts = [part for part in re.split(r"[;；,，、\s]+", value) if part]
        made = [part if form.search(part) else repaired(part, lambda t: form.search(t) is not None) for part in parts]
        whole = field.separator.join(part or "" for part in made)
        right = bool(made) and None not in made and whole != value
        return f"应为 {whole}（以半角分号分隔，末尾不加分号）" if right else None

    return hint


def of_moment(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
    """A moment or day written with separators, in its 14 or 8 digits; or why there is no such day."""
    text = unicodedata.normalize("NFKC", value).strip()
    digits = re.fullmatch(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?", text)
    found = digits or _DATE_PARTS.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups())
    width = 8 if field.type == "date" else 14
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:
        return f"{year}年{month}月没有{day}日，请核对" if _no_such_day(year, month, day) else None
    right = moment.strftime("%Y%m%d%H%M%S" if width == 14 else "%Y%m%d")
    told = found[4] is not None or width == 8
    return f"应写作 {right}" if told and right != value else None


def of_number(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
    """A number with thousands separators or a unit behind it."""
    found = _MONEY.fullmatch(halved(value))
    if found is None:
        return None
    number, unit = found[1].replace(",", ""), found[2]
    if field.type == "integer" and "." in number:
        return f"应为整数，不含小数：{number} 请取整"
    if unit in ("万元", "万"):
        return f"应只填数字 {number}，并在金额单位字段填 1（万元）；单位为元时应乘以10000"
    return None if number == value else f"应只填半角数字 {number}"


def of_boolean(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
    """A yes or no in words."""
    text = halved(value).upper()
    meant = _YES_NO.get(text, text if text in ("0", "1") else None)
    return None if meant is None else f"应为 {meant}（{'是' if meant == '1' else '否'}）"


def of_code(value: str, field: Field, lists: Mapping[str, CodeList]) -> str | None:
    """A code in wrong case or width, with a zero too many or too few, or its label instead of it."""
    known = lists.get(field.code_list or "")
    codes = {} if known is None else {code.code: code.label_zh for code in known.codes}
    text = halved(value)
    labels = {label: code for code, label in codes.items()}
    tried = (text, text.upper(), text.lower(), text.lstrip("0"), f"0{text}", labels.get(text, ""))
    right = next((code for code in tried if code in codes), None)
    return None if right is None or right == value else f"应为 {right}（{codes[right]}）"


def _no_such_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return 1 <= month <= 12 and 1 <= day <= 31
    return False
