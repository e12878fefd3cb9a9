"""A small batch made ready in few queries, however many datasets and fields it has.

A query costs a few microseconds for each operation in it, whatever the number of rows: for fifty records of thirteen
datasets that would be thousands of operations. So the values of all fields of a type, of all datasets, stand in one
column here (fields of different identifiers apart), and each question that rules ask of a value by itself is asked
once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import polars as pl

from contracts.model import Field, FieldType, Release
from exchange_hub.core.canonical import as_text, hash_texts, part
from exchange_hub.core.records import DATA_TYPE, Operation
from validators.alone import TEXT_OF_VALUE, TYPE_OF_VALUE
from validators.checks import DELETED, text_column
from validators.evaluate import plan_of
from validators.hits import Hits
from validators.parse import DTYPES, present, typed
from validators.plan import Plan
from validators.prepare import ENVELOPE_TEXTS, Prepared, completed, unknown_columns
from validators.rule import Context

STACKED_ROWS = 1_000  # beyond that, asking every value every question costs more than it saves
_CANONICAL = "\0canonical"
_TEXT = present(pl.col(TEXT_OF_VALUE)).alias(TEXT_OF_VALUE)
Place = tuple[str, str]  # dataset, field
Kind = tuple[FieldType, str | None, str | None]  # type, identifier, separator: who is asked the same dear questions


def _kind(one: Field) -> Kind:
    return FieldType.STRING if one.type is FieldType.TEXT else one.type, one.identifier, one.separator


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is asked of one kind of fields; made once for the same datasets.

    The last of the questions have a screen, and are asked only where a value has it: `plain` is without them.
    """

    keys: tuple[bytes, ...]
    value: pl.Expr
    asked: tuple[pl.Expr, ...]
    plain: tuple[pl.Expr, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    breaks: pl.Expr
    screen: str | None


@lru_cache(maxsize=128)
def _questions(plans: tuple[Plan, ...]) -> dict[Kind, _Questions]:
    """By kind of fields, each different question of these plans."""
    found: dict[Kind, dict[bytes, _Question]] = {(kind, None, None): {} for kind in DTYPES}
    for plan in plans:
        for one in plan.contract_fields:
            found.setdefault(_kind(one), {})
        for number, alone in plan.alone.items():
            check = plan.checks[number]
            question = _Question(alone.breaks, check.rule.screen)
            found.setdefault(_kind(check.field), {}).setdefault(alone.key, question)
    return {kind: _asked(kind[0], questions) for kind, questions in found.items()}


def _asked(field_type: FieldType, questions: Mapping[bytes, _Question]) -> _Questions:
    value = pl.when(~pl.col(DELETED)).then(typed(pl.col(TEXT_OF_VALUE), field_type)).alias(TYPE_OF_VALUE)
    canonical = part(as_text(TYPE_OF_VALUE, DTYPES[field_type])).alias(_CANONICAL)
    ordered = sorted(questions, key=lambda key: questions[key].screen is not None)
    answers = (questions[key].breaks.fill_null(False).alias(f"{number}") for number, key in enumerate(ordered))
    asked = (pl.col(TEXT_OF_VALUE), pl.col(TYPE_OF_VALUE), canonical, *answers)
    screened = sum(one.screen is not None for one in questions.values())
    return _Questions(tuple(ordered), value, asked, asked[: len(asked) - screened])


@dataclass(slots=True)
class _Stack:
    """Values of all fields of one kind: of which field each piece is, and where it begins."""

    type: FieldType
    places: list[Place] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    raw: list[pl.Series] = field(default_factory=list)
    gone: list[pl.Series] = field(default_factory=list)
    height: int = 0
    answers: pl.DataFrame = field(default_factory=pl.DataFrame)

    def add(self, place: Place, values: pl.Series, gone: pl.Series) -> None:
        """Put a field's values on top."""
        self.places.append(place)
        self.begins.append(self.height)
        self.raw.append(values)
        self.gone.append(gone)
        self.height += values.len()

    def query(self, questions: _Questions, same: Sequence[pl.Series], suspect: bool) -> pl.LazyFrame:
        """Text, typed value, canonical text, then one boolean column a question; all questions of a suspect only."""
        stacked = [pl.concat(self.raw).alias(TEXT_OF_VALUE), pl.concat(self.gone).alias(DELETED)]
        rows = pl.DataFrame([*stacked, *(one.new_from_index(0, self.height) for one in same)])
        return (
            rows.lazy()
            .with_columns(_TEXT)
            .with_columns(questions.value)
            .select(questions.asked if suspect else questions.plain)
        )


@dataclass(frozen=True, slots=True)
class Ready:
    """A dataset made ready, its plan, and what the checks on single values found (None: not asked yet)."""

    prepared: Prepared
    plan: Plan
    hits: Hits | None


def make_ready(
    frames: Mapping[str, pl.DataFrame], release: Release, context: Context, same: Sequence[pl.Series]
) -> dict[str, Ready]:
    """Prepare all datasets of a small batch and ask the rules on single values.

    Args:
        same: one value each of the columns that are the same for all records.
    """
    received = {name: completed(frame, release.datasets[name]) for name, frame in frames.items()}
    plans = {name: plan_of(release.datasets[name], unknown_columns(frame, release.datasets[name]), release, context)
             for name, frame in frames.items()}  # fmt: skip
    gone = {name: _deleted(frame) for name, frame in received.items()}
    stacks: dict[Kind, _Stack] = {}
    for name, frame in received.items():
        for field_name, kind in _columns(name, frame, release):
            stacks.setdefault(kind, _Stack(kind[0])).add((name, field_name), frame.get_column(field_name), gone[name])
    questions = _questions(tuple(plans.values()))
    suspects = _suspects(stacks, plans)
    queries = [stack.query(questions[kind], same, kind in suspects) for kind, stack in stacks.items()]
    for stack, answers in zip(stacks.values(), pl.collect_all(queries), strict=True):
        stack.answers = answers
    hits = _hits(stacks, questions, plans)
    columns = _columns_of(stacks)
    return {
        name: Ready(_prepared(name, received[name], gone[name], columns, release), plans[name], hits.get(name, {}))
        for name in frames
    }


def _deleted(frame: pl.DataFrame) -> pl.Series:
    return pl.Series(
        DELETED, [text == Operation.DELETE.value for text in frame.get_column(DATA_TYPE)], dtype=pl.Boolean
    )


def _columns(dataset: str, frame: pl.DataFrame, release: Release) -> list[tuple[str, Kind]]:
    contract = release.datasets[dataset]
    texts = [*ENVELOPE_TEXTS, *unknown_columns(frame, contract)]
    return [*((name, (FieldType.STRING, None, None)) for name in texts), *((f.name, _kind(f)) for f in contract.fields)]


def _suspects(stacks: Mapping[Kind, _Stack], plans: Mapping[str, Plan]) -> set[Kind]:
    """Kinds of fields among whose values one has a screen of its field; same screens are looked for together."""
    alike: dict[str, list[tuple[Kind, pl.Series]]] = {}
    for kind, stack in stacks.items():
        for (dataset, name), values in zip(stack.places, stack.raw, strict=True):
            if name in plans[dataset].patterns:
                alike.setdefault(plans[dataset].patterns[name], []).append((kind, values))
    found: set[Kind] = set()
    for pattern, columns in alike.items():
        if pl.concat([values for _, values in columns]).str.contains(pattern).any():
            found.update(kind for kind, values in columns if values.str.contains(pattern).any())
    return found


def _hits(
    stacks: Mapping[Kind, _Stack],
    questions: Mapping[Kind, _Questions],
    plans: Mapping[str, Plan],
) -> dict[str, Hits]:
    """Rows by dataset and check; an answer about a field whose contract does not ask it is left out."""
    hits: dict[str, Hits] = {}
    for kind, stack in stacks.items():
        begins, there = np.array(stack.begins), set(stack.answers.columns)
        for number, key in enumerate(questions[kind].keys):
            mask = stack.answers.get_column(f"{number}") if f"{number}" in there else None
            if mask is None or not mask.any():
                continue
            rows = np.flatnonzero(mask.to_numpy())
            pieces = np.searchsorted(begins, rows, side="right") - 1
            for piece in np.unique(pieces).tolist():
                dataset, field_name = stack.places[piece]
                check = plans[dataset].asking.get((field_name, key))
                if check is not None:
                    hits.setdefault(dataset, {})[check] = rows[pieces == piece] - stack.begins[piece]
    return hits


def _columns_of(stacks: Mapping[Kind, _Stack]) -> dict[Place, tuple[pl.Series, pl.Series, list[str]]]:
    """Text, typed value and canonical text of each field."""
    columns = {}
    for stack in stacks.values():
        text, value = (stack.answers.get_column(name) for name in (TEXT_OF_VALUE, TYPE_OF_VALUE))
        canonical = stack.answers.get_column(_CANONICAL).to_list()
        ends = [*stack.begins[1:], stack.height]
        for place, begin, end in zip(stack.places, stack.begins, ends, strict=True):
            size = end - begin
            columns[place] = (text.slice(begin, size), value.slice(begin, size), canonical[begin:end])
    return columns


def _prepared(
    name: str,
    received: pl.DataFrame,
    gone: pl.Series,
    columns: Mapping[Place, tuple[pl.Series, pl.Series, list[str]]],
    release: Release,
) -> Prepared:
    contract = release.datasets[name]
    unknown = unknown_columns(received, contract)
    texts = (*ENVELOPE_TEXTS, *contract.field_names, *unknown)
    parts = zip(*(columns[name, field][2] for field in contract.field_names), strict=True)
    base = pl.DataFrame(
        [
            *(columns[name, field][0].alias(text_column(field)) for field in texts),
            gone,
            *(columns[name, field][1].alias(field) for field in contract.field_names),
            hash_texts(pl.Series(["".join(record) for record in parts], dtype=pl.String)),
        ]
    )
    return Prepared(contract, received, base, unknown)
