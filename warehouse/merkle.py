"""Hashes of the evidence: a leaf per sealed row, a Merkle root per load, a chain over loads.

leaf  = H(0x00 + text of the row: each part as <number of characters>:<part>)
node  = H(0x01 + left + right); a last odd node goes up as it is (RFC 6962 tells leaves from nodes so)
root  = of the leaves ordered by kind, key, number; of no leaves: H("")
chain = H(previous chain + root + SHA-256 of the package)

H is SHA-256; where the hub is set so, the same is computed once more with SM3 (GB/T 32905-2016), in a chain of its
own.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from exchange_hub.core import canonical
from exchange_hub.core.errors import ConfigurationError

if TYPE_CHECKING:
    from hashlib import _Hash

VERSION = f"3/{canonical.VERSION}"  # of leaf and tree / of the canonical text
GENESIS = bytes(32)  # chain value before the first load
SHA256, SM3 = "sha256", "sm3"


def hasher(algorithm: str = SHA256) -> "_Hash":
    """A fresh hash; copy it for each message.

    Raises:
        ConfigurationError: this machine's OpenSSL does not have the algorithm.
    """
    try:
        return hashlib.new(algorithm)
    except ValueError as error:
        raise ConfigurationError(
            "NO_HASH", f"本机 OpenSSL 不支持 {algorithm}", f"the OpenSSL of this machine has no {algorithm}"
        ) from error


def leaves(texts: Iterable[bytes], algorithm: str = SHA256) -> list[bytes]:
    """Leaves of rows by their texts (UTF-8), in the same order."""
    if algorithm == SHA256:
        fast = hashlib.sha256
        return [fast(b"\x00" + text).digest() for text in texts]
    return [_digest(algorithm, b"\x00" + text) for text in texts]


def root(tree: Sequence[bytes], algorithm: str = SHA256) -> bytes:
    """Merkle root of the leaves in their order."""
    if not tree:
        return _digest(algorithm, b"")
    level = list(tree)
    while len(level) > 1:
        level = _above(level, algorithm)
    return level[0]


def path(tree: Sequence[bytes], place: int, algorithm: str = SHA256) -> list[tuple[str, bytes]]:
    """What leads from the leaf at `place` up to the root: (left or right, neighbour), lowest first.

    Hash each neighbour with what there is so far, on its side, and the root comes out.
    """
    steps: list[tuple[str, bytes]] = []
    level = list(tree)
    while len(level) > 1:
        neighbour = place ^ 1
        if neighbour < len(level):
            steps.append(("left" if neighbour < place else "right", level[neighbour]))
        level, place = _above(level, algorithm), place // 2
    return steps


def link(previous: bytes, load_root: bytes, package_sha256: str, algorithm: str = SHA256) -> bytes:
    """Chain value of a load."""
    return _digest(algorithm, previous + load_root + bytes.fromhex(package_sha256))


def _above(level: list[bytes], algorithm: str) -> list[bytes]:
    odd = [level[-1]] if len(level) % 2 else []
    pairs = zip(level[::2], level[1::2], strict=False)
    if algorithm == SHA256:
        fast = hashlib.sha256
        return [fast(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return [_digest(algorithm, b"\x01" + left + right) for left, right in pairs] + odd


def _digest(algorithm: str, content: bytes) -> bytes:
    made = hasher(algorithm)
    made.update(content)
    return made.digest()
