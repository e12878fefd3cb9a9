"""The site of the spec: complete, escaped, and readable from a disk without a network."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from contracts.model import Release
from contracts.publish import example
from contracts.publish.book import SpecBook
from contracts.publish.site import write_site
from exchange_hub.core.clock import SHANGHAI
from validators.engine import Context, validate
from validators.lookups import NothingStored


class Page(HTMLParser):
    """Collects what a page points at, its anchors, and its tags."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.tags: Counter[str] = Counter()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                self.anchors.add(value or "")


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def with_label(book: SpecBook, text: str) -> SpecBook:
    """A book of PROJECT alone, with a text in every place where a contract may hold one."""
    project = replace(book.release.datasets["PROJECT"], label_zh=text)
    first, *rest = project.fields
    project = replace(project, fields=(replace(first, label_zh=text, note=text, example=text), *rest))
    records = {"PROJECT": {first.name: text}}
    return replace(book, release=replace(book.release, datasets={"PROJECT": project}), records=records)


def test_every_dataset_and_code_list_has_its_page_and_files(site: Path, release: Release) -> None:
    found = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}

    kinds = ("xlsx", "xsd", "schema.json", "sample.xml", "sample.jsonl")
    assert found == {
        *("index.html", "rules.html", "changes.html", "site.css", "site.js", "search.js"),
        *(f"dataset/{name}.html" for name in release.datasets),
        *(f"codelists/{name}.html" for name in release.code_lists),
        *(f"files/{name}.{kind}" for name in release.datasets for kind in kinds),
    }


def test_every_link_leads_to_a_file_and_a_place_in_it(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), (path.name, link)
            assert not anchor or anchor in pages[target].anchors, (path.name, link)


def test_a_dataset_page_has_a_row_for_every_field_and_both_languages(
    pages: dict[Path, Page], site: Path, release: Release
) -> None:
    for name, contract in release.datasets.items():
        assert set(contract.field_names) <= pages[site / "dataset" / f"{name}.html"].anchors
    text = (site / "dataset" / "SECTION.html").read_text("utf-8")
    assert '<span lang="zh">必填</span> <span lang="en">required</span>' in text
    assert "20,6" in text


def test_rules_over_several_fields_stand_on_the_page_of_the_dataset(site: Path) -> None:
    text = (site / "dataset" / "SECTION.html").read_text("utf-8")

    assert '<a href="../rules.html#CND-004">CND-004</a>' in text
    assert "填写了金额 CONTRACT_RECKON_PRICE" in text


def test_the_search_index_knows_datasets_fields_lists_codes_and_rules(site: Path, release: Release) -> None:
    text = (site / "search.js").read_text("utf-8")

    entries = json.loads(text.removeprefix("window.SPEC_INDEX = ").rstrip(";\n"))

    kinds = Counter(entry[0] for entry in entries)
    assert kinds["dataset"] == len(release.datasets)
    assert kinds["field"] == sum(len(contract.fields) for contract in release.datasets.values())
    assert kinds["list"] == len(release.code_lists)
    assert kinds["code"] > 50
    assert ["field", "BID_ECTION_NUM", "标段（包）招标次数", "dataset/SECTION.html#BID_ECTION_NUM"] in [
        entry[:4] for entry in entries
    ]


def test_text_of_a_contract_is_escaped_everywhere(book: SpecBook, tmp_path: Path) -> None:
    evil = "</script><script>alert('&')</script>"

    write_site(with_label(book, evil), tmp_path)

    for path in (*tmp_path.rglob("*.html"), *tmp_path.rglob("*.js"), *tmp_path.rglob("*.xsd")):
        assert "<script>alert" not in path.read_text("utf-8"), path.name
    assert Page(tmp_path / "dataset" / "PROJECT.html").tags["script"] == 2


def test_writing_twice_gives_the_same_bytes(book: SpecBook, tmp_path: Path) -> None:
    small = with_label(book, "甲")

    write_site(small, tmp_path / "a")
    write_site(small, tmp_path / "b")

    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes(), path.name


def test_the_good_record_of_every_dataset_is_accepted(book: SpecBook) -> None:
    now = datetime(2026, 11, 24, tzinfo=SHANGHAI)
    for name, record in book.records.items():
        key = example.data_key(book.release.datasets[name])
        frame = pl.DataFrame([{"DATA_KEY": key, "DATA_TYPE": "1", **record}])
        context = Context(record.get("PLATFORM_CODE", ""), now, None, assume_parents=True)

        validation = validate({name: frame}, book.release, NothingStored(), context)

        rejected = validation.findings.filter(pl.col("severity") == "reject")
        assert rejected.is_empty(), rejected.select("dataset", "rule_id", "field", "message_zh").rows()
