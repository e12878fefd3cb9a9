"""Issuing a notice: numbered, kept, put into the outbox, tied to the notices it carries on. The caller commits."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from exchange_hub.core.clock import in_shanghai
from exchange_hub.flows.corrections import carry_on, carry_on_refusals
from feedback.notice import BatchOutcome, build, notice_number
from warehouse import notices
from warehouse.notices import Source


def issue(
    conn: psycopg.Connection, outcome: BatchOutcome, source: Source, now: datetime, corrects: Sequence[str] = ()
) -> str:
    """Issue the notice of a batch with rejections or of a refused one, once per source.

    Args:
        corrects: notices that the batch names; only looked at for a refused package.

    Returns:
        Its number, or the one it has already.
    """
    known = notices.existing(conn, source)
    if known is not None:
        return known
    short_code, year = outcome.platform.short_code, in_shanghai(now).year
    number = notice_number(short_code, year, notices.number_for(conn, short_code, year))
    notice = build(outcome, number, now)
    notices.insert(conn, notice, source)
    if notice.refusal is None:
        carry_on(conn, notice, now)
    else:
        carry_on_refusals(conn, notice, corrects, now)
    return number
