"""Numbers for the element names of a file, for all tags of a stretch at once."""

import re
from typing import Any

import numpy as np

from ingest.readers.views import Indices, TextBuffer, Words

MAX_NAME = 64  # bytes
MAX_NAMES = 2_000  # different names in a file
_FORM = re.compile(rb"[A-Za-z_][A-Za-z0-9_.\-]*")
_WIDTH = MAX_NAME // 8  # words
_MIX = np.array([0x9E3779B97F4A7C15 + 2 * place for place in range(_WIDTH)], dtype=np.uint64)


class NameTable:
    """Names met so far; each has a number, from 0."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._numbers: dict[bytes, int] = {}
        self._words = np.zeros((0, _WIDTH), dtype=np.uint64)
        self._lengths = np.zeros(0, dtype=np.int64)
        self._hashes = np.zeros(0, dtype=np.uint64)  # sorted
        self._order = np.zeros(0, dtype=np.int64)  # number of each sorted hash

    def name(self, number: int) -> str:
        """The name of a number."""
        return self._names[number]

    def number(self, name: str) -> int:
        """The number of a name, which is entered where it is new."""
        raw = name.encode("ascii")
        if raw not in self._numbers:
            self._enter([raw])
        return self._numbers[raw]

    def numbers(self, buffer: TextBuffer, starts: Indices, lengths: Indices) -> Indices | None:
        """The number of each name; None where one is no plain ASCII name or there are too many.

        Hashes only find the candidate: every name is compared with it in full.
        """
        words = _words(buffer, starts, lengths)
        hashes = _hash(words, lengths)
        found = self._look_up(hashes)
        missing = np.flatnonzero(~self._same(found, words, lengths))
        if missing.size:
            _, first = np.unique(hashes[missing], return_index=True)
            new = {
                buffer.padded[starts[place] : starts[place] + lengths[place]] for place in missing[first].tolist()
            } - self._numbers.keys()
            if len(self._names) + len(new) > MAX_NAMES or not all(_FORM.fullmatch(name) for name in new):
                return None
            self._enter(sorted(new))
            found = self._look_up(hashes)
            if not self._same(found, words, lengths).all():
                return None
        return found

    def _look_up(self, hashes: Words) -> Indices:
        places = np.searchsorted(self._hashes, hashes)
        return self._order[np.minimum(places, len(self._order) - 1)]

    def _same(self, numbers: Indices, words: list[tuple[Any, Words]], lengths: Indices) -> Any:
        same = self._lengths[numbers] == lengths
        for place, (who, word) in enumerate(words):
            same[who] &= self._words[numbers[who], place] == word
        return same

    def _enter(self, names: list[bytes]) -> None:
        for name in names:
            self._numbers[name] = len(self._names)
            self._names.append(name.decode("ascii"))
        known = sorted(self._numbers, key=lambda name: self._numbers[name])
        buffer = TextBuffer(b"".join(known))
        self._lengths = np.array([len(name) for name in known], dtype=np.int64)
        words = _words(buffer, np.cumsum(self._lengths) - self._lengths, self._lengths)
        self._words = np.zeros((len(known), _WIDTH), dtype=np.uint64)
        for place, (who, word) in enumerate(words):
            self._words[who, place] = word
        hashes = _hash(words, self._lengths)
        self._order = np.argsort(hashes)
        self._hashes = hashes[self._order]


def _words(buffer: TextBuffer, starts: Indices, lengths: Indices) -> list[tuple[Any, Words]]:
    """The names in words of 8 bytes: who is that long, and the word of each of them."""
    words: list[tuple[Any, Words]] = [(slice(None), buffer.words(starts, lengths))]
    for place in range(1, -(-int(lengths.max()) // 8)):
        who = np.flatnonzero(lengths > 8 * place)
        words.append((who, buffer.words(starts[who] + 8 * place, lengths[who] - 8 * place)))
    return words


def _hash(words: list[tuple[Any, Words]], lengths: Indices) -> Words:
    hashes = lengths.astype(np.uint64)
    for place, (who, word) in enumerate(words):
        mixed = (hashes[who] ^ word) * _MIX[place]
        hashes[who] = mixed ^ (mixed >> np.uint64(29))
    return hashes
