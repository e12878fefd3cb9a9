"""An event of a procedure as an OCDS 1.1 release (开放采购数据标准). Pure: a row and settings in, a dictionary out.

Natural persons are left out: a party whose code is an identity number has neither name nor identifier, contact persons
and project leads are not looked at, numbers of persons in free text are starred. Fields without a value are left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange_hub.core.check_digits import person_id_check, uscc_check
from exchange_hub.core.clock import iso
from exchange_hub.core.masking import mask_text

TEN_THOUSAND_YUAN = "1"  # code list PRICE_UNIT
AMOUNT = "1"  # code list PRICE_FORM_CODE
CORRECTION = "2"  # code list NOTICE_NATURE
CURRENCIES = {"156": "CNY", "344": "HKD", "392": "JPY", "446": "MOP", "826": "GBP", "840": "USD", "978": "EUR"}
# Code list TENDER_MODE: method of OCDS, and the spec's own word for it.
METHODS = {"1": ("open", "公开招标"), "2": ("limited", "邀请招标")}
NOTICES = {"tender": "tenderNotice", "award": "awardNotice", "contract": "contractNotice"}
PERSON = "自然人（姓名不公开）"


@dataclass(frozen=True, slots=True)
class Publisher:
    """What the releases say about who publishes them."""

    prefix: str  # of every ocid
    scheme: str  # of the organisations' codes


def release(row: Mapping[str, Any], publisher: Publisher) -> dict[str, Any]:
    """The release of one event (a row of `warehouse.procedures`).

    Its id names the version of the record, so that a correction is a new release of the same process.
    """
    ocid = f"{publisher.prefix}-{row['process']}"
    stage = row["stage"]
    buyers = list(_parties(row, "buyer", publisher))
    suppliers = list(_parties(row, "supplier", publisher))
    said = {
        "ocid": ocid,
        "id": f"{ocid}-{stage}-{row['data_key']}-{row['version']}",
        "date": iso(row["at"]),
        "language": "zh",
        "tag": [f"{stage}Update" if row["nature"] == CORRECTION else stage],
        "initiationType": "tender",
        "parties": _distinct([*buyers, *suppliers]),
        "buyer": _reference(buyers[0]) if buyers else None,
        "tender": _tender(row, buyers),
        "awards": [_award(row, suppliers)] if stage == "award" else None,
        "contracts": [_contract(row)] if stage == "contract" else None,
    }
    return _told(said)


def amount(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The value in whole units of its currency; None where the price is a rate or the currency is not known."""
    currency = CURRENCIES.get(row["currency"] or "156")
    if row["amount"] is None or row["form"] not in (None, AMOUNT) or currency is None:
        return None
    value = Decimal(row["amount"]) * (10_000 if row["unit"] == TEN_THOUSAND_YUAN else 1)
    return {"amount": float(round(value, 2)), "currency": currency}


def _tender(row: Mapping[str, Any], buyers: list[dict[str, Any]]) -> dict[str, Any]:
    method, label = METHODS.get(row["method"] or "", (None, None))
    told = {
        "id": row["process"],
        "status": "active" if row["stage"] == "tender" else "complete",
        "procuringEntity": _reference(buyers[0]) if buyers else None,
        "procurementMethod": method,
        "procurementMethodDetails": label,
    }
    if row["stage"] == "tender":
        period = {"startDate": iso(row["at"]), "endDate": iso(row["until"]) if row["until"] else None}
        told |= {**_named(row), "value": amount(row), "tenderPeriod": _told(period), "documents": _documents(row)}
    return _told(told)


def _award(row: Mapping[str, Any], suppliers: list[dict[str, Any]]) -> dict[str, Any]:
    told = {"id": row["award"], "status": "active", "date": iso(row["at"]), "value": amount(row), **_named(row)}
    return _told({**told, "suppliers": [_reference(one) for one in suppliers], "documents": _documents(row)})


def _contract(row: Mapping[str, Any]) -> dict[str, Any]:
    """Its award is that of the same winner, else the section's newest, else one that the hub never saw."""
    award = row["award"] or f"{row['process']}-award"
    told = {"id": row["number"] or row["data_key"], "awardID": award, "status": "active"}
    told |= {"dateSigned": iso(row["at"]), "value": amount(row), **_named(row), "documents": _documents(row)}
    return _told(told)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: mask_text(row[name]) if row[name] else None for name in ("title", "description")}


def _documents(row: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    if not row["url"]:
        return None
    told = {"id": row["data_key"], "documentType": NOTICES[row["stage"]], "title": row["page"], "url": row["url"]}
    return [_told({**told, "datePublished": iso(row["at"]), "language": "zh"})]


def _parties(row: Mapping[str, Any], role: str, publisher: Publisher) -> Iterator[dict[str, Any]]:
    """The organisations of a role; several are parted by `;`, names and codes in the same order."""
    names = [part.strip() for part in (row[f"{role}_name"] or "").split(";") if part.strip()]
    codes = [part.strip().upper() for part in (row[f"{role}_code"] or "").split(";")]
    for number, name in enumerate(names):
        code = codes[number] if number < len(codes) else ""
        roles = ["buyer", "procuringEntity"] if role == "buyer" else ["supplier"]
        if is_organisation(code):
            identifier = {"scheme": publisher.scheme, "id": code, "legalName": name}
            yield {"id": f"{publisher.scheme}-{code}", "name": name, "identifier": identifier, "roles": roles}
        else:
            known = PERSON if is_person(code) else mask_text(name)
            yield {"id": f"{row['process']}-{role}-{number + 1}", "name": known, "roles": roles}


def is_organisation(code: str) -> bool:
    """Whether this is a unified social credit code (统一社会信用代码) whose check character is right."""
    if len(code) != 18:
        return False
    try:
        return uscc_check(code[:17]) == code[17] and not is_person(code)
    except ValueError:
        return False


def is_person(code: str) -> bool:
    """Whether this has the form of an identity number (公民身份号码), of 18 or of 15 digits."""
    if len(code) == 15:
        return code.isdecimal()
    return len(code) == 18 and code[:17].isdecimal() and person_id_check(code[:17]) == code[17]


def _reference(party: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": party["id"], "name": party["name"]}


def _distinct(parties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each organisation once, with all its roles."""
    merged: dict[str, dict[str, Any]] = {}
    for party in parties:
        seen = merged.setdefault(party["id"], {**party, "roles": []})
        seen["roles"] += [role for role in party["roles"] if role not in seen["roles"]]
    return list(merged.values())


def _told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that have a value: the standard knows no empty ones."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
