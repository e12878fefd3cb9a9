"""Masking of personal values (个人信息) for reports, notices and logs."""

import re

# Standing alone in free text: 18-digit identity numbers, 15-digit ones, mobile phones, bank accounts, mail addresses.
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:[1-9]\d{16}[\dXx]|[1-9]\d{14}|1[3-9]\d{9}|[1-9]\d{15,18})(?![0-9A-Za-z])"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"
)


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
