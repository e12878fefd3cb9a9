"""Which platform calls: by its API key, as `Authorization: Bearer <key>` or `X-API-Key: <key>`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer

from exchange_hub.core.clock import system_now
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.keys import check_key
from exchange_hub.portal.problems import Problem, not_found
from exchange_hub.portal.state import address_of, hub_of, state_of

BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="API 密钥 API key of a platform")
HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="key", description="API 密钥 API key")


@dataclass(frozen=True, slots=True)
class Caller:
    """A platform, and the key it showed."""

    platform: Platform
    key_id: str

    @property
    def name(self) -> str:
        """As the book of actions writes it."""
        return f"key:{self.key_id}"

    def must_own(self, platform_code: str, zh: str, en: str) -> None:
        """Another platform's things do not exist for this one.

        Raises:
            Problem: 404.
        """
        if platform_code != self.platform.code:
            raise not_found(zh, en)


def caller_of(request: Request) -> Caller:
    """The caller of a request.

    Raises:
        Problem: 401 no key or a key that opens nothing, 429 too many requests.
    """
    state, text = state_of(request), _shown(request)
    if text is None:
        raise _unauthorized("缺少 API 密钥", "no API key")
    key = check_key(hub_of(request), text, system_now())
    if key is None:
        state.wrong_keys.take(address_of(request))
        raise _unauthorized("API 密钥无效、已撤销或已过期", "the API key is unknown, revoked or expired")
    state.calls.take(key.key_id)
    platform = hub_of(request).platforms.get(key.platform_code)
    if platform is None or not platform.enabled:
        raise _unauthorized("该平台已停用", "the platform is not in service")
    return Caller(platform, key.key_id)


def _shown(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-api-key", "").strip() or None


def _unauthorized(zh: str, en: str) -> Problem:
    how_zh = "；请用 Authorization: Bearer <密钥> 或 X-API-Key: <密钥>"
    how_en = "; send Authorization: Bearer <key> or X-API-Key: <key>"
    return Problem(401, "UNAUTHORIZED", zh + how_zh, en + how_en, {"WWW-Authenticate": 'Bearer realm="exchange-hub"'})


# The two security schemes are named for the description; the handler reads the headers itself.
SCHEMES = [Depends(BEARER), Depends(HEADER)]
CallerOf = Annotated[Caller, Depends(caller_of)]
