"""Ports given out lately on this machine, so that two stacks that start at the same moment take different ones.

Whether a port is free says nothing about the stack beside us that has chosen it and not started listening yet. A
small file per user, shared by all state folders, remembers what was chosen in the last minutes.
"""

import fcntl
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 300.0  # after that a chosen port is listened to, or never will be


@dataclass(frozen=True, slots=True)
class Book:
    """Chosen ports: port -> (state folder, until when), as of this moment."""

    home: Path
    taken: dict[str, tuple[str, float]]

    def is_others(self, port: int) -> bool:
        """Whether another state folder has just chosen the port."""
        return self.taken.get(str(port), (str(self.home), 0.0))[0] != str(self.home)

    def note(self, ports: Mapping[str, int]) -> None:
        """Remember the choice of this state folder."""
        self.taken.update({str(port): (str(self.home), time.time() + SECONDS) for port in ports.values()})

    def forget(self) -> None:
        """Give back what this state folder has chosen."""
        for port in [port for port, (place, _) in self.taken.items() if place == str(self.home)]:
            del self.taken[port]


@contextmanager
def open_book(home: Path) -> Iterator[Book]:
    """The book, alone with it; what is noted is kept. Where none can be kept, an empty one."""
    folder = Path(tempfile.gettempdir()) / f"exchange-hub-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):  # somebody else's: not to be trusted
        yield Book(home, {})
        return
    with (folder / "ports.json").open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        book = Book(home, _fresh(file.read()))
        yield book
        file.truncate(0)
        json.dump(book.taken, file)


def _fresh(text: str) -> dict[str, tuple[str, float]]:
    try:
        noted: dict[str, tuple[str, float]] = json.loads(text or "{}")
    except json.JSONDecodeError:  # cut off by a kill: as if nothing had been noted
        return {}
    return {port: (place, until) for port, (place, until) in noted.items() if until > time.time()}
