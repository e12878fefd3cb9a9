"""Our comparison of the real releases beside `datacontract breaking` and its change log, field by field.

Its producer is our sender, its consumer our reader. Where the tool has an opinion we share it, but for what EXPLAINED
names with the reason; what stands in neither is a fault of ours.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
from datacontract.data_contract import DataContract
from datacontract.model.breaking import Direction

from contracts.compare import ForWhom, Level, diff
from contracts.conformity import conforming
from contracts.loader import HOME, load_release
from contracts.model import DatasetContract
from contracts.yamlfile import YamlFile

PAIRS = (("2.0.0", "2.1.0"), ("2.0.0", "3.0.0"), ("1.0.0", "2.0.0"))
TOOL = {Direction.TIGHTENS: "S", Direction.LOOSENS: "R", Direction.BOTH: "RS"}  # S breaks senders, R readers
WORDS = {"businessName", "description", "examples", "classification", "note", "source", "confidence", "quality"}
Verdicts = Mapping[str | None, str]

# What the tool says, what we say, and why both are right.
COLUMN = "tool S, we -: it asks for the new column in the sender's table; the hub makes it, and a sender leaves it out"
RULES = "tool -, we S: ODCS has no word for our rules and their severities"
UNIT = "tool -, we RS: ODCS has no word for the unit of an amount"
EXPLAINED: dict[tuple[str, str], dict[str, str]] = {
    ("2.0.0", "2.1.0"): {
        COLUMN: "BID_OPENING_RECORD.BID_OPEN_END_TIME EVALUATION_REPORT.EVAL_START_TIME EVALUATION_REPORT.RESUME_TIME"
        " PURCHASE_BIDDING_RECORD.BID_OPEN_END_TIME",
    },
    ("2.0.0", "3.0.0"): {
        COLUMN: "BID_OPENING_RECORD.BID_OPEN_END_TIME EVALUATION_REPORT.EVAL_START_TIME EVALUATION_REPORT.RESUME_TIME"
        " PURCHASE_BIDDING_RECORD.BID_OPEN_END_TIME LETTER_OF_GUARANTEE.CURRENCY_CODE LETTER_OF_GUARANTEE.PRICE_UNIT"
        " PERFORMANCE.CURRENCY_CODE PERFORMANCE.PRICE_UNIT TRANSFER_ENTE_INFO.CURRENCY_CODE"
        " TRANSFER_ENTE_INFO.PRICE_UNIT ZFCG_MARGIN_GUARANTEE.contractUnit",
        RULES: "BIDDER_MARGIN_INFO BIDDER_PERFORMANCE BID_OPENING_RECORD DEA_CARBON_QUOTA_SELL_ANNO"
        " DEA_CARBON_QUOTA_SELL_RESULT DEA_SEWAGE_ASSIGNEE_LIST DEA_SEWAGE_PAID_TRANSFER_ANNO EVALUATION_REPORT"
        " EXPLOR_BID_AUC_TRANS_RES_ANN LETTER_OF_GUARANTEE MINING_BID_AUC_TRANS_RES_ANN PERFORMANCE"
        " PURCHASE_BIDDING_RECORD SECTION TENDER_FILE_BUYYER_INFO",
        UNIT: "BIDDER_MARGIN_INFO.MARGIN_PAY",
    },
    ("1.0.0", "2.0.0"): {
        COLUMN: "LEGAL_PERSON_BASE.REGISTER_CITY LEGAL_PERSON_BASE.REGISTER_PROVINCE PURCHASE_TENDER_LIST.IS_LOST"
        " TENDER_CANDIDATE_ANNOUNCE.FIRST_BIDDER_CODE TENDER_CANDIDATE_ANNOUNCE.FIRST_BIDDER_NAME"
        " TENDER_CANDIDATE_ANNOUNCE.SECOND_BIDDER_CODE TENDER_CANDIDATE_ANNOUNCE.SECOND_BIDDER_NAME"
        " TENDER_CANDIDATE_ANNOUNCE.THIRD_BIDDER_CODE TENDER_CANDIDATE_ANNOUNCE.THIRD_BIDDER_NAME",
    },
}


def changed(old: str, new: str) -> list[tuple[DatasetContract, DatasetContract]]:
    """Each dataset whose file differs between two releases."""
    before, after = load_release(old).datasets, load_release(new).datasets
    pairs = [(before[name], after[name]) for name in sorted(set(before) & set(after))]
    return [(one, other) for one, other in pairs if one.path != other.path]


@cache
def standard(path: str) -> DataContract:
    """A contract file for the tool."""
    return DataContract(data_contract=conforming(YamlFile(HOME.parent / path, HOME.parent)))


def tool_says(old: DatasetContract, new: DatasetContract) -> tuple[Verdicts, set[str]]:
    """For whom the tool calls changes of each field breaking; fields at which its change log has more than words."""
    breaking: dict[str | None, set[str]] = defaultdict(set)
    seen = set()
    for entry in standard(old.path).breaking(standard(new.path)).entries:
        steps = entry.path.split(".")
        field = steps[3] if steps[2:3] == ["properties"] else None
        breaking[field] |= set(TOOL.get(entry.direction, ""))
        if field is not None and not WORDS & set(steps[4:]):
            seen.add(field)
    return _verdicts(breaking), seen


def we_say(old: DatasetContract, new: DatasetContract, versions: tuple[str, str]) -> tuple[Verdicts, set[str]]:
    """The same of our comparison of the releases, contracts alone."""
    before, after = (
        replace(load_release(version), datasets={one.dataset: one})
        for version, one in zip(versions, (old, new), strict=True)
    )
    breaking: dict[str | None, set[str]] = defaultdict(set)
    for change in diff(before, after):
        if change.dataset == old.dataset:
            breaking[change.field] |= {"S"} if change.breaks(ForWhom.SENDERS) else set()
            breaking[change.field] |= {"R"} if change.breaks(ForWhom.READERS) else set()
    return _verdicts(breaking), {field for field in breaking if field is not None}


def _verdicts(breaking: Mapping[str | None, set[str]]) -> Verdicts:
    return {field: "".join(sorted(whom)) for field, whom in breaking.items() if whom}


def reason(old: DatasetContract, new: DatasetContract, field: str | None, tool: str, ours: str) -> str:
    """Why we may differ at a place; empty where there is no reason."""
    if field is None:
        return RULES if (tool, ours) == ("", "S") and old.rules != new.rules else ""
    if field not in old.field_names:
        return COLUMN if (tool, ours) == ("S", "") and not new.field(field).required else ""
    before, after = old.field(field), new.field(field)
    alike = replace(before, unit=after.unit, note=after.note, source=after.source) == after
    return UNIT if (tool, ours) == ("", "RS") and alike and before.unit != after.unit else ""


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_we_agree_with_datacontract_on_every_field_or_know_why_not(old: str, new: str) -> None:
    found: dict[str, set[str]] = defaultdict(set)

    for before, after in changed(old, new):
        (tool, seen), (ours, named) = tool_says(before, after), we_say(before, after, (old, new))
        for field in {*tool, *ours}:
            said = tool.get(field, ""), ours.get(field, "")
            if said[0] != said[1]:
                place = f"{before.dataset}.{field}" if field else before.dataset
                found[reason(before, after, field, *said) or f"unexplained: {said}"].add(place)
        assert seen <= named, before.dataset

    assert found == {why: set(places.split()) for why, places in EXPLAINED[old, new].items()}


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_dataset_that_keeps_its_file_breaks_by_rules_alone(old: str, new: str) -> None:
    before, after = load_release(old), load_release(new)
    same = {
        name
        for name, one in before.datasets.items()
        if name in after.datasets and after.datasets[name].path == one.path
    }

    breaking = [change for change in diff(before, after) if change.dataset in same and change.level is Level.BREAKING]

    assert len(same) > 60
    assert {change.field for change in breaking} <= {None}
