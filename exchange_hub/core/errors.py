"""Errors of the hub.

    HubError                    anything the hub raises on purpose; text in Chinese and English
    ├── UsageError              wrong arguments or unreadable input given on the command line
    ├── Refusal                 a package that is refused as a whole (the sender's fault)
    ├── ConfigurationError      our contract, platform card, setting or rule is wrong (our fault)
    ├── PackagesFailed          some packages of a group failed by our own fault; the others went on
    └── ServiceError            PostgreSQL, S3, SFTP, Airflow cannot be reached or failed; may pass
        ├── DeliveryError       a notice could not be put where the platform receives it
        └── ChannelRests        a platform's channel failed again and again: it is not tried for a while

Bad data is never an exception: it is a finding. What is the sender's fault and what is ours never mix.
"""


class HubError(Exception):
    """Base class. `code` is stable and machine-readable, `where` names the place (file, line, field)."""

    def __init__(self, code: str, message_zh: str, message_en: str, where: str = "") -> None:
        super().__init__(f"{code}: {message_en}" + (f" [{where}]" if where else ""))
        self.code = code
        self.message_zh = message_zh
        self.message_en = message_en
        self.where = where

    def __reduce__(self) -> tuple[type["HubError"], tuple[str, str, str, str]]:
        return type(self), (self.code, self.message_zh, self.message_en, self.where)


class UsageError(HubError):
    """Raised when the caller's arguments or files cannot be used."""


class Refusal(HubError):
    """Raised when a package cannot be taken in as a whole; nothing of it is loaded, its bytes are kept."""


class ConfigurationError(HubError):
    """Raised when something that we maintain is wrong: a contract, a rule, a platform card, a setting."""


class PackagesFailed(HubError):
    """Raised at the end of a group's way when some of its packages failed; each failure is already logged."""


class ServiceError(HubError):
    """Raised when a service that the hub needs does not answer or fails; trying again may help."""


class DeliveryError(ServiceError):
    """Raised when a notice could not be delivered through a platform's channel."""


class ChannelRests(ServiceError):
    """Raised instead of trying a platform's channel that rests (`exchange_hub.core.breaker`)."""
