"""CND: one field wants, or forbids, something of another. REF-001: codes made of each other."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from contracts.model import DatasetContract
from tests.validators.oracle.amounts import amounts, priced
from tests.validators.oracle.bound import Bound, Many, Roles

HASH_DIGITS = {"SHA-256": 64, "SM3": 64, "MD5": 32}
PARTIES = (
    ("TENDERER_NAME", "TENDERER_CODE"),
    ("TENDERER_NAME", "TENDER_CODE"),
    ("BIDDER_NAME", "BIDDER_CODE"),
    ("BIDDER_NAME", "BIDDER_ORG_CODE"),
    ("WIN_BIDDER_NAME", "WIN_BIDDER_CODE"),
)


def _missing(switch: str, value: str, wanted: str) -> dict[str, Any]:
    return {
        "types": {switch: "text", wanted: "text"},
        "at": wanted,
        "broken": lambda seen: seen.text(switch) == value and seen.text(wanted) is None,
    }


def _named_units(contract: DatasetContract) -> Iterator[Roles]:
    for amount in amounts(contract):
        yield from ({"amount": amount.amount, "named": name} for name in (amount.currency, amount.unit) if name)


def _no_reason(seen: Bound) -> bool:
    reason = seen.form("reason")
    return seen.flag("veto") is True and (reason is None or not re.sub(r"[\s无/、。.-]", "", reason))


def _no_hash(seen: Bound) -> bool:
    value, algorithm = seen.text("hash"), seen.text("algorithm")
    if value is None or algorithm is None:
        return value is not None
    digits = HASH_DIGITS.get(algorithm)
    return digits is not None and not re.fullmatch(f"[0-9A-Fa-f]{{{digits}}}", value)


def _numbers_differ(one: str, other: str) -> dict[str, Any]:
    def broken(seen: Bound) -> bool:
        first, second = seen.text(one), seen.text(other)
        return first is not None and second is not None and first.count(";") != second.count(";")

    return {"types": {one: "text", other: "text"}, "at": other, "broken": broken}


def _parties(contract: DatasetContract) -> Iterator[Roles]:
    several = {field.name for field in contract.fields if field.separator}
    yield from ({"names": name, "codes": code} for name, code in PARTIES if {name, code} <= several)


def _sections(seen: Bound) -> bool:
    number, codes = seen.integer("number"), seen.text("sections")
    return number is not None and codes is not None and number != len(codes.split(";"))


def _same(seen: Bound) -> bool:
    return seen.text("earlier") is not None and seen.text("earlier") == seen.text("later")


def _segment(seen: Bound) -> bool:
    number, count = seen.integer("number"), seen.integer("count")
    return number is not None and (number < 1 or (count is not None and number > count))


def _not_below(seen: Bound) -> bool:
    above, code = seen.text("parent"), seen.text("code")
    return above is not None and code is not None and not all(part.startswith(above) for part in code.split(";"))


AGENCY = ("TENDER_AGENCY_NAME", "TENDER_AGENCY_CODE_TYPE", "TENDER_AGENCY_CODE")
UNION = ("UNION_ENTERPRISE_NAME", "UNION_ORGAN_SET_CODE"), ("UNION_NAME", "UNION_CODE")
RANKS = ("FIRST", "SECOND", "THIRD")
PROJECT, TENDER = "PROJECT_CODE", "TENDER_PROJECT_CODE"

RULES: dict[str, Many] = {
    "CND-001": Many(
        types={"form": "text", "agency": "text"},
        at="agency",
        broken=lambda seen: seen.text("form") == "2" and seen.form("agency") is None,
        fields=tuple({"form": "TENDER_ORGANIZE_FORM", "agency": name} for name in AGENCY),
    ),
    "CND-002": Many(
        fields=({"related": "RELATE_CODE", "code": "INVEST_PROJECT_CODE"},), **_missing("related", "1", "code")
    ),
    "CND-003": Many(
        types={"postponed": "flag", "time": "moment"},
        at="time",
        broken=lambda seen: seen.flag("postponed") is True and seen.moment("time") is None,
        fields=({"postponed": "IS_POSTPONE", "time": "BID_OPEN_TIME"},),
    ),
    "CND-004": Many(
        types={"amount": "number", "named": "text"},
        at="named",
        broken=lambda seen: seen.number("amount") is not None and seen.text("named") is None,
        finds=_named_units,
    ),
    "CND-005": Many(
        fields=tuple({"form": "PRICE_FORM_CODE", "text": f"OTHER_{name}_PRICE"} for name in ("BID", "CONTRACT")),
        **_missing("form", "2", "text"),
    ),
    "CND-006": Many(
        types={"amount": "number", "unit": "text", "form": "text"},
        at="amount",
        broken=lambda seen: seen.text("form") == "1" and seen.text("amount") is None,
        finds=priced,
    ),
    "CND-007": Many(
        types={"veto": "flag", "reason": "text"},
        at="reason",
        broken=_no_reason,
        fields=({"veto": "IS_VETO", "reason": "VETO_REASON_DETAIL"},),
    ),
    "CND-008": Many(
        types={"told": "text", "missing": "text"},
        at="missing",
        broken=lambda seen: seen.text("told") is not None and seen.text("missing") is None,
        fields=tuple({"told": one, "missing": other} for pair in UNION for one, other in (pair, (pair[1], pair[0]))),
    ),
    "CND-009": Many(
        types={"hash": "text", "algorithm": "text"},
        at="hash",
        broken=_no_hash,
        fields=({"hash": "HASH_VALUE", "algorithm": "HASH_ALGORITHM"},),
    ),
    "CND-010": Many(
        fields=tuple(
            {"sections": "BID_SECTION_CODES", "deals": name} for name in ("UNIFIED_DEAL_CODES", "UNIFIED_DEAL_CODE")
        ),
        **_numbers_differ("sections", "deals"),
    ),
    "CND-011": Many(
        types={"number": "integer", "sections": "text"},
        at="number",
        broken=_sections,
        fields=({"number": "NOTICE_BID_NUM", "sections": "BID_SECTION_CODES"},),
    ),
    "CND-012": Many(
        types={"before": "text", "next": "text"},
        at="before",
        broken=lambda seen: seen.text("before") is None and seen.text("next") is not None,
        fields=tuple(
            {"before": f"{one}_BIDDER_NAME", "next": f"{other}_BIDDER_NAME"} for one, other in pairwise(RANKS)
        ),
    ),
    "CND-013": Many(
        types={"earlier": "text", "later": "text"},
        at="later",
        broken=_same,
        fields=tuple(
            {"earlier": f"{RANKS[one]}_BIDDER_CODE", "later": f"{RANKS[other]}_BIDDER_CODE"}
            for one, other in ((0, 1), (0, 2), (1, 2))
        ),
    ),
    "CND-014": Many(finds=_parties, **_numbers_differ("names", "codes")),
    "CND-015": Many(
        types={"number": "integer", "count": "integer"},
        at="number",
        broken=_segment,
        fields=({"number": "SEGMENT_NO", "count": "SEGMENT_COUNT"},),
    ),
    "CND-016": Many(
        fields=tuple({"kind": "REFERENCE_KIND", "needed": name} for name in ("URL", "HASH_VALUE")),
        **_missing("kind", "1", "needed"),
    ),
    "REF-001": Many(
        types={"parent": "text", "code": "text"},
        at="code",
        broken=_not_below,
        fields=(
            {"parent": PROJECT, "code": TENDER},
            {"parent": TENDER, "code": "BID_SECTION_CODE"},
            {"parent": TENDER, "code": "BID_SECTION_CODES"},
        ),
    ),
}
