"""The OCDS export, judged by the public checker."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.ocds import export_ocds
from exchange_hub.flows.ocds_release import PERSON, Publisher, amount, release
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.object_store import S3ObjectStore

STANDARD = Path(__file__).parent / "ocds_standard"
NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
SINCE, UNTIL = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (2020, 2027))
ROW = {
    "stage": "award", "process": "E4101000001000001001001", "data_key": "K1", "version": 1, "at": NOW, "nature": "1",
    "number": None, "title": "某标段", "description": "联系电话19900000280", "method": "2", "buyer_name": "某局",
    "buyer_code": "12410600001479703F", "supplier_name": "甲公司;张三",
    "supplier_code": "91411600MAYXWFPG4A;411300198403095471",
    "form": "1", "amount": Decimal("12.345600"), "currency": "156", "unit": "1", "url": "https://ggzy.example.com/1",
    "page": "中标结果公告", "until": None, "award": "K1",
}  # fmt: skip


def standard() -> bytes:
    """The standard as the checker unpacks it: schemas, and code lists as files."""
    schema = json.loads((STANDARD / "release-schema.json").read_text("utf-8"))
    lists: dict[str, list[str]] = json.loads((STANDARD / "open-codelists.json").read_text("utf-8"))
    for place in (schema, *schema["definitions"].values()):
        for field in place["properties"].values():
            codes = field.get("enum") or field.get("items", {}).get("enum")
            if "codelist" in field and codes:
                lists[field["codelist"]] = [code for code in codes if code]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("standard/", "")
        empty = json.dumps({"$schema": schema["$schema"]})  # of records, which are not exported
        archive.writestr("standard/schema/versioned-release-validation-schema.json", empty)
        for name in ("release-schema.json", "release-package-schema.json"):
            archive.writestr(f"standard/schema/{name}", (STANDARD / name).read_text("utf-8"))
        for name, codes in lists.items():
            archive.writestr(f"standard/schema/codelists/{name}", "\n".join(["Code", *codes]) + "\n")
    return packed.getvalue()


def complaints(package: dict[str, Any]) -> dict[str, Any]:
    """What the checker does not accept, by kind."""
    config = LibCoveOCDSConfig({"standard_zip": standard(), "context": "api"})
    told = ocds_json_output(json_data=package, lib_cove_ocds_config=config)
    kinds = (
        "validation_errors",
        "additional_fields",
        "additional_closed_codelist_values",
        "additional_open_codelist_values",
        "conformance_errors",
        "deprecated_fields",
        "additional_checks",
    )
    assert told["version_used"] == "1.1"
    return {kind: told[kind] for kind in kinds if told.get(kind)}


def package(*releases: dict[str, Any]) -> dict[str, Any]:
    head = {
        "uri": "urn:x:1",
        "version": "1.1",
        "publishedDate": "2026-11-23T10:00:00+08:00",
        "publisher": {"name": "x"},
    }
    return {**head, "releases": list(releases)}


def made(**changes: Any) -> dict[str, Any]:
    return release({**ROW, **changes}, Publisher("ocds-000000", "CN-SAIC"))


@pytest.mark.parametrize("stage", ["tender", "award", "contract"])
def test_a_release_of_each_stage_is_accepted(stage: str) -> None:
    assert complaints(package(made(stage=stage, number="HT-1", until=NOW))) == {}


def test_a_release_with_nothing_but_what_every_row_has_is_accepted() -> None:
    bare = dict.fromkeys(
        (
            "title",
            "description",
            "method",
            "buyer_name",
            "buyer_code",
            "supplier_name",
            "supplier_code",
            "form",
            "amount",
        )
    )

    assert complaints(package(made(**bare, currency=None, unit=None, url=None, page=None))) == {}


def test_the_checker_would_say_what_is_wrong() -> None:
    wrong = made() | {"tag": ["awarded"], "colour": "red", "date": "yesterday"}

    assert {"validation_errors", "additional_fields"} <= set(complaints(package(wrong)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"amount": 123456.0, "currency": "CNY"}),
        ({"unit": "0"}, {"amount": 12.35, "currency": "CNY"}),
        ({"currency": "840", "unit": "0", "form": None}, {"amount": 12.35, "currency": "USD"}),
        ({"form": "2"}, None),
        ({"currency": "999"}, None),
        ({"amount": None}, None),
    ],
)
def test_amounts_are_in_whole_units_and_rates_are_none(
    changes: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    assert amount({**ROW, **changes}) == expected


def test_natural_persons_have_neither_name_nor_number() -> None:
    told = made()

    assert [party["name"] for party in told["parties"]] == ["某局", "甲公司", PERSON]
    assert "identifier" not in told["parties"][2]
    assert not re.search("张三|411300198403095471|19900000280", json.dumps(told, ensure_ascii=False))


def test_a_corrected_notice_is_an_update_of_the_same_process() -> None:
    first, second = made(), made(nature="2", version=2)

    assert (first["tag"], second["tag"]) == (["award"], ["awardUpdate"])
    assert first["ocid"] == second["ocid"]
    assert first["id"] != second["id"]


@pytest.mark.stack
def test_what_the_warehouse_holds_is_exported_without_personal_data_and_accepted(
    new_hub: Callable[[], Hub], tmp_path: Path
) -> None:
    hub = _filled(new_hub(), tmp_path)
    out = tmp_path / "releases.json"

    counts = export_ocds(hub, SINCE, UNTIL, out, NOW)

    text = out.read_text("utf-8")
    document = json.loads(text)
    assert complaints(document) == {}
    assert counts == _events(hub)
    assert len(document["releases"]) == sum(counts.values())
    assert not [value for value in _personal(hub) if value in text]
    contracts = [one for one in document["releases"] if "contracts" in one]
    awards = {award["id"] for one in document["releases"] for award in one.get("awards", ())}
    assert {contract["awardID"] for one in contracts for contract in one["contracts"]} <= awards


@pytest.mark.stack
def test_a_period_without_events_writes_no_file(new_hub: Callable[[], Hub], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        export_ocds(new_hub(), SINCE, UNTIL, tmp_path / "none.json", NOW)

    assert raised.value.code == "NO_RELEASES"
    assert list(tmp_path.iterdir()) == []


def _filled(hub: Hub, folder: Path) -> Hub:
    settings = hub.settings
    assert settings.s3_endpoint
    assert settings.s3_access_key
    assert settings.s3_secret_key
    keys = settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value()
    evidence = S3ObjectStore(settings.s3_endpoint, *keys, "test-ocds-evidence")
    evidence.ensure_bucket()
    alone = replace(hub, evidence=evidence)
    write_package(folder / "p", SampleOptions(NANYANG, 2, 1, "jsonl", batch_no="ocds"))
    ingest(alone, folder / "p", NOW, channel="cli")
    return alone


def _events(hub: Hub) -> dict[str, int]:
    queries = {
        "tender": "SELECT coalesce(sum(notice_bid_num), 0) FROM exchange.tender_ann_qua_inquery_ann",
        "award": "SELECT count(*) FROM exchange.win_result_anno",
        "contract": "SELECT count(*) FROM exchange.contract_performance",
    }
    with hub.database() as conn:
        found = {stage: int((conn.execute(query).fetchone() or [0])[0]) for stage, query in queries.items()}
    assert all(found.values())
    return found


def _personal(hub: Hub) -> set[str]:
    """Every value of a personal field in the warehouse, names too."""
    query = "SELECT DISTINCT dataset, field FROM hub.contract_field WHERE personal IS NOT NULL"
    with hub.database() as conn:
        named = conn.execute(query).fetchall()
        values = {
            value
            for dataset, field in named
            for (value,) in conn.execute(f'SELECT "{field}"::text FROM hub.wh_{dataset.lower()}').fetchall()
            if value
        }
    assert len(values) > 20
    return values
