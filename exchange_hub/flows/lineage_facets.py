"""Facets of our own on OpenLineage events: which batch of which platform, under which contract release."""

from importlib.metadata import version

import attr
from openlineage.client.generated.base import DatasetFacet, RunFacet

PRODUCER = f"urn:exchange-hub:{version('exchange-hub')}"


@attr.define
class BatchRunFacet(RunFacet):
    """批次 the batch that a run took, as its sender numbered it."""

    platformCode: str  # noqa: N815 -- facets are written as OpenLineage does
    batchNo: str  # noqa: N815
    contractVersion: str | None = None  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return "urn:exchange-hub:lineage:batch-run-facet:1"


@attr.define
class ContractDatasetFacet(DatasetFacet):
    """规范版本 the contract release by which the data were validated."""

    contractVersion: str  # noqa: N815

    @staticmethod
    def _get_schema() -> str:
        return "urn:exchange-hub:lineage:contract-dataset-facet:1"
