"""What the flows work with: services opened once per entry point, and the platforms."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from exchange_hub.core.errors import ConfigurationError, ServiceError
from exchange_hub.core.platforms import Platform
from exchange_hub.core.ports import ObjectStore
from exchange_hub.core.settings import Settings, settings
from ingest.object_store import S3ObjectStore
from ingest.registry import load_platforms
from warehouse.connection import connect


@dataclass(frozen=True, slots=True)
class Hub:
    """Settings, stores and platforms of a running hub. Connections are opened per step: see `database`."""

    settings: Settings
    evidence: ObjectStore  # write once: bytes as received, notices as sent
    work: ObjectStore  # hand-over between tasks
    platforms: Mapping[str, Platform]

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """A connection for one step; the step commits, anything else is rolled back."""
        with connect(self.settings.database()) as conn:
            yield conn

    def platform(self, code: str) -> Platform:
        """The card of that platform.

        Raises:
            ConfigurationError: no such platform.
        """
        if code not in self.platforms:
            raise ConfigurationError("UNKNOWN_PLATFORM", f"没有平台 {code}", f"no platform {code}", code)
        return self.platforms[code]


def open_hub() -> Hub:
    """The hub by the settings in force.

    Raises:
        ServiceError: no store is configured (the embedded stack is not up).
    """
    chosen = settings()
    if chosen.s3_endpoint is None or chosen.s3_access_key is None or chosen.s3_secret_key is None:
        raise ServiceError(
            "STACK_NOT_UP", "内置服务未启动，请先运行 hub up", "the embedded stack is not up; run: hub up"
        )
    access, secret = chosen.s3_access_key.get_secret_value(), chosen.s3_secret_key.get_secret_value()
    evidence, work = (
        S3ObjectStore(chosen.s3_endpoint, access, secret, bucket, chosen.s3_secure)
        for bucket in (chosen.evidence_bucket, chosen.work_bucket)
    )
    return Hub(chosen, evidence, work, load_platforms(chosen.platforms_dir))
