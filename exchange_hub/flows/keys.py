"""API keys of platforms: made, checked, revoked. The secret is shown once and only its hash is kept.

A key is `hub_<key id>_<secret>`; the secret has 256 random bits, so that one round of SHA-256 is enough.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.flows.context import Hub
from warehouse import actions, keys
from warehouse.actions import Action
from warehouse.keys import ApiKey

MAX_LABEL = 80  # characters
_KEY = re.compile(r"hub_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NO_HASH = bytes(32)


def create_key(  # noqa: PLR0913 -- what a key is made of
    hub: Hub, platform_code: str, label: str, actor: str, now: datetime, *, days: int | None = None, address: str = ""
) -> tuple[ApiKey, str]:
    """Make a key of one platform.

    Args:
        days: how long it holds; None for as long as it is not revoked.

    Returns:
        The key and its text, which cannot be shown again.

    Raises:
        UsageError: no such platform, or the label is too long.
    """
    if platform_code not in hub.platforms:
        known = "、".join(sorted(hub.platforms))
        raise UsageError(
            "UNKNOWN_PLATFORM",
            f"没有平台 {platform_code}；已登记：{known}",
            f"no platform {platform_code}; registered: {known}",
        )
    if len(label) > MAX_LABEL or not (label.isprintable()):
        raise UsageError(
            "BAD_LABEL",
            f"用途不得超过 {MAX_LABEL} 个可打印字符",
            f"a label has at most {MAX_LABEL} printable characters",
        )
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    ends = now + timedelta(days=days) if days is not None else None
    key = ApiKey(key_id, platform_code, label, now, actor, ends, None, None, None)
    with hub.database() as conn:
        keys.insert(conn, key, _hash(secret))
        actions.record(conn, Action(actor, "key.create", f"{platform_code}/{key_id}", address=address), now)
        conn.commit()
    return key, f"hub_{key_id}_{secret}"


def revoke_key(
    hub: Hub, key_id: str, actor: str, now: datetime, platform_code: str | None = None, address: str = ""
) -> ApiKey:
    """Revoke a key; one that is revoked already stays as it is.

    Args:
        platform_code: only a key of this platform.

    Raises:
        UsageError: no such key.
    """
    with hub.database() as conn:
        found = keys.find(conn, key_id)
        if found is None or (platform_code is not None and found[0].platform_code != platform_code):
            raise UsageError("UNKNOWN_KEY", f"没有密钥 {key_id}", f"no key {key_id}")
        if keys.revoke(conn, key_id, actor, now):
            place = f"{found[0].platform_code}/{key_id}"
            actions.record(conn, Action(actor, "key.revoke", place, address=address), now)
        conn.commit()
    key = found[0]
    return key if key.revoked_at else replace(key, revoked_at=now, revoked_by=actor)


def list_keys(hub: Hub, platform_code: str | None = None) -> list[ApiKey]:
    """Keys of one platform or of all, revoked ones too."""
    with hub.database() as conn:
        return keys.list_keys(conn, platform_code)


def check_key(hub: Hub, text: str, now: datetime) -> ApiKey | None:
    """The key that this text opens; None where it opens nothing. Takes the same time whether the id is known or not."""
    match = _KEY.fullmatch(text)
    key_id, secret = match.groups() if match else ("", "")
    with hub.database() as conn:
        found = keys.find(conn, key_id)
        right = hmac.compare_digest(_hash(secret), found[1] if found else _NO_HASH)
        if found is None or not right or not found[0].usable(now):
            return None
        keys.note_use(conn, key_id, now)
        conn.commit()
    return found[0]


def key_document(key: ApiKey) -> dict[str, Any]:
    """A key as plain data, without its secret."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(key).items()}


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8")).digest()
