"""Settings of the hub: one typed field per variable, read on call, never at import.

A variable `HUB_<NAME>` wins; then `stack.json` in the state folder, which `hub up` writes for the embedded
stack. Secrets are `SecretStr` and never printed.
"""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from exchange_hub.core.errors import ServiceError

ROOT = Path(__file__).resolve().parents[2]  # the checkout, or site-packages of an installed wheel


class Settings(BaseSettings):
    """What the hub must know about its surroundings."""

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore")

    database_url: SecretStr | None = None  # libpq URL or keyword string of the warehouse's owner
    s3_endpoint: str | None = None  # host:port of the evidence store
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_secure: bool = False  # TLS
    evidence_bucket: str = "hub-evidence"  # bytes as received, notices as sent: write once
    work_bucket: str = "hub-work"  # hand-over between tasks, may be emptied
    lake_bucket: str = "hub-lake"  # the copy of the clean data: Iceberg tables over Parquet
    ocds_prefix: str = "ocds-000000"  # of every ocid; a placeholder: register one with the Open Contracting Partnership
    ocds_publisher: str = "公共资源交易数据交换枢纽"  # who publishes the releases
    ocds_uri: str = "urn:exchange-hub:ocds"  # where the packages are published; a placeholder
    ocds_organisation_scheme: str = "CN-SAIC"  # register of the unified social credit codes, by org-id.guide
    airflow_url: str | None = None
    portal_url: str | None = None
    portal_secret: SecretStr | None = None  # seals the secrets of the second factor
    portal_secure: bool = False  # served over TLS (behind a proxy): cookies and headers say so
    openlineage_file: Path | None = None  # lineage events are appended here, one JSON document a line
    openlineage_url: str | None = None  # or sent to this server of OpenLineage events; neither: none are made
    openlineage_api_key: SecretStr | None = None  # of that server
    metrics_token: SecretStr | None = None  # who shows it as Bearer gets /metrics of the portal; None: nobody
    portal_totp_required: bool = False  # nobody gets in without a second factor
    held_grace_days: int = 10  # calendar days a record waits for its parent before it is rejected
    order_wait_seconds: float = 60.0  # a load waits for earlier batches of its platform; without progress, so long
    wal_archive: Path | None = None  # folder where the embedded database archives its log; for restores to a moment
    evidence_sm3: bool = False  # also seal loads with SM3 (GB/T 32905-2016), beside SHA-256
    shadow_validation: bool = True  # loaded batches are also held against their platform's next release
    findings_listed: int = 10_000  # findings listed in a report; all are counted and stored
    max_package_bytes: int = 2 * 1024**3  # of the package as sent
    max_unpacked_bytes: int = 20 * 1024**3  # of all members together
    max_members: int = 100_000  # files in a package
    sftp_timeout_seconds: int = 20
    slowest_bytes_per_second: int = 1024  # a transfer that stays below for a minute is given up; 0: none is
    channel_rest_seconds: float = 300.0  # a channel that failed three times rests so long, then twice as long, …
    calendars_dir: Path | None = None  # folder of calendar files; default: calendars in the state folder
    platforms_dir: Path | None = None  # folder of platform cards; default: ingest/platforms

    def database(self) -> str:
        """Connection string of the warehouse.

        Raises:
            ServiceError: none is set and the embedded stack is not up.
        """
        if self.database_url is None:
            raise _not_up()
        return self.database_url.get_secret_value()


def _not_up() -> ServiceError:
    return ServiceError(
        "STACK_NOT_UP",
        "内置服务未启动，请先运行 hub up",
        "the embedded stack is not up; run: hub up",
    )


def home() -> Path:
    """The state folder: HUB_HOME, else `.hub` in the checkout, else `~/.exchange-hub`. May be deleted when down."""
    if chosen := os.environ.get("HUB_HOME"):
        return Path(chosen).resolve()
    if (ROOT / "pyproject.toml").is_file():
        return ROOT / ".hub"
    return Path.home() / ".exchange-hub"


def stack_file() -> Path:
    """Where `hub up` writes addresses and secrets of the embedded stack (mode 0600)."""
    return home() / "stack.json"


def settings() -> Settings:
    """The settings in force now; read again when stack.json changes."""
    path = stack_file()
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    chosen = tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith("HUB_")))
    return _read(str(path), stamp, chosen)


@lru_cache(maxsize=8)
def _read(path: str, stamp: int, chosen: tuple[tuple[str, str], ...]) -> Settings:
    written: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))["settings"] if stamp else {}
    named = {key.removeprefix("HUB_").lower() for key, _ in chosen}
    return Settings(**{key: value for key, value in written.items() if key not in named})
