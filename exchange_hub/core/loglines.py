"""Logs as JSON lines (结构化日志): time, level, logger, message, and platform, batch and stage where work is under way.

An error is written as class and places, never with what was in it. `HUB_LOG_FORMAT=text` gives plain lines.
"""

import logging
import os
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import HubError
from exchange_hub.core.faults import without_values

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
FIRST = ("time", "level", "logger", "message", "platform", "batch", "stage")


def formatter() -> logging.Formatter:
    """The formatter that the settings ask for: JSON lines, or text."""
    return logging.Formatter(TEXT) if os.environ.get("HUB_LOG_FORMAT", "json") == "text" else JsonLines()


class JsonLines(logging.Formatter):
    """One JSON document a line. structlog is loaded when the first line is written: most commands write none."""

    def __init__(self) -> None:
        super().__init__()
        self._made: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        if self._made is None:
            self._made = _json_formatter()
        return self._made.format(record)


def _json_formatter() -> logging.Formatter:
    import structlog

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _error,
        ],
        processors=[_told, structlog.processors.JSONRenderer(ensure_ascii=False)],
    )


def _error(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Instead of the error's words, which would be written after the line: where it happened, and its code if ours."""
    record: logging.LogRecord = event["_record"]
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        event["error"] = without_values(error)
    if isinstance(error, HubError):
        event["error_code"] = error.code
    return event


def _told(_: Any, __: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """The document of a record, its first keys always in the same order."""
    record: logging.LogRecord = event.pop("_record")
    for ours in ("_from_structlog", "exc_info"):
        event.pop(ours, None)
    moment = datetime.fromtimestamp(record.created, UTC).astimezone(SHANGHAI)
    event["time"], event["message"] = moment.isoformat(timespec="milliseconds"), event.pop("event")
    return {name: event[name] for name in (*FIRST, *sorted(set(event) - set(FIRST))) if name in event}
