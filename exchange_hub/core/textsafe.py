"""Texts from outside on their way into the database or a log."""


def storable(text: str, most: int) -> str:
    """At most `most` characters, without what PostgreSQL or UTF-8 cannot hold: each such character becomes a mark."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    return "".join("␀" if c == "\x00" else "�" if "\ud800" <= c <= "\udfff" else c for c in shown)
