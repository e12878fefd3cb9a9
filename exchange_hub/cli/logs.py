"""Where the command line's log goes: a file of the state folder, so that stderr holds nothing but one line of error.

JSON lines: `exchange_hub.core.loglines`.

`HUB_LOG_LEVEL` (DEBUG, INFO, …) shows it on stderr instead, from that level up.
"""

import logging
import os

from exchange_hub.core.loglines import TEXT, formatter
from exchange_hub.core.settings import home


class LogFile(logging.FileHandler):
    """`logs/hub.log` of the state folder, made with its folder when the first line is written."""

    def __init__(self) -> None:
        super().__init__(home() / "logs" / "hub.log", encoding="utf-8", delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; a log that cannot be written is no reason to disturb the command."""
        try:
            (home() / "logs").mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- the name is logging's
        """Nothing: see `emit`."""


def configure() -> None:
    """Set up logging for one command; for the entry point only."""
    level = os.environ.get("HUB_LOG_LEVEL", "").upper()
    wanted = level in logging.getLevelNamesMapping()
    handler = logging.StreamHandler() if wanted else LogFile()
    handler.setFormatter(logging.Formatter(TEXT) if wanted else formatter())
    logging.captureWarnings(True)  # of libraries, about what a sender's file looks like: nothing for a person
    logging.basicConfig(level=level if wanted else "WARNING", handlers=[handler])
