"""A trading platform as data (交易平台). Read from one YAML card each by `ingest.registry`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Channel:
    """How packages come in, or notices go out.

    `kind` is sftp, s3, folder or http; for notices also email or portal. `connection` names the connection that holds
    address and secret (never written here); `options` are the kind's own settings (path, bucket, prefix, when a
    file is whole).
    """

    kind: str
    connection: str | None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """When a platform may use a release of the spec; both days inclusive, None is unbounded."""

    release: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How much is taken in of a platform (配额): what is over waits at its source; None is unbounded.

    A run is one look at the platform; a day is one of Asia/Shanghai.
    """

    packages_a_run: int | None = None
    bytes_a_run: int | None = None
    packages_a_day: int | None = None
    bytes_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """The card of one trading platform.

    With `windows` a platform may use the releases named there, each in its time; without, any release in force.
    """

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
    fallbacks: tuple[Channel, ...] = ()  # ways for notices, tried in order where `delivery` fails
    windows: tuple[Window, ...] = ()
    next_release: str | None = None  # what its batches are also checked against; None: the release after its own
    dialect: str | None = None  # how it writes its records, where not as the spec does: ingest/dialects/<name>.yaml
    quota: Quota = Quota()
