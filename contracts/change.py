"""What may differ between two releases, in words that senders and readers of the data understand."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a change meets those who do nothing about it."""

    COMPATIBLE = "compatible"  # 兼容
    WARNING = "warning"  # 提示: works on, but look at it
    BREAKING = "breaking"  # 不兼容: what was accepted may be rejected, or what was read is gone


class ForWhom(StrEnum):
    """Who has to look at the change."""

    SENDERS = "senders"  # 交易平台
    READERS = "readers"  # 数据使用方
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    A code list stands as `codelists/<NAME>` in `dataset`; `field` is None where no one field is meant.
    """

    level: Level
    dataset: str
    field: str | None
    text_zh: str
    text_en: str
    for_whom: ForWhom
