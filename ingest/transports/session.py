"""One SFTP session for many steps."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

import paramiko

from exchange_hub.core.connections import Connection
from exchange_hub.core.ssh import open_sftp

T = TypeVar("T")
LINE_ERRORS = (paramiko.SSHException, OSError, EOFError)


class Session:
    """Opened at the first step; within `with` it is kept for the next ones. Not for two threads at once."""

    def __init__(self, link: Connection) -> None:
        self._link, self._open, self._kept = link, ExitStack(), False
        self._sftp: paramiko.SFTPClient | None = None

    def __enter__(self) -> "Session":
        self._kept = True
        return self

    def __exit__(self, *_: object) -> None:
        self._kept = False
        self._close()

    def run(self, step: Callable[[paramiko.SFTPClient], T]) -> T:
        """Take a step; where a kept session turns out to be dead, once more with a new one.

        Raises:
            paramiko.SSHException, OSError, EOFError: the server does not answer, is another one, or refuses.
        """
        kept = self._sftp is not None
        try:
            return self._take(step)
        except LINE_ERRORS:
            if not kept:
                raise
        return self._take(step)

    def _take(self, step: Callable[[paramiko.SFTPClient], T]) -> T:
        well = False
        try:
            if self._sftp is None:
                self._sftp = self._open.enter_context(open_sftp(self._link))
            result = step(self._sftp)
            well = True
            return result
        finally:
            if not (well and self._kept):
                self._close()

    def _close(self) -> None:
        self._sftp = None
        self._open.close()
