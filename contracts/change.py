"""What may differ between two releases, in words that senders and readers of the data understand."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a change meets those who do nothing about it."""

    COMPATIBLE = "compatible"  # 兼容
    WARNING = "warning"  # 兼容但须注意: works on, but look at it
    BREAKING = "breaking"  # 不兼容: what was accepted may be rejected, or what was relied on is gone


class ForWhom(StrEnum):
    """Who has to look at the change."""

    SENDERS = "senders"  # 交易平台
    READERS = "readers"  # 数据使用方: whoever reads the warehouse
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

    def breaks(self, whom: ForWhom) -> bool:
        """Does it break these (senders or readers) who do nothing about it?"""
        return self.level is Level.BREAKING and self.for_whom in (whom, ForWhom.EVERYONE)


@dataclass(frozen=True, slots=True)
class Aspect:
    """One difference of a thing whose place is known by its caller."""

    level: Level
    for_whom: ForWhom
    text_zh: str
    text_en: str

    def at(self, dataset: str, field: str | None, zh: str = "", en: str = "") -> Change:
        """The change at its place, with a head before the texts."""
        return Change(self.level, dataset, field, zh + self.text_zh, en + self.text_en, self.for_whom)
