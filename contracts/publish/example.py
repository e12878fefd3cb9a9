"""A good record of a dataset, made from what its contract says: examples of its fields, else a value of their form."""

import json
from collections.abc import Collection, Mapping
from xml.sax.saxutils import escape

from contracts.model import CodeList, DatasetContract, Field, FieldType, ListState, Release

_OF_TYPE = {
    FieldType.INTEGER: "1",
    FieldType.DECIMAL: "100.5",
    FieldType.DATETIME: "20260105093000",
    FieldType.DATE: "20260105",
    FieldType.BOOLEAN: "1",
}


def good_record(contract: DatasetContract, release: Release, leave_out: Collection[str] = ()) -> dict[str, str]:
    """Field -> text, in the order of the contract: every required field, and every other that has an example.

    Args:
        leave_out: optional fields not to give, since a rule over several fields does not like them here.
    """
    found: dict[str, str] = {}
    for field in contract.fields:
        if field.required or (field.example is not None and field.name not in leave_out):
            found[field.name] = _value(field, release.code_lists)
    return found


def data_key(contract: DatasetContract) -> str:
    """A DATA_KEY of 22 characters: sender (4), dataset number, running number."""
    head = "4101" + (contract.data_no if contract.data_no.isdigit() else "000")
    return head.ljust(21, "0") + "1"


def as_xml(contract: DatasetContract, record: Mapping[str, str]) -> str:
    """The record as a whole data file of the exchange."""
    fields = "\n".join(f"      <{name}>{escape(value)}</{name}>" for name, value in record.items())
    title = f"<DATA_EN>{contract.dataset}</DATA_EN><DATA_TYPE>1</DATA_TYPE><DATA_KEY>{data_key(contract)}</DATA_KEY>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BATCH>\n  <RECORD>\n'
        f"    <TITLE>{title}</TITLE>\n    <CONTEXT>\n{fields}\n    </CONTEXT>\n  </RECORD>\n</BATCH>\n"
    )


def as_json(contract: DatasetContract, record: Mapping[str, str]) -> str:
    """The record as one line of a JSON Lines file."""
    return json.dumps({"DATA_KEY": data_key(contract), "DATA_TYPE": "1", **record}, ensure_ascii=False)


def _value(field: Field, lists: Mapping[str, CodeList]) -> str:
    if field.example is not None:
        return field.example
    found = lists.get(field.code_list or "")
    if found is not None and found.state is not ListState.OPEN and found.codes:
        return found.codes[0].code
    if field.type in _OF_TYPE:
        return _OF_TYPE[field.type]
    if field.not_applicable is not None:
        return field.not_applicable
    return ("1" * field.exact_length) if field.exact_length else ("示例" * 2)[: field.max_length or 4]
