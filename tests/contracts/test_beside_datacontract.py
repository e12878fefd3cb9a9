"""Our comparison beside `datacontract breaking`: where that tool calls a change breaking, so do we.

Its producer is our sender, its consumer our reader. We go further where ODCS has no word for a fact of the exchange.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from datacontract.data_contract import DataContract
from datacontract.model.breaking import Direction

from contracts.compare import ForWhom, breaks, diff
from contracts.datasetreader import read_dataset
from contracts.loader import HOME, load_release
from contracts.model import DatasetContract, Release
from contracts.yamlfile import YamlFile

Edit = Callable[[dict[str, Any]], None]
SECTION = HOME / "releases" / "2.0.0" / "SECTION.odcs.yaml"
KEPT = (
    "TENDER_PROJECT_CODE",
    "BID_SECTION_CODE",
    "BID_SECTION_NAME",
    "CONTRACT_RECKON_PRICE",
    "CURRENCY_CODE",
    "PRICE_UNIT",
    "CREATE_TIME",
)
NEW: dict[str, Any] = {
    "name": "BID_SECTION_ALIAS",
    "businessName": "标段别名",
    "physicalName": "bid_section_alias",
    "logicalType": "string",
    "physicalType": "text",
    "required": False,
    "logicalTypeOptions": {"maxLength": 50},
    "customProperties": [{"property": "lengthForm", "value": "max"}],
}


def field(contract: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(p for p in contract["schema"][0]["properties"] if p["name"] == name)
    return found


def settle(name: str, **changes: Any) -> Edit:
    return lambda contract: field(contract, name).update(changes)


def bound(name: str, **options: Any) -> Edit:
    return lambda contract: field(contract, name)["logicalTypeOptions"].update(options)


def add(**changes: Any) -> Edit:
    return lambda contract: contract["schema"][0]["properties"].append({**NEW, **changes})


def custom(name: str, **properties: Any) -> Edit:
    def edit(contract: dict[str, Any]) -> None:
        there = field(contract, name)["customProperties"]
        there[:] = [p for p in there if p["property"] not in properties]
        there += [{"property": key, "value": value} for key, value in properties.items() if value is not None]

    return edit


def remove(name: str) -> Edit:
    def edit(contract: dict[str, Any]) -> None:
        properties = contract["schema"][0]["properties"]
        properties.remove(field(contract, name))

    return edit


def to_text(contract: dict[str, Any]) -> None:
    del field(contract, "BID_SECTION_NAME")["logicalTypeOptions"]
    custom("BID_SECTION_NAME", lengthForm=None)(contract)


def to_integer(contract: dict[str, Any]) -> None:
    settle("BID_SECTION_NAME", logicalType="integer", physicalType="bigint")(contract)
    to_text(contract)


EDITS: dict[str, Edit] = {
    "nothing": lambda contract: None,
    "label": settle("BID_SECTION_NAME", businessName="标段全称"),
    "example": settle("BID_SECTION_NAME", examples=["甲"]),
    "became required": settle("PRICE_UNIT", required=True),
    "became optional": settle("BID_SECTION_NAME", required=False),
    "became unique": settle("BID_SECTION_NAME", unique=True),
    "no longer unique": settle("BID_SECTION_CODE", unique=False),
    "length narrowed": bound("BID_SECTION_NAME", maxLength=20),
    "length widened": bound("BID_SECTION_NAME", maxLength=2000),
    "bound removed": to_text,
    "type": to_integer,
    "required field added": add(required=True),
}


def tool_breaks(old: Path, new: Path) -> tuple[bool, bool]:
    """What the tool calls breaking: for senders (its producer), for readers (its consumer)."""
    compared = DataContract(data_contract_file=str(old)).breaking(DataContract(data_contract_file=str(new)))
    ways = {entry.direction for entry in compared.entries}
    return bool(ways & {Direction.TIGHTENS, Direction.BOTH}), bool(ways & {Direction.LOOSENS, Direction.BOTH})


def we_break(old: Path, new: Path) -> tuple[bool, bool]:
    """What we call breaking: for senders, for readers."""
    before, after = (read_dataset(YamlFile(path, path.parent), "2.0.0") for path in (old, new))
    changes = diff(alone(before), alone(after))
    return breaks(changes, ForWhom.SENDERS), breaks(changes, ForWhom.READERS)


def alone(contract: DatasetContract) -> Release:
    return replace(load_release("2.0.0"), datasets={contract.dataset: contract})


@pytest.fixture
def edited(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """A few fields of SECTION, before and after an edit."""
    contract = yaml.safe_load(SECTION.read_text("utf-8"))
    schema = contract["schema"][0]
    schema["properties"] = [p for p in schema["properties"] if p["name"] in KEPT]
    schema["quality"] = []
    field(contract, "PRICE_UNIT")["required"] = False
    field(contract, "BID_SECTION_NAME").update(logicalTypeOptions={"maxLength": 200}, required=True)
    field(contract, "BID_SECTION_CODE")["unique"] = True
    paths = tmp_path / "old" / SECTION.name, tmp_path / "new" / SECTION.name
    for path, edit in zip(paths, (EDITS["nothing"], request.param), strict=True):
        edit(contract)
        path.parent.mkdir()
        path.write_text(yaml.safe_dump(contract, allow_unicode=True, sort_keys=False), "utf-8")
    return paths


@pytest.mark.parametrize("edited", EDITS.values(), ids=EDITS.keys(), indirect=True)
def test_we_agree_on_whom_a_change_breaks(edited: tuple[Path, Path]) -> None:
    assert we_break(*edited) == tool_breaks(*edited)


@pytest.mark.parametrize("edited", [add()], indirect=True)
def test_an_optional_field_breaks_no_sender_though_the_tool_wants_its_column(edited: tuple[Path, Path]) -> None:
    """The tool asks for the column in the producer's table; here the hub makes it and a sender leaves it out."""
    assert tool_breaks(*edited) == (True, False)
    assert we_break(*edited) == (False, False)


@pytest.mark.parametrize("edited", [remove("BID_SECTION_NAME")], indirect=True)
def test_a_removed_field_breaks_senders_too_since_they_send_what_is_no_longer_known(
    edited: tuple[Path, Path],
) -> None:
    assert tool_breaks(*edited) == (False, True)
    assert we_break(*edited) == (True, True)


BEYOND = {
    "code list": (custom("PRICE_UNIT", codeList="TRUE_OR_FALSE"), (True, True)),
    "identifier": (custom("BID_SECTION_NAME", identifier="url"), (True, False)),
    "separator": (custom("BID_SECTION_NAME", separator=";"), (True, True)),
    "immutable": (custom("BID_SECTION_NAME", immutable=True), (True, False)),
    "decimal digits": (custom("CONTRACT_RECKON_PRICE", precision=10, scale=2), (True, False)),
}


@pytest.mark.parametrize(("edited", "breaking"), BEYOND.values(), ids=BEYOND.keys(), indirect=["edited"])
def test_we_go_further_where_odcs_has_no_word(edited: tuple[Path, Path], breaking: tuple[bool, bool]) -> None:
    assert tool_breaks(*edited) == (False, False)
    assert we_break(*edited) == breaking
