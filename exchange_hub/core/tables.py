"""Tables for a person's terminal: wide Chinese characters count as two columns, nothing is ever cut."""

from collections.abc import Sequence
from unicodedata import east_asian_width


def table_lines(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a table, its head first; no lines where there are no rows."""
    if not rows:
        return []
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
