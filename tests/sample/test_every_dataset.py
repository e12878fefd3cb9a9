"""Any dataset of the spec can be sampled: made from its contract, linked to its parents, accepted by the hub."""

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.loader import load_release, release_versions
from contracts.model import Release
from exchange_hub.core.records import Validation
from exchange_hub.sample.generate import MAKERS, chunks, lines_of
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import Limits, open_package
from ingest.read import read_frames
from validators.engine import Context, validate
from validators.lookups import NothingStored

RELEASE = load_release("2.0.0")


def validated(folder: Path, options: SampleOptions, release: Release) -> Validation:
    """The package as the hub sees it on its arrival, an hour after it was made; parents must be in it."""
    with tempfile.TemporaryDirectory() as work:
        package = open_package(folder, Path(work), Limits())
        frames = read_frames(package, release)
    received_at = options.created_at + timedelta(hours=1)
    return validate(frames, release, NothingStored(), Context(options.platform, received_at, package.members))


@pytest.mark.parametrize("version", release_versions())
def test_a_package_of_a_whole_release_is_accepted_and_closed_in_itself(tmp_path: Path, version: str) -> None:
    release = load_release(version)
    datasets = tuple(release.datasets)
    options = SampleOptions(projects=2, seed=5, format="parquet", datasets=datasets, contract_version=version)
    write_package(tmp_path / "all", options)

    validation = validated(tmp_path / "all", options, release)

    rejects = validation.findings.filter(validation.findings["severity"] == "reject")
    assert rejects.select("dataset", "field", "rule_id", "value").unique().rows() == []
    assert set(validation.datasets) == set(release.datasets)
    for name, result in validation.datasets.items():
        assert (result.accepted.height, result.held.height) == (result.received, 0), name
        assert result.received > 0, name


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    datasets=st.sets(st.sampled_from(sorted(set(RELEASE.datasets) - set(MAKERS))), min_size=1, max_size=6),
    seed=st.integers(0, 10_000),
    form=st.sampled_from(["csv", "jsonl", "xml"]),
)
def test_any_few_datasets_in_any_format_have_no_finding_that_rejects(datasets: set[str], seed: int, form: str) -> None:
    options = SampleOptions(projects=2, seed=seed, format=form, datasets=tuple(sorted(datasets)))
    with tempfile.TemporaryDirectory() as folder:
        write_package(Path(folder) / "p", options)
        validation = validated(Path(folder) / "p", options, RELEASE)

    assert set(validation.datasets) == datasets
    assert "reject" not in validation.findings["severity"].to_list()


@pytest.mark.parametrize("dataset", ["PURCHASE_CONTRACT", "BLACK_LIST", "ATTACHMENT_SET"])
def test_the_same_arguments_give_the_same_records(dataset: str) -> None:
    options = SampleOptions(projects=2, seed=3, datasets=(dataset,))

    once, again = (list(chunks(options, RELEASE, lines_of(options, RELEASE))) for _ in range(2))

    assert once == again


def test_keys_of_datasets_without_a_number_do_not_clash() -> None:
    unnumbered = tuple(name for name, contract in RELEASE.datasets.items() if not contract.data_no)
    options = SampleOptions(projects=1, datasets=unnumbered)

    made = [
        record["DATA_KEY"]
        for chunk in chunks(options, RELEASE, lines_of(options, RELEASE))
        for rows in chunk.values()
        for record in rows
    ]

    assert len(set(made)) == len(made)


def test_a_child_names_what_its_parent_has() -> None:
    options = SampleOptions(
        projects=3, datasets=("LEGAL_PERSON_BASE", "SUPPLIER_EX_INFO", "QUALI_PERSON_BASE", "QUALI_PERSON_QUALI")
    )

    made = list(chunks(options, RELEASE, lines_of(options, RELEASE)))

    for chunk in made:
        assert [r["LEGAL_CODE"] for r in chunk["SUPPLIER_EX_INFO"]] == [
            r["LEGAL_CODE"] for r in chunk["LEGAL_PERSON_BASE"]
        ]
        assert [r["ID_CARD"] for r in chunk["QUALI_PERSON_QUALI"]] == [r["ID_CARD"] for r in chunk["QUALI_PERSON_BASE"]]
