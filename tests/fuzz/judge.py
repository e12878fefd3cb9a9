"""One package through `hub check`: it must end in a report or a refusal, with all its files written."""

import json
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.settings import Settings
from exchange_hub.flows.check import Targets, check_package, write_report_files
from feedback.report import report_document
from ingest.registry import FOLDER
from tests.fuzz.bases import SHANXI_CODE

NOW = datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)


def judge(package: bytes, *, files: bool = False) -> str:
    """What became of a package: its verdict, or the code of its refusal.

    Args:
        files: also write the report as HTML, workbook and CSV.

    Raises:
        AssertionError: the report contradicts itself.
        Exception: whatever the hub lets out: each one is a defect.
    """
    with tempfile.TemporaryDirectory(prefix="hub-fuzz-") as folder:
        path = Path(folder) / "package"
        path.write_bytes(package)
        checked = check_package(path, NOW, _settings())
        document = report_document(checked.report)
        json.dumps(document, ensure_ascii=False).encode("utf-8")
        if files:
            here = Path(folder)
            write_report_files(checked, NOW, Targets(here / "r.html", here / "r.xlsx", here / "r.csv"))
    refusal, counts = document["refusal"], document["counts"]
    if refusal is not None:
        assert refusal["code"]
        assert refusal["message_zh"]
        assert refusal["message_en"]
        return str(refusal["code"])
    assert counts["received"] == counts["accepted"] + counts["rejected"] + counts["held"]
    return str(document["verdict"])


@cache
def _settings() -> Settings:
    return Settings(platforms_dir=_cards())


def _cards() -> Path:
    """The repository's platform cards, and one of a platform that writes another province's messages."""
    folder = Path(tempfile.mkdtemp(prefix="hub-fuzz-cards-"))
    for card in FOLDER.glob("*.yaml"):
        (folder / card.name).write_bytes(card.read_bytes())
    shanxi = yaml.safe_load((FOLDER / "nanyang.yaml").read_text("utf-8"))
    shanxi |= {"code": SHANXI_CODE, "short_code": "14010001", "region": "140100", "dialect": "shanxi"}
    (folder / "taiyuan.yaml").write_text(yaml.safe_dump(shanxi, allow_unicode=True), "utf-8")
    return folder
