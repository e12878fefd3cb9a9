"""The evidence store against the database: packages as received, notices as sent, heads of the chain.

The store says what it holds under a retention lock; the rows say what should be there. Both are compared, so that a
swapped object shows as much as a row that was made to vanish.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from exchange_hub.core.clock import iso
from exchange_hub.core.errors import ServiceError
from exchange_hub.core.ports import ObjectStore
from warehouse.batches import BatchRow
from warehouse.differences import Difference, Fault, difference
from warehouse.proofs import Sealed

ANCHORS = "anchors/"


def package_problem(store: ObjectStore) -> Callable[[BatchRow], str | None]:
    """A check of the bytes of a batch as received."""
    return lambda batch: object_problem(store, batch.raw_uri, batch.sha256)


def object_problem(store: ObjectStore, uri: str, sha256: str) -> str | None:
    """Why the bytes behind a URI are not those of that hash; None where they are."""
    try:
        digest = store.sha256(uri)
    except ServiceError as error:
        if error.code == "OBJECT_MISSING":
            return f"{uri} is gone"
        raise
    return None if digest == sha256 else f"{uri} has SHA-256 {digest}, booked {sha256}"


def notice_differences(conn: Connection, store: ObjectStore, batch_id: int | None) -> Iterator[Difference]:
    """Files of notices whose bytes are not what was sent."""
    rows = conn.execute(
        "SELECT n.platform_code, n.batch_no, f.notice_no, f.name, f.uri, f.sha256 FROM hub.notice_file f"
        " JOIN hub.notice n ON n.notice_no = f.notice_no WHERE %s::bigint IS NULL OR n.batch_id = %s"
        " ORDER BY f.notice_no, f.name",
        (batch_id, batch_id),
    ).fetchall()
    for platform_code, batch_no, notice_no, name, uri, sha256 in rows:
        problem = object_problem(store, uri, sha256)
        if problem is not None:
            made = difference(Fault.CHANGED_NOTICE, detail=f"{notice_no} {name}: {problem}")
            yield replace(made, platform_code=platform_code, batch_no=batch_no)


def unbooked_differences(conn: Connection, store: ObjectStore) -> Iterator[Difference]:
    """Packages that the store holds and no batch or conflict books: a batch that was made to vanish.

    Bytes are stored before they are booked, so those of the newest day on are left for the next time. Where a process
    died in between and the package was taken in again on another day, its bytes lie there twice and are booked once:
    that is no loss.
    """
    rows = conn.execute("SELECT raw_uri FROM hub.batch UNION SELECT raw_uri FROM hub.delivery_conflict").fetchall()
    booked = {uri.split("/", 3)[-1] for (uri,) in rows}  # s3://bucket/key
    known = {_content(key) for key in booked}
    newest = max((_day(key) for key in booked), default="")
    for key in store.keys("raw/"):
        if key not in booked and _content(key) not in known and _day(key) < newest:
            yield difference(Fault.UNBOOKED_OBJECT, detail=key)


def _content(key: str) -> tuple[str, str]:
    """Sender and SHA-256 of a package's key."""
    parts = key.split("/")
    return parts[1], parts[-1]


def _day(key: str) -> str:
    """Day of a package's key: raw/<platform>/<yyyy/mm/dd>/<sha256>."""
    return "/".join(key.split("/")[2:5])


def anchor(conn: Connection, store: ObjectStore, at: datetime) -> str | None:
    """Write the head of the chain to the evidence store; returns its address, None where nothing is new.

    The caller commits. The key carries the value, so a second writing of the same head changes nothing.
    """
    head = conn.execute(
        "SELECT p.seq, p.chain, p.load_id, d.chain FROM hub.load_proof p LEFT JOIN hub.load_digest d"
        " ON d.load_id = p.load_id AND d.algorithm = 'sm3' ORDER BY p.seq DESC LIMIT 1"
    ).fetchone()
    if head is None:
        return None
    seq, chain, load_id, sm3 = head
    if conn.execute("SELECT 1 FROM hub.anchor WHERE seq = %s", (seq,)).fetchone():
        return None
    document = {"seq": seq, "load_id": load_id, "chain": chain.hex(), "sm3_chain": sm3.hex() if sm3 else None}
    content = json.dumps({**document, "anchored_at": iso(at)}, indent=2).encode("ascii")
    uri = _stored(store, f"{ANCHORS}{seq:012d}-{chain.hex()}.json", content)
    conn.execute("INSERT INTO hub.anchor VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", (seq, chain, uri, at))
    return uri


def anchor_differences(store: ObjectStore, chain: list[Sealed]) -> Iterator[Difference]:
    """Heads kept outside that the chain does not have: it was rewritten or cut short since."""
    values = {load.seq: load.chain.hex() for load in chain}
    for key in store.keys(ANCHORS):
        number, value = key.removeprefix(ANCHORS).removesuffix(".json").split("-", 1)
        if values.get(int(number)) != value:
            yield difference(Fault.LOST_HEAD, detail=f"seq {int(number)}: {value}")


def anchors(store: ObjectStore) -> list[dict[str, Any]]:
    """Heads of the chain as they are kept outside, oldest first: seq and chain (hex)."""
    parts = [key.removeprefix(ANCHORS).removesuffix(".json").split("-", 1) for key in store.keys(ANCHORS)]
    return [{"seq": int(number), "chain": value} for number, value in parts]


def _stored(store: ObjectStore, key: str, content: bytes) -> str:
    try:
        return store.put_bytes(key, content)
    except ServiceError as error:
        if error.code != "OBJECT_EXISTS":
            raise
        return error.where  # written before, by a run that could not book it: the value in its name is the same
