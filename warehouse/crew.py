"""Work shared among processes that all read one state of the database (并行读取).

Hashing keeps a Python process busy on one core. Each process has a connection of its own, which sees the snapshot of
the caller's transaction: what they find together is what one would have found alone.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

from exchange_hub.core.errors import ServiceError
from warehouse.connection import connect

T = TypeVar("T")
Task = Callable[[Connection], T]  # for a crew of several: a function of a module, its arguments bound by `partial`

WAITING = 3  # tasks handed over ahead of the one whose result is wanted, for each process
MOST = 8  # processes, however many cores there are: each takes a connection
_snapshot = ("", "")  # in a process of a crew: where it connects, and what state it reads
_conn: Connection | None = None


@dataclass(frozen=True, slots=True)
class Crew:
    """Runs tasks by the caller's connection, or in processes of its own."""

    conn: Connection
    pool: ProcessPoolExecutor | None = None
    size: int = 1

    def run(self, tasks: Iterable[Task[T]]) -> Iterator[T]:
        """Results in the order of the tasks; no more than a few are held. What a task raises is raised here.

        Processes begin at once, before the first result is asked for.
        """
        ahead = iter(tasks)
        if self.pool is None:
            return (task(self.conn) for task in ahead)
        pool = self.pool
        waiting = deque(pool.submit(_run, task) for task in islice(ahead, self.size * WAITING))
        return _drained(pool, waiting, ahead)


def cores() -> int:
    """Cores that this process may use, at most MOST."""
    return min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@contextmanager
def crew(conn: Connection, size: int) -> Iterator[Crew]:
    """A crew of so many processes; of one: this process alone.

    Args:
        conn: in a transaction that reads one state (REPEATABLE READ); what it has written itself is not seen by others.
    """
    if size <= 1:
        yield Crew(conn)
        return
    row = conn.execute("SELECT pg_export_snapshot()").fetchone()
    place = make_conninfo(conn.info.dsn, password=conn.info.password or None)
    start = get_context("spawn")  # a fork would copy the threads' locks of polars
    with ProcessPoolExecutor(size, start, _begin, (place, row[0] if row else "")) as pool:
        try:
            yield Crew(conn, pool, size)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin(place: str, snapshot: str) -> None:
    global _snapshot  # noqa: PLW0603 -- a process of the pool has no other memory
    _snapshot = place, snapshot
    os.environ["POLARS_MAX_THREADS"] = "1"  # the processes are the threads


def _run(task: Task[T]) -> T:
    global _conn  # noqa: PLW0603 -- as above; connected here, so that what fails reaches the caller
    if _conn is None:
        _conn = _connected(*_snapshot)
    return task(_conn)


def _connected(place: str, snapshot: str) -> Connection:
    conn = connect(place)
    isolated = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT {}"
    conn.execute(sql.SQL(isolated).format(sql.Literal(snapshot)))
    return conn


def _drained(pool: ProcessPoolExecutor, waiting: deque[Future[T]], ahead: Iterator[Task[T]]) -> Iterator[T]:
    while waiting:
        yield _result(waiting.popleft())
        waiting.extend(pool.submit(_run, task) for task in islice(ahead, 1))


def _result(future: Future[T]) -> T:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise ServiceError(
            "PROCESS_DIED",
            "一个核验进程被系统终止（多为内存不足），请重试或减少进程数",
            "a process of the crew was ended by the system (mostly for want of memory): try again, or with fewer",
        ) from error
