"""A clean sample in memory, made once."""

import pytest

from exchange_hub.sample.generate import Chunk, chunks, lines_of, release_of
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.vocabulary import Record


@pytest.fixture(scope="session")
def sample_chunks() -> list[Chunk]:
    """Chunks of 150 projects: they start on every day of the span, holidays are crossed."""
    options = SampleOptions(projects=150, seed=11)
    release = release_of(options)
    return list(chunks(options, release, lines_of(options, release)))


@pytest.fixture(scope="session")
def records(sample_chunks: list[Chunk]) -> dict[str, list[Record]]:
    """All records of these projects by dataset."""
    return {name: [record for chunk in sample_chunks for record in chunk[name]] for name in sample_chunks[0]}
