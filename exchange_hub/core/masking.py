"""Masking of personal values (个人信息) for reports, notices and logs."""

import re

from exchange_hub.core.check_digits import person_id_check

# 18-digit identity number (公民身份号码), its check character not looked at.
PERSON_FORM = r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
_PERSON_FOUND = re.compile(rf"(?<![0-9A-Za-z\-]){PERSON_FORM}(?![0-9A-Za-z\-])")
_MOBILE_FOUND = re.compile(r"(?<![0-9A-Za-z\-])1[3-9][0-9]{9}(?![0-9A-Za-z\-])")

# Standing alone in free text: 18-digit identity numbers, 15-digit ones, mobile phones, bank accounts, mail addresses.
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:[1-9]\d{16}[\dXx]|[1-9]\d{14}|1[3-9]\d{9}|[1-9]\d{15,18})(?![0-9A-Za-z])"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
)


_NAMES = re.compile(r"[^\s;,、，；/|()（）]+")  # names in a field that may hold several


def mask_personal(value: str | None, personal: str | None) -> str | None:
    """A value as its class of personal data (contracts.model.Field.personal) is shown: names by `mask_names`."""
    return mask_names(value) if personal == "name" else mask(value)


def mask_names(value: str | None) -> str | None:
    """Keep the first character of each name: 李明；王小红 -> 李*；王**. None stays None."""
    if value is None:
        return None
    return _NAMES.sub(lambda found: found.group()[:1] + "*" * (len(found.group()) - 1 or 1), value)


def mask(value: str | None) -> str | None:
    """Keep at most the first 3 and the last 2 characters: 411023199001010015 -> 411*************15.

    Short values (up to 5 characters) keep only the first one. None stays None.
    """
    if value is None:
        return None
    if len(value) <= 5:
        return value[:1] + "*" * max(len(value) - 1, 1)
    return value[:3] + "*" * (len(value) - 5) + value[-2:]


def mask_text(text: str) -> str:
    """Free text with every identity number, phone, bank account and mail address in it masked.

    Codes of the spec are left alone: they are longer, shorter, or hold letters.
    """
    return _PERSONAL.sub(lambda found: mask(found.group()) or "", text)


def without_numbers(text: str) -> str:
    """The text with identity numbers (by their check character) and mobile numbers starred, whatever else it holds."""
    return _MOBILE_FOUND.sub(lambda found: mask(found[0]) or "", _PERSON_FOUND.sub(_starred, text))


def _starred(found: re.Match[str]) -> str:
    number = found[0].upper()
    return (mask(found[0]) or "") if person_id_check(number[:17]) == number[17] else found[0]
