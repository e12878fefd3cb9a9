"""The lake (数据湖): the clean data copied into the object store for DuckDB, Trino or Spark."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from exchange_hub.core.errors import ServiceError
from exchange_hub.flows.context import Hub
from ingest.object_store import S3ObjectStore
from warehouse.lake.catalogue import LakePlace, open_catalogue
from warehouse.lake.publish import publish
from warehouse.lake.state import lake_state


def lake_place(hub: Hub) -> LakePlace:
    """Where the lake of this hub is.

    Raises:
        ServiceError: no store is configured (the embedded stack is not up).
    """
    chosen = hub.settings
    if chosen.s3_endpoint is None or chosen.s3_access_key is None or chosen.s3_secret_key is None:
        raise ServiceError(
            "STACK_NOT_UP", "内置服务未启动，请先运行 hub up", "the embedded stack is not up; run: hub up"
        )
    access, secret = chosen.s3_access_key.get_secret_value(), chosen.s3_secret_key.get_secret_value()
    return LakePlace(chosen.database(), chosen.s3_endpoint, access, secret, chosen.lake_bucket, secure=chosen.s3_secure)


def publish_lake(hub: Hub, now: datetime) -> dict[str, Any]:
    """Publish what was loaded since the last time; see `warehouse.lake.publish`."""
    place = lake_place(hub)
    S3ObjectStore(place.endpoint, place.access_key, place.secret_key, place.bucket, place.secure).ensure_bucket()
    with hub.database() as conn, open_catalogue(place) as catalogue:
        return asdict(publish(conn, catalogue, now))


def show_lake(hub: Hub) -> dict[str, Any]:
    """Tables of the lake with rows, files and where their present state is written, and how far they are published."""
    place = lake_place(hub)
    with hub.database() as conn, open_catalogue(place) as catalogue:
        return {"bucket": place.bucket, **lake_state(conn, catalogue)}
