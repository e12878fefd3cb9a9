"""Servers of one's own made ready, where no `hub up` does it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from pydantic import SecretStr

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.settings import Settings
from exchange_hub.flows.context import Hub
from exchange_hub.flows.servers import prepare_servers
from ingest.object_store import S3ObjectStore
from warehouse.connection import connect

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.stack
def test_an_empty_database_and_store_become_usable_and_a_second_time_nothing_changes(
    hub: Hub, new_database: Callable[..., str]
) -> None:
    names = {"evidence_bucket": "test-own-evidence", "work_bucket": "test-own-work", "lake_bucket": "test-own-lake"}
    chosen = hub.settings.model_copy(update={"database_url": SecretStr(new_database()), **names})

    first, second = prepare_servers(chosen, NOW), prepare_servers(chosen, NOW)

    assert first
    assert second is None
    with connect(chosen.database()) as conn:
        assert conn.execute("SELECT count(*) FROM audit.record").fetchone() == (0,)
    assert chosen.s3_endpoint
    assert chosen.s3_access_key
    assert chosen.s3_secret_key
    keys = chosen.s3_access_key.get_secret_value(), chosen.s3_secret_key.get_secret_value()
    for bucket in names.values():
        assert list(S3ObjectStore(chosen.s3_endpoint, *keys, bucket).keys("")) == []


def test_a_missing_store_is_named_before_anything_is_changed() -> None:
    with pytest.raises(ServiceError) as raised:
        prepare_servers(Settings(database_url=SecretStr("postgresql://nobody@127.0.0.1:1/x"), s3_endpoint=None), NOW)

    assert raised.value.code == "NO_STORE"
