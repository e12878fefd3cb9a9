"""Cells of a CSV made no formula: Excel and others take a text that begins with = + - @ (or a tab) for one.

Such a cell gets an apostrophe before it; a plain negative number stays what it is.
"""

import re
from collections.abc import Iterable

_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
_NEGATIVE = re.compile(r"-[0-9]+(?:\.[0-9]+)?")


def harmless(cells: Iterable[str]) -> list[str]:
    """The cells of a row, none of them a formula."""
    return [f"'{cell}" if cell[:1] in _SIGNS and not _NEGATIVE.fullmatch(cell) else cell for cell in cells]
