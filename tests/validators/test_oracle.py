"""The engine against the independent oracle on a small invented release, and what must hold of every random package.

`test_oracle_release` does the first on the real contract. The oracle is in `tests/validators/oracle`.
"""

import random
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_hub.core.records import Validation
from tests.validators.oracle.compare import compared, context, frame, parts_of
from tests.validators.oracle.drawing import Drawing
from validators.chunked import together, validate_chunks
from validators.engine import validate
from validators.lookups import NothingStored

DATASETS = ("PROJECT", "SECTION", "NOTICE")
SEEDS = st.integers(0, 2**32)


def draw(bench: Any, seed: int, faulty: float) -> dict[str, pl.DataFrame]:
    """A random package as frames."""
    package = Drawing(bench.release, seed, faulty).package(DATASETS, 12)
    return {name: frame(rows) for name, rows in package.items()}


def run(bench: Any, frames: dict[str, pl.DataFrame], assume: bool = False) -> Validation:
    """Validate them with nothing stored."""
    return validate(frames, bench.release, NothingStored(), context(assume))


def assert_same(one: Validation, other: Validation) -> None:
    """Both found the same and decided the same of every record."""
    assert one.findings.equals(other.findings)
    for name in other.datasets:
        first, second = one.datasets[name], other.datasets[name]
        assert first.accepted.equals(second.accepted)
        assert first.rejected.equals(second.rejected)
        assert first.held.equals(second.held)
        assert (first.received, first.flagged) == (second.received, second.flagged)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, faulty=st.sampled_from([0.0, 0.05, 0.3, 1.0]), stored=st.booleans(), assume=st.booleans())
def test_engine_finds_what_the_oracle_finds(
    shared_bench: Any, seed: int, faulty: float, stored: bool, assume: bool
) -> None:
    drawing = Drawing(shared_bench.release, seed, faulty)

    compared(shared_bench.release, drawing, drawing.package(DATASETS, 12), stored, assume)


def test_codes_out_of_date_are_met(shared_bench: Any) -> None:
    drawing = Drawing(shared_bench.release, 3, 0.02)

    met = compared(shared_bench.release, drawing, drawing.package(["PROJECT"], 60, 60), stored=False, assume=False)

    assert met["VAL-017"] > 10


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, assume=st.booleans())
def test_every_record_ends_in_exactly_one_place(shared_bench: Any, seed: int, assume: bool) -> None:
    frames = draw(shared_bench, seed, 0.3)

    found = run(shared_bench, frames, assume)

    for dataset, rows in frames.items():
        result = found.datasets[dataset]
        places = [part["_row"].to_list() for part in (result.accepted, result.rejected, result.held)]
        assert sorted(place for part in places for place in part) == rows["_row"].to_list()
        assert result.received == rows.height
        assert result.flagged <= result.accepted.height


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, faulty=st.sampled_from([0.05, 0.3, 1.0]))
def test_a_large_batch_is_judged_as_a_small_one(shared_bench: Any, seed: int, faulty: float) -> None:
    frames = draw(shared_bench, seed, faulty)
    small = run(shared_bench, frames)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("validators.engine.STACKED_ROWS", -1)
        patch.setattr("validators.evaluate.CHUNK_ROWS", 5)
        large = run(shared_bench, frames)

    assert_same(large, small)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, faulty=st.sampled_from([0.0, 0.3, 1.0]), assume=st.booleans())
def test_chunks_are_judged_as_the_whole(shared_bench: Any, seed: int, faulty: float, assume: bool) -> None:
    frames = draw(shared_bench, seed, faulty)
    whole = run(shared_bench, frames, assume)

    chunks = {name: partial(rows.iter_slices, 3) for name, rows in frames.items()}
    parts = validate_chunks(chunks, shared_bench.release, NothingStored(), context(assume))

    assert_same(together(parts, shared_bench.release), whole)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_order_of_records_changes_nothing(shared_bench: Any, seed: int) -> None:
    frames = draw(shared_bench, seed, 0.3)
    mixed = {name: rows[random.Random(seed).sample(range(rows.height), rows.height)] for name, rows in frames.items()}

    one, other = run(shared_bench, frames), run(shared_bench, mixed)

    assert one.findings.equals(other.findings)
    assert parts_of(one) == parts_of(other)
