"""Making servers of one's own ready (生产环境): database, buckets and the first account, where no `hub up` does it."""

from datetime import datetime

from exchange_hub.core.errors import ServiceError
from exchange_hub.core.settings import Settings
from exchange_hub.flows.accounts import ensure_first_admin
from exchange_hub.flows.prepare import prepare_warehouse
from ingest.object_store import S3ObjectStore
from warehouse.access import closing_statements
from warehouse.connection import connect


def prepare_servers(settings: Settings, now: datetime) -> str | None:
    """Bring database and object store to what this version needs; done twice it changes nothing.

    Returns:
        The first administrator's password where there was no account yet: to be shown this once.

    Raises:
        ConfigurationError: a contract or a platform card is wrong.
        ServiceError: a service is not configured, does not answer, or refuses.
    """
    database = settings.database()
    if settings.s3_endpoint is None or settings.s3_access_key is None or settings.s3_secret_key is None:
        raise ServiceError(
            "NO_STORE",
            "未配置对象存储：HUB_S3_ENDPOINT、HUB_S3_ACCESS_KEY、HUB_S3_SECRET_KEY",
            "no object store is configured: HUB_S3_ENDPOINT, HUB_S3_ACCESS_KEY, HUB_S3_SECRET_KEY",
        )
    prepare_warehouse(database, settings, now)
    keys = settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value()
    locked = {settings.evidence_bucket: True, settings.work_bucket: False, settings.lake_bucket: False}
    for bucket, lock in locked.items():
        S3ObjectStore(settings.s3_endpoint, *keys, bucket, settings.s3_secure).ensure_bucket(object_lock=lock)
    with connect(database) as conn:
        return ensure_first_admin(conn, now)


def closing_sql(owner: str) -> str:
    """What the database's superuser runs once, so that readers can do no harm and their queries are logged."""
    return "".join(f"{statement.as_string(None)};\n" for statement in closing_statements(owner))
