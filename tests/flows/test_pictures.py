"""The page of an auditor's day: its picture is what the warehouse answers, drawn anew here."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.questions import project_timeline
from warehouse.pictures import timeline_picture

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
KEPT = Path(__file__).parents[2] / "docs" / "how-to" / "timeline.svg"
MISSING = ("EVALUATION_", "TENDER_EVALUATION", "REJECTED_BID_INFO", "EVAL_EXPERT_CHECKIN", "RECORDING")
Record = tuple[str, Mapping[str, str]]


def test_the_picture_of_the_page_is_what_the_warehouse_answers(
    new_hub: Callable[[], Hub], write: Callable[..., Path], records: Callable[..., list[Record]]
) -> None:
    hub = new_hub()
    made = [record for record in records(9201) if not record[0].startswith(MISSING)]
    code = next(fields["TENDER_PROJECT_CODE"] for name, fields in made if name == "TENDER_PROJECT")
    ingest(hub, write("picture", made), NOW, channel="cli")

    told = project_timeline(hub, code, NOW + timedelta(days=60))
    drawn = timeline_picture(code, told["events"], told["gaps"])

    if os.environ.get("HUB_TEST_RENEW"):
        KEPT.write_text(drawn, "utf-8")
    assert {gap["gap_en"] for gap in told["gaps"]} >= {"opened, not evaluated", "opened, no recording"}
    assert drawn.count("<circle") > 5
    assert KEPT.read_text("utf-8") == drawn, "renew: HUB_TEST_RENEW=1 pytest tests/flows/test_pictures.py"
