"""The second factor (动态口令): time-based codes (RFC 6238) of any authenticator program, secrets encrypted at rest."""

import base64
import hashlib
from datetime import datetime

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.settings import Settings

ISSUER = "公共资源交易数据交换枢纽"
STEP_SECONDS = 30
DRIFT_STEPS = 1  # a code of the step before or after is taken too


def new_secret() -> str:
    """A new random secret, base32."""
    return pyotp.random_base32()


def sealed(secret: str, settings: Settings) -> bytes:
    """The secret as it is kept."""
    return _box(settings).encrypt(secret.encode("ascii"))


def opened(kept: bytes, settings: Settings) -> str:
    """The secret that was sealed.

    Raises:
        ConfigurationError: it was sealed under another HUB_PORTAL_SECRET.
    """
    try:
        return _box(settings).decrypt(kept).decode("ascii")
    except InvalidToken as error:
        raise ConfigurationError(
            "PORTAL_SECRET_CHANGED",
            "门户密钥已更换，动态口令须重设",
            "the portal's secret changed; reset the second factor",
        ) from error


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, near `now`; None where it is none."""
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    clock, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if pyotp.utils.strings_equal(clock.at(step * STEP_SECONDS), code):
            return step
    return None


def picture(secret: str, login: str) -> str:
    """The QR code that an authenticator program scans, as a data URI (SVG)."""
    address = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=2))


def _box(settings: Settings) -> Fernet:
    if settings.portal_secret is None:
        raise ConfigurationError("NO_PORTAL_SECRET", "未设置 HUB_PORTAL_SECRET", "HUB_PORTAL_SECRET is not set")
    digest = hashlib.sha256(b"totp:" + settings.portal_secret.get_secret_value().encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
