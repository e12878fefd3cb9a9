"""Values that carry several parts, for the words of one finding."""

import re
from collections.abc import Callable


def first_wrong(value: str, wrong: Callable[[str], bool]) -> str | None:
    """The first part of a `;` or `,` list for which `wrong` is true; None where there is none."""
    return next((part for part in re.split("[;,]", value) if wrong(part)), None)
