"""Errors on their way into a log: where they happened, never what was in them (messages may quote people's data)."""

import traceback


def without_values(error: BaseException) -> str:
    """Class and places of an error and of what caused it."""
    told, cause = [], error
    while cause is not None:
        told.append(f"{type(cause).__name__}\n{''.join(traceback.format_tb(cause.__traceback__))}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)  # type: ignore[assignment]
    return "caused by ".join(told)
