"""Our package names are generic: no other installed distribution may claim them."""

from importlib.metadata import packages_distributions

import pytest


@pytest.mark.parametrize("name", ["contracts", "exchange_hub", "feedback", "ingest", "validators", "warehouse"])
def test_import_name_belongs_to_this_distribution_only(name: str) -> None:
    owners = set(packages_distributions().get(name, []))

    assert owners <= {"exchange-hub"}
