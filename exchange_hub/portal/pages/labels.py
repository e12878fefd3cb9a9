"""Chinese names of datasets and fields for a page."""

from collections.abc import Mapping
from functools import lru_cache

from contracts.loader import load_release, release_versions
from feedback.labels import field_labels


@lru_cache(maxsize=16)
def labels_of(contract_version: str) -> Mapping[tuple[str, str], str]:
    """Names by (dataset, field) and (dataset, ""); empty where the release is not known."""
    return field_labels(load_release(contract_version)) if contract_version in release_versions() else {}
