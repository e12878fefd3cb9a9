"""Hashes of the evidence: a leaf per stored version, a Merkle root per load, a chain over loads.

leaf  = sha256(0x00 + canonical text of what the version is, incl. its record hash)
node  = sha256(0x01 + left + right); a last odd node goes up as it is (RFC 6962 tells leaves from nodes so)
root  = of the leaves ordered by dataset, DATA_KEY, version; of no leaves: sha256("")
chain = sha256(previous chain + root + sha256 of the package)
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from exchange_hub.core import canonical

VERSION = f"1/{canonical.VERSION}"  # of leaf and tree / of the canonical text
GENESIS = bytes(32)  # chain value before the first load


@dataclass(frozen=True, slots=True)
class Version:
    """What a leaf is computed over. `recorded_us` is microseconds since 1970 UTC; `attachments` jsonb as text."""

    dataset: str
    data_key: str
    version_no: int
    operation: str
    platform_code: str
    batch_id: int
    source_file: str
    source_row: int
    contract_version: str
    recorded_us: int
    attachments: str | None
    record_hash: str  # hex


def leaf(version: Version) -> bytes:
    """Leaf of one stored version."""
    parts = (
        version.dataset,
        version.data_key,
        version.version_no,
        version.operation,
        version.platform_code,
        version.batch_id,
        version.source_file,
        version.source_row,
        version.contract_version,
        version.recorded_us,
        "N" if version.attachments is None else "V" + version.attachments,
        version.record_hash,
    )
    # The length before each part: no two different versions have the same text.
    text = "".join(f"{len(part)}:{part}" for part in map(str, parts))
    return hashlib.sha256(b"\x00" + text.encode("utf-8")).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Merkle root of the leaves in their order."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0]


def link(previous: bytes, load_root: bytes, package_sha256: str) -> bytes:
    """Chain value of a load."""
    return hashlib.sha256(previous + load_root + bytes.fromhex(package_sha256)).digest()
