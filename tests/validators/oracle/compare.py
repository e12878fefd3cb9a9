"""A random package judged by the engine and by the oracle: what is found and where each record ends must agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from contracts.model import Release
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.records import Validation
from tests.validators.oracle.drawing import SENDER, Drawing
from tests.validators.oracle.judge import judge
from tests.validators.oracle.view import Batch
from validators.engine import Context, validate
from validators.lookups import FramesStored

RECEIVED_AT = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
MEMBERS = frozenset({"attachments/a.pdf"})
Rows = Sequence[Mapping[str, Any]]
Parts = dict[str, tuple[int, int, int]]


def frame(rows: Rows) -> pl.DataFrame:
    """Rows as a reader or the store gives them: all text but the row number and the mark of deletion."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    types = {name: {"_row": pl.Int64, "is_deleted": pl.Boolean}.get(name, pl.String) for name in names}
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in names}, schema=types)


def batch_of(release: Release) -> Batch:
    """What the oracle must know of every package drawn here."""
    return Batch(SENDER, RECEIVED_AT.replace(tzinfo=None), release.code_lists, MEMBERS)


def context(assume: bool = False) -> Context:
    """The same for the engine."""
    return Context(SENDER, RECEIVED_AT, MEMBERS, assume)


def parts_of(found: Validation) -> Parts:
    """(accepted, rejected, held) of each dataset."""
    return {name: (one.accepted.height, one.rejected.height, one.held.height) for name, one in found.datasets.items()}


def compared(
    release: Release, drawing: Drawing, package: Mapping[str, Rows], stored: bool, assume: bool
) -> Counter[str]:
    """Judge a package both ways; how often each rule was broken.

    Raises:
        AssertionError: they disagree.
    """
    batch = batch_of(release)
    store = drawing.store(package, batch) if stored else {}
    expected = judge(package, release, batch, store, assume)

    kept = FramesStored({name: frame(rows) for name, rows in store.items()})
    found = validate({name: frame(rows) for name, rows in package.items()}, release, kept, context(assume))

    told = set(found.findings.select("dataset", "row", "field", "rule_id", "severity").iter_rows())
    assert sorted(told - expected.findings) == []
    assert sorted(expected.findings - told) == []
    assert parts_of(found) == expected.split
    return Counter(rule for _, _, _, rule, _ in expected.findings)
