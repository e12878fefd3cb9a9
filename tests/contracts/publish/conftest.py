"""The newest active release as a book, and its site on disk."""

from pathlib import Path

import pytest

from contracts.loader import load_release
from contracts.model import Release
from contracts.publish.book import SpecBook
from contracts.publish.site import write_site
from exchange_hub.flows.specbook import spec_book

VERSION = "2.0.0"


@pytest.fixture(scope="session")
def release() -> Release:
    return load_release(VERSION)


@pytest.fixture(scope="session")
def book() -> SpecBook:
    return spec_book(VERSION)


@pytest.fixture(scope="session")
def site(book: SpecBook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spec") / "site"
    write_site(book, folder)
    return folder
