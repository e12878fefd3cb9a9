"""The spec as a browsable site: plain files that open from a disk, search included, Chinese and English.

Nothing is loaded from a network and the same book always gives the same bytes.
"""

import json
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from contracts import wording
from contracts.model import DatasetContract
from contracts.publish import example
from contracts.publish.book import SpecBook
from contracts.publish.json_schema import json_schema
from contracts.publish.search import search_index
from contracts.publish.workbook import write_template
from contracts.publish.xsd import xsd

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_ASSETS = ("site.css", "site.js")
_FOLDERS = ("dataset", "codelists", "files")


def write_site(book: SpecBook, folder: Path) -> None:
    """Write the site into `folder`, which is made where it is missing: index.html, changes.html, rules.html, a page a
    dataset (`dataset/`) and a code list (`codelists/`), and what developers build against (`files/`).

    Raises:
        OSError: the folder cannot be written.
    """
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in _ASSETS:
        _write(folder / name, (_TEMPLATES / name).read_text("utf-8"))
    _write(folder / "search.js", f"window.SPEC_INDEX = {_script(search_index(book))};\n")
    for page in ("index", "changes", "rules"):
        _write(folder / f"{page}.html", _render(f"{page}.html.j2", "", book=book, groups=_groups(book)))
    for contract in book.release.datasets.values():
        _dataset(book, contract, folder)
    for name, found in book.release.code_lists.items():
        page = _render("codelist.html.j2", "../", book=book, found=found, users=_users(book, name))
        _write(folder / "codelists" / f"{name}.html", page)


def _dataset(book: SpecBook, contract: DatasetContract, folder: Path) -> None:
    """A dataset's page and its files: template, schemas, good record."""
    name, release = contract.dataset, book.release
    record, forms = book.records[name], book.forms.get(name, {})
    samples = {"xml": example.as_xml(contract, record), "jsonl": example.as_json(contract, record)}
    page = _render("dataset.html.j2", "../", book=book, contract=contract, samples=samples)
    _write(folder / "dataset" / f"{name}.html", page)
    write_template(contract, release, folder / "files" / f"{name}.xlsx")
    _write(folder / "files" / f"{name}.xsd", xsd(contract, release, forms))
    schema = json.dumps(json_schema(contract, release, forms), ensure_ascii=False, indent=1)
    _write(folder / "files" / f"{name}.schema.json", schema + "\n")
    _write(folder / "files" / f"{name}.sample.xml", samples["xml"])
    _write(folder / "files" / f"{name}.sample.jsonl", samples["jsonl"] + "\n")


def _groups(book: SpecBook) -> list[tuple[str, list[DatasetContract]]]:
    """Datasets by trade, in the order of the release."""
    ordered = sorted(book.release.datasets.values(), key=lambda contract: contract.domain)
    return [(domain, list(group)) for domain, group in groupby(ordered, key=lambda contract: contract.domain)]


def _users(book: SpecBook, code_list: str) -> list[tuple[str, str]]:
    return [
        (name, field.name)
        for name, contract in book.release.datasets.items()
        for field in contract.fields
        if field.code_list == code_list
    ]


def _render(template: str, root: str, **names: Any) -> str:
    return _environment().get_template(template).render(root=root, wording=wording, **names)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["both"] = _both
    return found


def _both(text: str) -> Markup:
    """A wording "中文 english" with each part marked by its language, so that a reader may hide one."""
    zh, _, en = text.partition(" ")
    if not en:
        return escape(text)
    return Markup('<span lang="zh">{}</span> <span lang="en">{}</span>').format(zh, en)


def _script(value: object) -> str:
    """JSON inside a script file; `<` is escaped, so that it may be put inline too."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
