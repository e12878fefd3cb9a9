"""What a validation asked of the warehouse, and whether the answers are still the same (校验依据是否仍成立).

A validation depends on its frames and on these answers only: where they have not changed, it still holds, whatever
was loaded meanwhile.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from exchange_hub.core.ports import StoredRecords

MOST_VALUES = 50_000  # beyond that asking again costs as much as validating again: nothing is kept


@dataclass(slots=True)
class Asked:
    """Passes questions on to `stored` and notes them with a digest of each answer."""

    stored: StoredRecords
    questions: list[list[Any]] = field(default_factory=list)
    values: int = 0

    def current(self, dataset: str, keys: pl.Series, fields: Sequence[str]) -> pl.DataFrame:
        """See core.ports."""
        found = self.stored.current(dataset, keys, fields)
        self._note("current", [dataset, keys.to_list(), list(fields)], keys.len(), found)
        return found

    def holders(self, dataset: str, field: str, values: pl.Series) -> pl.DataFrame:
        """See core.ports."""
        found = self.stored.holders(dataset, field, values)
        self._note("holders", [dataset, field, values.to_list()], values.len(), found)
        return found

    def twins(self, dataset: str, values: pl.DataFrame) -> pl.DataFrame:
        """See core.ports."""
        found = self.stored.twins(dataset, values)
        self._note("twins", [dataset, values.to_dict(as_series=False)], values.height, found)
        return found

    def noted(self) -> list[list[Any]] | None:
        """All questions as plain data, for `still_true`; None where there were too many values."""
        return self.questions if self.values <= MOST_VALUES else None

    def _note(self, question: str, arguments: list[Any], values: int, answer: pl.DataFrame) -> None:
        self.values += values
        if self.values > MOST_VALUES:
            self.questions = []
        else:
            self.questions.append([question, arguments, _digest(answer)])


def still_true(questions: list[list[Any]], stored: StoredRecords) -> bool:
    """Are all answers what they were?"""
    return all(_digest(_ask(stored, question, arguments)) == digest for question, arguments, digest in questions)


def _ask(stored: StoredRecords, question: str, arguments: list[Any]) -> pl.DataFrame:
    if question == "current":
        dataset, keys, fields = arguments
        return stored.current(dataset, pl.Series(keys, dtype=pl.String), fields)
    if question == "holders":
        dataset, name, values = arguments
        return stored.holders(dataset, name, pl.Series(values, dtype=pl.String))
    dataset, columns = arguments
    return stored.twins(dataset, pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))


def _digest(answer: pl.DataFrame) -> str:
    rows = sorted(map(repr, answer.rows()))
    return hashlib.sha256("\n".join([repr(answer.columns), *rows]).encode()).hexdigest()
