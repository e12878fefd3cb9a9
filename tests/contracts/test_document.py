"""A contract on the terminal: one row a field, Chinese first."""

from dataclasses import replace

from contracts.document import show
from contracts.loader import load_release
from contracts.model import Release


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
