"""The kept seals: loads in the order of the chain, and loads without a seal."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Sealed:
    """A load event with its seal and its batch. `sm3` is (root, previous chain, chain) where it was sealed so."""

    seq: int
    load_id: int
    inserted: int
    root: bytes
    previous: bytes
    chain: bytes
    evidence_version: str
    batch_id: int
    platform_code: str
    batch_no: str
    sha256: str
    contract_version: str
    sm3: tuple[bytes, bytes, bytes] | None


def sealed_loads(conn: Connection) -> list[Sealed]:
    """All sealed loads, in the order of the chain."""
    rows = conn.execute(
        "SELECT p.seq, p.load_id, p.inserted, p.root, p.previous_chain, p.chain, p.evidence_version, b.id,"
        " b.platform_code, b.batch_no, b.sha256, coalesce(b.contract_version, ''), d.root, d.previous_chain, d.chain"
        " FROM hub.load_proof p JOIN hub.load l ON l.id = p.load_id JOIN hub.batch b ON b.id = l.batch_id"
        " LEFT JOIN hub.load_digest d ON d.load_id = p.load_id AND d.algorithm = 'sm3' ORDER BY p.seq"
    )
    return [_sealed(row) for row in rows]


def _sealed(row: tuple[Any, ...]) -> Sealed:
    sm3 = (row[12], row[13], row[14]) if row[12] is not None else None
    return Sealed(*row[:12], sm3=sm3)  # type: ignore[misc]


def unsealed_loads(conn: Connection) -> list[tuple[int, int]]:
    """(load, batch) of load events that have no seal, though sealing is part of their transaction."""
    return conn.execute(
        "SELECT l.id, l.batch_id FROM hub.load l WHERE NOT EXISTS"
        " (SELECT FROM hub.load_proof p WHERE p.load_id = l.id) ORDER BY l.id"
    ).fetchall()
