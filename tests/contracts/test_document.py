"""Contracts written for people: complete, escaped, and readable without a network."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from contracts.document import show, write_docs
from contracts.loader import load_release
from contracts.model import Release


class Links(HTMLParser):
    """Collects what a page points at or would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


def with_label(release: Release, text: str) -> Release:
    project = replace(release.datasets["PROJECT"], label_zh=text)
    first, *rest = project.fields
    project = replace(project, fields=(replace(first, label_zh=text, note=text, example=text), *rest))
    return replace(release, datasets={"PROJECT": project})


def test_show_has_one_row_for_every_field_chinese_first() -> None:
    contract = load_release("2.0.0").datasets["SECTION"]

    text = show(contract)

    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert [row.split(" | ")[1] for row in rows] == list(contract.field_names)
    assert text.startswith("# 标段(包) SECTION")
    assert "| 标段（包）编号 | BID_SECTION_CODE | 字符 string | =23 | 是 yes |" in text
    assert "20,6" in text


def test_show_keeps_its_table_when_a_text_holds_a_bar() -> None:
    release = with_label(load_release("2.0.0"), "甲|乙")

    assert "| 甲\\|乙 | PROJECT_CODE |" in show(release.datasets["PROJECT"])


def test_every_dataset_and_code_list_has_a_page_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    release = load_release("2.0.0")

    write_docs(release, tmp_path / "docs")

    pages = {path.relative_to(tmp_path / "docs").as_posix() for path in (tmp_path / "docs").rglob("*.html")}
    lists = {f"codelists/{name}.html" for name in release.code_lists}
    assert pages == {"index.html"} | {f"{name}.html" for name in release.datasets} | lists
    for page in pages:
        path = tmp_path / "docs" / page
        for link in Links(path.read_text("utf-8")).found:
            assert (path.parent / link).is_file(), (page, link)


def test_pages_load_nothing_and_run_nothing(tmp_path: Path) -> None:
    write_docs(load_release("2.0.0"), tmp_path)

    for path in tmp_path.rglob("*.html"):
        assert not Links(path.read_text("utf-8")).tags & {"script", "img", "link", "iframe"}


def test_text_of_a_contract_is_escaped(tmp_path: Path) -> None:
    evil = "<script>alert('&')</script>"

    write_docs(with_label(load_release("2.0.0"), evil), tmp_path)

    text = (tmp_path / "PROJECT.html").read_text("utf-8")
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;") >= 4


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    release = load_release("2.0.0")

    write_docs(release, tmp_path / "a")
    write_docs(release, tmp_path / "b")

    for path in (tmp_path / "a").rglob("*.html"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
