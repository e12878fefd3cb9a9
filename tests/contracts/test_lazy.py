"""Only what is asked for is read: a package of three datasets must not wait for a hundred."""

import json
import subprocess
import sys

import pytest

from contracts.lazy import LazyMapping
from contracts.loader import load_release
from contracts.ordering import in_order

READ_ONE = """
import json
from contracts.loader import load_release, _spec
release = load_release("2.0.0")
opened = sorted(_spec().opened["2.0.0"]._parsed)
release.datasets["SECTION"].fields
"SECTION" in release.datasets, len(release.datasets)
print(json.dumps([opened, sorted(_spec().opened["2.0.0"]._parsed)]))
"""


def test_a_dataset_is_read_with_its_ancestors_and_no_other() -> None:
    done = subprocess.run([sys.executable, "-c", READ_ONE], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [[], ["PROJECT", "SECTION", "TENDER_PROJECT"]]


def test_a_lazy_mapping_reads_each_value_once_and_equals_a_plain_one() -> None:
    read: list[str] = []

    def length(name: str) -> int:
        read.append(name)
        return len(name)

    lazy = LazyMapping(["a", "bb"], length, lambda _: ("bb", "a"))

    assert (len(lazy), "a" in lazy, "c" in lazy, read) == (2, True, False, [])
    assert (lazy["a"], lazy["a"], read) == (1, 1, ["a"])
    assert (list(lazy), dict(lazy)) == (["bb", "a"], {"bb": 2, "a": 1})
    assert lazy == {"a": 1, "bb": 2}
    with pytest.raises(KeyError):
        lazy["c"]


def test_named_datasets_come_in_the_order_of_their_release() -> None:
    datasets = load_release("2.0.0").datasets
    names = ["SECTION", "BID_OPENING_RECORD", "PROJECT"]

    assert in_order(datasets, names) == tuple(name for name in datasets if name in names)
