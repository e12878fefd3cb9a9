"""What every reader is told about its file, and what every reader refuses alike."""

from dataclasses import dataclass

from exchange_hub.core.errors import Refusal
from ingest.names import printable

CHUNK = 20_000  # records a frame
MAX_COLUMNS = 2_000  # different field names in one file


@dataclass(frozen=True, slots=True)
class FileSpec:
    """One data file: its name in the package, the dataset it holds, its encoding as the manifest declares it."""

    name: str
    dataset: str
    encoding: str | None = None


def check_column(name: str, where: str) -> str:
    """The name, if it can be a column.

    Raises:
        Refusal: HEADER_INVALID for an empty name or one that starts with "_" (our own columns do).
    """
    if not name or name.isspace():
        raise header_invalid(where, "有空的字段名", "a field name is empty")
    if name.startswith("_"):
        raise header_invalid(
            where,
            f"字段名 {printable(name)} 以下划线开头，交换规范中没有这样的字段",
            f"field name {printable(name)} starts with an underscore; the spec has none such",
        )
    return name


def check_width(width: int, where: str) -> None:
    """Refuse a file with more different field names than any dataset has."""
    if width > MAX_COLUMNS:
        raise header_invalid(
            where, f"不同的字段名超过 {MAX_COLUMNS} 个", f"more than {MAX_COLUMNS} different field names"
        )


def header_invalid(where: str, zh: str, en: str) -> Refusal:
    """A HEADER_INVALID refusal."""
    return Refusal("HEADER_INVALID", f"字段名有误：{zh}", f"invalid field names: {en}", where)


def at_line(spec: FileSpec, line: int) -> str:
    """Place: file and line."""
    return f"{spec.name}:{line}"
