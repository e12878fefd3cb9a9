"""The index behind the site's search box: [kind, name, Chinese, address, more words]."""

from collections.abc import Iterator

from contracts.publish.book import SpecBook

Entry = tuple[str, str, str, str, str]
_CODES_INDEXED = 300  # longer lists are searched on their own page


def search_index(book: SpecBook) -> list[Entry]:
    """Datasets, fields, code lists with their codes, rules; addresses are relative to the site's root."""
    return [*_datasets(book), *_lists(book), *_rules(book)]


def _datasets(book: SpecBook) -> Iterator[Entry]:
    for name, contract in book.release.datasets.items():
        page = f"dataset/{name}.html"
        yield "dataset", name, contract.label_zh, page, contract.data_no
        for field in contract.fields:
            yield "field", field.name, field.label_zh, f"{page}#{field.name}", f"{name} {contract.label_zh}"


def _lists(book: SpecBook) -> Iterator[Entry]:
    for name, found in book.release.code_lists.items():
        page = f"codelists/{name}.html"
        yield "list", name, found.label_zh, page, ""
        if len(found.codes) <= _CODES_INDEXED:
            for code in found.codes:
                yield "code", code.code, code.label_zh, page, f"{name} {found.label_zh}"


def _rules(book: SpecBook) -> Iterator[Entry]:
    for rule in book.rules:
        yield "rule", rule.rule_id, rule.fault_zh, f"rules.html#{rule.rule_id}", rule.fault_en
