"""Export of tenders, awards and contracts as a package of OCDS 1.1 releases."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_hub.core.clock import iso
from exchange_hub.core.errors import UsageError
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ocds_release import Publisher, release
from warehouse.procedures import events


def export_ocds(hub: Hub, since: datetime, until: datetime, out: Path, now: datetime) -> dict[str, int]:
    """Write the releases of a period, from `since` up to and without `until`; returns how many of each stage.

    The file appears whole or not at all.

    Raises:
        UsageError: the period is empty, holds nothing, or the file cannot be written.
    """
    if since >= until:
        raise UsageError("EMPTY_PERIOD", "起始时间应早于结束时间", "--from must be before --to")
    draft = out.with_name(f".{out.name}.draft")
    counts: dict[str, int] = {}
    try:
        with draft.open("w", encoding="utf-8") as file, hub.database() as conn:
            head = json.dumps(_package(hub, since, until, now), ensure_ascii=False, indent=2)
            file.write(head.removesuffix("\n}") + ',\n  "releases": [\n')
            for number, one in enumerate(_releases(hub, events(conn, since, until), counts)):
                file.write((",\n" if number else "") + json.dumps(one, ensure_ascii=False))
            file.write("\n  ]\n}\n")
        if not counts:
            raise UsageError("NO_RELEASES", "该时段没有可导出的记录", "there is nothing to export in this period")
        draft.replace(out)
    except OSError as error:
        raise UsageError("CANNOT_WRITE", f"无法写入 {out}", f"cannot write {out}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return counts


def _releases(hub: Hub, rows: Iterator[dict[str, Any]], counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    publisher = Publisher(hub.settings.ocds_prefix, hub.settings.ocds_organisation_scheme)
    for row in rows:
        counts[row["stage"]] = counts.get(row["stage"], 0) + 1
        yield release(row, publisher)


def _package(hub: Hub, since: datetime, until: datetime, now: datetime) -> dict[str, Any]:
    period = f"{since:%Y%m%dT%H%M%S}-{until:%Y%m%dT%H%M%S}"
    return {
        "uri": f"{hub.settings.ocds_uri}:{period}",
        "version": "1.1",
        "publishedDate": iso(now),
        "publisher": {"name": hub.settings.ocds_publisher},
    }
