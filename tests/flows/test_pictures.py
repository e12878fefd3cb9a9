"""The page of an auditor's day: its pictures are what the warehouse answers, drawn anew here."""

import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.pictures import draw

pytestmark = pytest.mark.stack
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
KEPT = Path(__file__).parents[2] / "docs" / "how-to"
MISSING = ("EVALUATION_", "TENDER_EVALUATION", "REJECTED_BID_INFO", "EVAL_EXPERT_CHECKIN", "RECORDING")
Record = tuple[str, Mapping[str, str]]


def test_the_pictures_of_the_page_are_what_the_warehouse_answers(
    new_hub: Callable[[], Hub], write: Callable[..., Path], records: Callable[..., list[Record]]
) -> None:
    """A result is rejected, sent again as the notice asks, and changed later; the evaluation never comes."""
    hub = new_hub()
    made = [record for record in records(9201) if not record[0].startswith(MISSING)]
    whole = next(fields for name, fields in made if name == "WIN_RESULT_ANNO")
    others = [record for record in made if record[0] != "WIN_RESULT_ANNO"]
    broken = {name: value for name, value in whole.items() if name != "NOTICE_NAME"}
    later = {**whole, "DATA_TYPE": "2", "NOTICE_NAME": f"{whole['NOTICE_NAME']}（更正）"}
    for number, (batch_no, sent) in enumerate(
        (
            ("audit-1", [*others, ("WIN_RESULT_ANNO", broken)]),
            ("audit-2", [("WIN_RESULT_ANNO", whole)]),
            ("audit-3", [("WIN_RESULT_ANNO", later)]),
        )
    ):
        ingest(hub, write(batch_no, sent), NOW + timedelta(days=number), channel="cli")

    drawn = draw(hub, "WIN_RESULT_ANNO", whole["DATA_KEY"], NOW + timedelta(days=60))

    for name, svg in drawn.items():
        ElementTree.fromstring(svg)
        if os.environ.get("HUB_TEST_RENEW"):
            (KEPT / f"{name}.svg").write_text(svg, "utf-8")
        kept = (KEPT / f"{name}.svg").read_text("utf-8")
        assert same(kept) == same(svg), "renew: HUB_TEST_RENEW=1 pytest tests/flows/test_pictures.py"
    assert {"opened, not evaluated", "opened, no recording"} <= set(re.findall(r"opened, [a-z ]+", drawn["timeline"]))
    for said in ("PRS-", "audit-1", "由批次 audit-2 更正", "版本 1 新增", "版本 2 修改", "（更正）"):
        assert said in drawn["history"], said
    assert "第 3 环" in drawn["provenance"]


def same(svg: str) -> str:
    """Hashes of a package as packed differ from run to run, and with them all that follows."""
    return re.sub("[0-9a-f]{24}…", "…", svg)
