"""A trading platform as data (交易平台). Read from one YAML card each by `ingest.registry`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Channel:
    """How packages come in, or notices go out.

    `kind` is sftp, s3, folder or http. `connection` names the connection that holds address and secret (never
    written here); `options` are the kind's own settings (path, bucket, prefix, ready marker).
    """

    kind: str
    connection: str | None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Platform:
    """The card of one trading platform."""

    code: str  # PLATFORM_CODE, 18 characters
    short_code: str  # 8 digits, region and serial: part of notice numbers
    name_zh: str
    name_en: str
    region: str  # GB/T 2260
    trades: tuple[str, ...]
    contract_version: str
    transport: Channel
    delivery: Channel
    exchange_minutes: int  # agreed exchange frequency (Art. 8)
    max_lag_minutes: int  # agreed greatest delay of a record
    contact: str  # role and unit, no personal data
    enabled: bool = True
    demo: bool = False
