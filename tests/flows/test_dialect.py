"""Another province's messages, read by a mapping file: taken as our records, faults named in the sender's words."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.core.records import Report
from exchange_hub.core.settings import Settings
from exchange_hub.flows.check import Targets, check_package, write_report_files
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.readiness import readiness
from exchange_hub.flows.recorrect import Wish, correct_workbook
from ingest.dialect import load_dialect
from ingest.registry import FOLDER, load_platforms

TAIYUAN = "12140100MA3DEM088H"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
GOLDEN = Path(__file__).parents[1] / "ingest" / "golden" / "shanxi"
MESSAGES = sorted(path.stem for path in GOLDEN.glob("*.xml"))
Edit = Callable[[str, str], str]
Pack = Callable[..., Path]


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """A folder with the card of a platform that writes as Shanxi does."""
    card = yaml.safe_load((FOLDER / "nanyang.yaml").read_text("utf-8"))
    card |= {"code": TAIYUAN, "short_code": "14010001", "region": "140100", "dialect": "shanxi"}
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "taiyuan.yaml").write_text(yaml.safe_dump(card, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """A function that packs the golden messages, each edited by (name, text) -> text."""

    def make(batch_no: str = "sx-1", edit: Edit = lambda _, text: text, only: tuple[str, ...] = ()) -> Path:
        folder = tmp_path / batch_no
        (folder / "data").mkdir(parents=True)
        files = []
        for name in only or MESSAGES:
            content = edit(name, (GOLDEN / f"{name}.xml").read_text("utf-8")).encode()
            (folder / "data" / f"{name}.xml").write_bytes(content)
            records = content.count(f"</{name}>".encode())
            digest = hashlib.sha256(content).hexdigest()
            files.append(
                {"path": f"data/{name}.xml", "dataset": name, "format": "xml", "records": records, "sha256": digest}
            )
        manifest = {
            "manifest_version": "1",
            "platform_code": TAIYUAN,
            "batch_no": batch_no,
            "contract_version": "2.0.0",
            "created_at": "2026-11-24T09:00:00+08:00",
            "files": files,
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return folder

    return make


@pytest.fixture
def check(cards: Path) -> Callable[[Path], Report]:
    return lambda package: check_package(package, NOW, Settings(platforms_dir=cards), closed=True).report


def element(name: str, value: str, message: str) -> Edit:
    """Give the first element of that name in that message another value."""

    def edit(file: str, text: str) -> str:
        if file != message:
            return text
        changed, count = re.subn(f"<{name}>[^<]*</{name}>", f"<{name}>{value}</{name}>", text, count=1)
        assert count == 1
        return changed

    return edit


def test_the_eight_messages_are_proved() -> None:
    assert set(MESSAGES) == set(load_dialect("shanxi").messages)
    assert len(MESSAGES) == 8


def test_messages_of_shanxi_are_accepted_as_our_records(pack: Pack, check: Callable[[Path], Report]) -> None:
    report = check(pack())

    rejected = [(f.dataset, f.field, f.rule_id, f.message_zh) for f in report.findings if f.severity == "reject"]
    assert rejected == []
    assert {name: counts.accepted for name, counts in report.datasets} == {
        "PROJECT": 1,
        "TENDER_PROJECT": 1,
        "SECTION": 2,
        "TENDER_ANN_QUA_INQUERY_ANN": 1,
        "BID_OPENING_RECORD": 1,
        "TENDER_CANDIDATE": 3,
        "WIN_RESULT_ANNO": 2,
        "TENDER_ABNORMITY_REPORT": 1,
    }


def test_elements_named_like_our_envelope_are_told_as_unknown(pack: Pack, check: Callable[[Path], Report]) -> None:
    def edit(file: str, text: str) -> str:
        ours = "<DATA_KEY>1</DATA_KEY><DATA_TYPE>3</DATA_TYPE></GCJS_SECTION>"
        return text.replace("</GCJS_SECTION>", ours) if file == "GCJS_SECTION" else text

    report = check(pack(edit=edit))

    told = {(one.dataset, one.field) for one in report.findings if one.rule_id == "STR-004"}
    assert told >= {("SECTION", "报文中的DATA_KEY"), ("SECTION", "报文中的DATA_TYPE")}
    assert dict(report.datasets)["SECTION"].accepted == 2


def test_messages_are_corrected_where_they_come_from_and_the_workbook_says_so(
    pack: Pack, cards: Path, tmp_path: Path
) -> None:
    package = pack(edit=element("REGION_CODE", "14", "GCJS_PROJECT"))
    checked = check_package(package, NOW, Settings(platforms_dir=cards), closed=True)
    write_report_files(checked, NOW, Targets(xlsx=tmp_path / "report.xlsx"))

    facts = dict(openpyxl.load_workbook(tmp_path / "report.xlsx")["说明"].iter_rows(min_row=3, values_only=True))
    with pytest.raises(UsageError) as caught:
        correct_workbook(tmp_path / "report.xlsx", package, tmp_path / "n.zip", NOW, Settings(), Wish())

    assert "请在原系统中更正" in facts["如何更正 To correct"]
    assert caught.value.code == "NO_CORRECTION_WORKBOOK"
    assert "请在原系统中更正" in caught.value.message_zh


FAULTS = [
    ("GCJS_SECTION", "BID_SECTION_NAME", ""),
    ("GCJS_NOTICE", "TENDER_CODE", ""),  # our TENDER_SELF_CODE
    ("GCJS_NOTICE", "NOTICE_SEND_TIME", "2026/06/12"),
    ("GCJS_NOTICE", "NOTICE_SEND_TIME", "2027-06-12 09:00:00"),  # read, and in the future
    ("GCJS_PROJECT", "REGION_CODE", "14"),
    ("GCJS_TENDER_PROJECT", "N_PUB_SERVICE_PLAT_CODE", "P14"),  # our PUB_SERVICE_PLAT
    ("GCJS_WIN_CANDIDATE", "BID_PRICE", "约五千"),
]


@pytest.mark.parametrize(("message", "name", "sent"), FAULTS)
def test_a_fault_is_named_by_the_senders_element_row_and_value(
    pack: Pack, check: Callable[[Path], Report], message: str, name: str, sent: str
) -> None:
    report = check(pack(edit=element(name, sent, message)))

    found = [f for f in report.findings if f.field == name and f.file == f"data/{message}.xml"]
    assert found, [(f.field, f.rule_id, f.message_zh) for f in report.findings]
    assert {f.row for f in found} == {1}
    assert sent or "PRS-001" in {f.rule_id for f in found}
    assert any(f.value == (sent or None) and sent in f.message_zh for f in found)


def test_an_element_that_no_one_knows_is_reported_by_its_name(pack: Pack, check: Callable[[Path], Report]) -> None:
    def edit(file: str, text: str) -> str:
        return text.replace("</GCJS_PROJECT>", "<COLOUR>red</COLOUR></GCJS_PROJECT>") if "PROJECT" in file else text

    report = check(pack(edit=edit))

    assert [f.field for f in report.findings if f.field == "COLOUR"] == ["COLOUR"]


def test_a_message_without_its_record_key_is_named_by_that_key(pack: Pack, check: Callable[[Path], Report]) -> None:
    report = check(pack(edit=lambda _, text: text.replace(' PLATID="PROJECT-2026-0001"', "")))

    [finding] = [f for f in report.findings if f.rule_id == "STR-001"]
    assert (finding.field, finding.file) == ("PLATID", "data/GCJS_PROJECT.xml")


def test_what_the_message_cannot_carry_is_not_demanded(pack: Pack, check: Callable[[Path], Report]) -> None:
    report = check(pack())

    assert "PRS-001" not in {f.rule_id for f in report.findings}


REFUSALS: list[tuple[Edit, str]] = [
    (lambda _, text: text.replace("</GCJS_PROJECT>", "") if "GCJS_PROJECT" in text else text, "BROKEN_XML"),
    (lambda file, text: text.replace(file, "GCJS_OTHER") if file == "GCJS_SECTION" else text, "BROKEN_XML"),
    (lambda _, text: text.replace("?>\n", '?>\n<!DOCTYPE x [<!ENTITY e "x">]>\n'), "XML_ENTITY"),
    (lambda _, text: text.replace("<PROJECT_NAME>", "<PROJECT_NAME><b/>"), "BROKEN_XML"),
    (lambda _, text: text.replace("<PROJECT_NAME>", "stray<PROJECT_NAME>"), "BROKEN_XML"),
]


@pytest.mark.parametrize(("edit", "code"), REFUSALS)
def test_messages_that_cannot_be_read_are_refused_with_their_place(
    pack: Pack, check: Callable[[Path], Report], edit: Edit, code: str
) -> None:
    report = check(pack(edit=edit))

    assert report.refusal is not None
    assert report.refusal.code in (code, "RECORD_COUNT_MISMATCH")
    assert "data/GCJS_" in report.refusal.where


def test_a_sender_without_the_dialect_may_not_send_its_messages(pack: Pack, tmp_path: Path) -> None:
    report = check_package(pack(), NOW, Settings(platforms_dir=tmp_path)).report

    assert report.refusal is not None
    assert report.refusal.code == "UNKNOWN_DATASET"


@pytest.mark.stack
def test_a_message_sent_again_with_other_content_is_a_new_version_of_its_record(
    new_hub: Callable[[], Hub], cards: Path, pack: Pack
) -> None:
    hub = replace(new_hub(), platforms=load_platforms(cards))
    first = ingest(hub, pack("sx-1"), NOW, channel="cli")
    later = NOW + timedelta(hours=1)

    second = ingest(
        hub, pack("sx-2", element("ADDRESS", "太原市新址", "GCJS_PROJECT"), ("GCJS_PROJECT",)), later, channel="cli"
    )
    third = ingest(hub, pack("sx-3", only=("GCJS_SECTION",)), later, channel="cli")

    assert [report["verdict"] for report in (first, second, third)] == ["accepted"] * 3
    with hub.database() as conn:
        versions: list[tuple[Any, ...]] = conn.execute(
            "SELECT version_no, operation, payload ->> 'ADDRESS' FROM audit.record WHERE dataset = 'PROJECT' ORDER BY 1"
        ).fetchall()
        money = conn.execute("SELECT price_unit, currency_code, contract_reckon_price FROM exchange.section").fetchall()
    assert [(number, operation) for number, operation, _ in versions] == [(1, "insert"), (2, "update")]
    assert versions[1][2] == "太原市新址"
    assert {row[:2] for row in money} == {("1", "156")}
    found = readiness(hub, TAIYUAN, "2.0.0", NOW)
    assert found["records"] == found["passing"] == 12
