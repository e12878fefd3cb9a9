"""The tags of a file by number: each different tag is looked at once, then known by its category."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

MAX_NAME = 64  # characters
MAX_NAMES = 2_000  # different names in a file
MAX_TAGS = 3 * MAX_NAMES  # start tags, end tags, empty-element tags
_FORM = re.compile(r"(/?)([A-Za-z_][A-Za-z0-9_.\-]*)( ?/)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TagKinds:
    """Of each tag: the number of its name, and by how much the depth grows after it (-1, 0 or 1)."""

    names: Any
    steps: Any


class TagTable:
    """Tags met so far. Names have numbers from 0, the same for start tag, end tag and empty-element tag."""

    def __init__(self) -> None:
        self.dtype = pl.Categorical(pl.Categories.random())  # a file's tags are of no other's categories
        self.full = False  # too many tags were met: ask no more
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        self._tags: dict[str, tuple[int, int]] = {}  # number of the name, step

    def name(self, number: int) -> str:
        """The name of a number."""
        return self._names[number]

    def number(self, name: str) -> int:
        """The number of a name, which is entered where it is new."""
        if name not in self._numbers:
            self._numbers[name] = len(self._names)
            self._names.append(name)
        return self._numbers[name]

    def read(self, tags: pl.Series) -> TagKinds | None:
        """What the tags (of `dtype`, no null) are; None where one has no plain ASCII name or there are too many.

        Categories hold for this series only: polars forgets them with the last one that uses them.
        """
        categories = tags.to_physical().to_numpy()
        count = int(categories.max()) + 1
        self.full = count > MAX_TAGS
        if self.full:
            return None
        somewhere = np.full(count, -1, dtype=np.int64)
        somewhere[categories] = np.arange(len(categories))
        met = np.flatnonzero(somewhere >= 0)
        found = [self._look_at(text) for text in tags.gather(somewhere[met]).cast(pl.String)]
        kinds = np.zeros((2, count), dtype=np.int16)
        kinds[:, met] = np.array([kind or (0, 0) for kind in found], dtype=np.int16).T
        return None if None in found else TagKinds(kinds[0][categories], kinds[1].astype(np.int8)[categories])

    def _look_at(self, text: str) -> tuple[int, int] | None:
        if text not in self._tags:
            form = _FORM.fullmatch(text)
            if form is None or len(form[2]) > MAX_NAME or (form[1] and form[3]) or len(self._names) >= MAX_NAMES:
                return None
            self._tags[text] = self.number(form[2]), -1 if form[1] else 0 if form[3] else 1
        return self._tags[text]
