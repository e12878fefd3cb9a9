"""The operator's file of the feedback loop: clock, delivery, escalation (docs/reference/feedback.md).

Looked for at `HUB_FEEDBACK_FILE`, else `feedback.yaml` in the state folder; without one the defaults hold, which are
the statute's reading and those of `feedback/default.yaml`. Unknown keys are refused, so that a slip never goes unseen.
"""

import os
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel
from exchange_hub.core.settings import home
from feedback.policy import STATUTE, ClockPolicy

DEFAULTS = Path(__file__).with_name("default.yaml")
_STRICT = ConfigDict(extra="forbid")
Recipient = Literal["platform", "office", "operator"]


@checked(config=_STRICT, frozen=True)
class Delivery:
    """Retries and alarms of delivery."""

    retry_minutes: tuple[int, ...] = (5, 15, 60, 240)  # wait after each failed round; the last one repeats
    alarm_after_attempts: int = Field(default=3, ge=1)  # failed rounds until an operator is called
    unfetched_working_days: int = Field(default=1, ge=0)  # a notice that only waits in the portal


@checked(config=_STRICT, frozen=True)
class Step:
    """One step of the escalation, counted in working days from the due date."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    to: tuple[Recipient, ...]
    before: int | None = Field(default=None, ge=0)  # working days before the due date; 0 is the due date itself
    after: int | None = Field(default=None, ge=0)  # working days overdue; 0 is at once

    def __post_init__(self) -> None:
        if (self.before is None) == (self.after is None):
            raise ValueError("a step wants either before or after")


@checked(config=_STRICT, frozen=True)
class Post:
    """Where reminders and copies go."""

    kind: Literal["email", "folder", "sftp", "s3"]
    connection: str
    options: dict[str, str] = Field(default_factory=dict)

    def channel(self) -> Channel:
        """As the delivery channels take it."""
        return Channel(self.kind, self.connection, self.options)


@checked(config=_STRICT, frozen=True)
class _PlatformPart:
    clock: dict[str, Any] = Field(default_factory=dict)


@checked(config=_STRICT, frozen=True)
class _File:
    clock: dict[str, Any] = Field(default_factory=dict)
    platforms: dict[str, _PlatformPart] = Field(default_factory=dict)
    delivery: Delivery = Field(default_factory=Delivery)
    escalation: tuple[Step, ...] = ()
    offices: dict[str, Post] = Field(default_factory=dict)
    operator: Post | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is configured, checked."""

    clock: ClockPolicy = STATUTE
    platforms: dict[str, ClockPolicy] = field(default_factory=dict)
    delivery: Delivery = field(default_factory=Delivery)
    escalation: tuple[Step, ...] = ()
    offices: dict[str, Post] = field(default_factory=dict)  # by region code or its beginning
    operator: Post | None = None

    def clock_of(self, platform_code: str) -> ClockPolicy:
        """The policy agreed with that platform."""
        return self.platforms.get(platform_code, self.clock)

    def office_of(self, region: str) -> Post | None:
        """The supervising office of a region: the longest configured beginning of its code."""
        fitting = [code for code in self.offices if region.startswith(code)]
        return self.offices[max(fitting, key=len)] if fitting else None


def configuration_file() -> Path:
    """Where the operator's file lies, whether or not there is one."""
    chosen = os.environ.get("HUB_FEEDBACK_FILE")
    return Path(chosen) if chosen else home() / "feedback.yaml"


def configuration_in_force() -> Configuration:
    """The configuration to use now.

    Raises:
        ConfigurationError: the file cannot be read or says what it may not.
    """
    path = configuration_file()
    if not path.is_file():
        if os.environ.get("HUB_FEEDBACK_FILE"):
            raise _bad(path, "does not exist")
        path = DEFAULTS
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _load(path: Path, stamp: int) -> Configuration:
    return load_configuration(path)


def load_configuration(path: Path) -> Configuration:
    """Read and check one file; parts that it leaves out are as by default.

    Raises:
        ConfigurationError: the file cannot be read or says what it may not.
    """
    try:
        raw = yaml.safe_load(path.read_text("utf-8")) or {}
        default = yaml.safe_load(DEFAULTS.read_text("utf-8"))
        read = TypeAdapter(_File).validate_python({**default, **raw} if isinstance(raw, dict) else raw)
        clock = _clock(STATUTE, read.clock)
        platforms = {code: _clock(clock, part.clock) for code, part in read.platforms.items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _bad(path, f"cannot be read ({type(error).__name__})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _bad(path, f"{place}: {first['msg']}") from error
    return Configuration(clock, platforms, read.delivery, read.escalation, read.offices, read.operator)


def _clock(base: ClockPolicy, changes: dict[str, Any]) -> ClockPolicy:
    checked_policy = TypeAdapter(ClockPolicy, config=None)
    unknown = changes.keys() - ClockPolicy.__dataclass_fields__.keys()
    if unknown:
        raise ConfigurationError(
            "BAD_FEEDBACK_FILE", f"没有这个时限选项：{min(unknown)}", f"no option of the clock: {min(unknown)}"
        )
    given = checked_policy.validate_python({**_plain(base), **changes})
    return replace(base, **{name: getattr(given, name) for name in changes})


def _plain(policy: ClockPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in ClockPolicy.__dataclass_fields__}


def _bad(path: Path, fault: str) -> ConfigurationError:
    return ConfigurationError(
        "BAD_FEEDBACK_FILE",
        f"反馈配置文件有误：{path.name}（{fault}）",
        f"feedback configuration {path.name}: {fault}",
        str(path),
    )
