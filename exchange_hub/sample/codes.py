"""Codes of the spec (编码): project, tender project, section, unified trading identifier, record key.

Codes of one sample never clash; codes of samples with other seeds or platforms seldom do.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from exchange_hub.core.check_digits import unified_deal_check

_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Origin:
    """What the codes of one sample have in common, derived from platform and seed."""

    platform: str
    system_no: str  # 4 characters, the sender's account: first part of every DATA_KEY
    salt: int  # keeps the codes of different samples apart


def origin_of(platform: str, seed: int) -> Origin:
    """The origin that belongs to a platform and a seed."""
    number = int.from_bytes(hashlib.sha256(platform.encode()).digest()[:8], "big")
    system_no = "".join(_LETTERS[number // 34**place % 34] for place in range(4))
    mixed = hashlib.sha256(f"{platform}:{seed}".encode()).digest()
    return Origin(platform, system_no, int.from_bytes(mixed[:8], "big"))


def project_code(origin: Origin, region: str, registered: date, number: int) -> str:
    """Project code (项目编号), 17: letter, region, yyMMdd, daily serial; `number` is unique within that day."""
    serial = (origin.salt + number) % 9999 + 1
    return f"E{region}{registered:%y%m%d}{serial:04d}"


def deal_code(origin: Origin, trade: str, day: date, number: int) -> str:
    """Unified trading identifier (统一交易标识码), 40; `number` is unique within the sample, below a million."""
    serial = (origin.salt // 9999 + number) % 1_000_000
    parts = (trade, origin.platform, f"{day:%Y%m%d}", f"{serial:06d}")
    return "-".join((*parts, unified_deal_check("".join(parts))))


def key_prefix(origin: Origin, data_no: str) -> str:
    """First part of a DATA_KEY (数据主键): account, data number, and a mark of the sample."""
    number = data_no or "9900"
    return f"{origin.system_no}{number}{origin.salt % 10**5:05d}"


def record_key(prefix: str, number: int) -> str:
    """A DATA_KEY of 22 characters; `number` is unique within the dataset of the sample."""
    return prefix + str(number).zfill(22 - len(prefix))
