"""Masking of personal values (个人信息) for reports, notices and logs."""


def mask(value: str | None) -> str | None:
    """Keep at most the first 3 and the last 2 characters: 411023199001010015 -> 411*************15.

    Short values (up to 5 characters) keep only the first one. None stays None.
    """
    if value is None:
        return None
    if len(value) <= 5:
        return value[:1] + "*" * max(len(value) - 1, 1)
    return value[:3] + "*" * (len(value) - 5) + value[-2:]
