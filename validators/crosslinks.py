"""What ties records of different tender projects together for rules across datasets (跨数据集规则的关联字段).

Rules join and group by these words only (a test holds them to it). Where no value of them stands in two sets of tender
projects, judging both sets at once finds the same as judging each by itself.
"""

from collections.abc import Mapping

import polars as pl

from contracts.model import Release
from validators.cross import all_cross_rules
from validators.crossrule import Source

LINKS = frozenset(("tender", "project", "section", "objection", "hash"))


def links_apart(records: Mapping[str, pl.DataFrame], release: Release, owner: Mapping[str, int]) -> bool:
    """Does every linking value stand in the records of one owner only?

    Args:
        records: by dataset, with `_scope`: the code of the tender project that a record belongs to.
        owner: of each scope.
    """
    seen: dict[tuple[str, str], int] = {}
    for word, source in sorted(_linking(release)):
        frame = records.get(source[0])
        if frame is None:
            continue
        values = frame[source[1]].cast(pl.String).to_list()
        for scope, value in zip(frame["_scope"].to_list(), values, strict=True):
            for part in () if value is None else value.split(source[2]) if source[2] else (value,):
                if seen.setdefault((word, part), owner[scope]) != owner[scope]:
                    return False
    return True


def _linking(release: Release) -> set[tuple[str, tuple[str, str, str]]]:
    """Each linking word with a place where it is read: dataset, field, separator (empty: one value)."""
    sources = [source for rule in all_cross_rules() if rule.applies(release) for source in rule.sources.values()]
    return {
        (word, (source.dataset, source.fields[word], _separator(source, word, release)))
        for source in sources
        for word in LINKS & source.fields.keys()
    }


def _separator(source: Source, word: str, release: Release) -> str:
    if word not in source.each:
        return ""
    return release.datasets[source.dataset].field(source.fields[word]).separator or ""
