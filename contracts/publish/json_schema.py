"""JSON Schema (2020-12) of one record of a dataset, as a line of a JSON Lines file.

Source of the envelope: interface of the hub, batch package (DATA_KEY, DATA_TYPE, then the fields by exact name).
"""

from collections.abc import Mapping
from typing import Any

from contracts.model import DatasetContract, Field, FieldType, Release
from contracts.publish.forms import ValueForm, value_form

_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
_ENVELOPE: dict[str, Any] = {
    "DATA_KEY": {
        "title": "数据主键",
        "description": "22 位字母或数字，同一记录始终不变 22 letters or digits, the same for a record's whole life",
        "type": "string",
        "pattern": "^[0-9A-Za-z]{22}$",
    },
    "DATA_TYPE": {
        "title": "数据操作类型",
        "description": "1 新增 insert，2 修改 update，3 撤回 delete",
        "enum": ["1", "2", "3"],
    },
}


def json_schema(contract: DatasetContract, release: Release, forms: Mapping[str, str]) -> dict[str, Any]:
    """The schema of a record.

    A deletion (DATA_TYPE 3) needs no field; otherwise every required field must be there and not blank. Numbers may
    be written as JSON numbers or as text. Fields of other names are not allowed: the hub reports them.

    Args:
        forms: by field, the anchored pattern of its identifier where breaking it rejects the record.
    """
    fields = {f.name: _field(f, value_form(f, release.code_lists, forms.get(f.name))) for f in contract.fields}
    required = [field.name for field in contract.fields if field.required]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:exchange-hub:{release.version}:{contract.dataset}",
        "title": f"{contract.label_zh} {contract.dataset}",
        "description": f"数据规范 {release.version} 的一条记录 a line of JSON Lines, release {release.version}",
        "type": "object",
        "required": ["DATA_KEY", "DATA_TYPE"],
        "properties": {**_ENVELOPE, **fields},
        "additionalProperties": False,
        "if": {"properties": {"DATA_TYPE": {"const": "3"}}},
        "else": {"required": required, "properties": dict.fromkeys(required, _GIVEN)},
    }


_GIVEN: dict[str, Any] = {"type": ["string", "number"], "pattern": r"\S"}


def _field(field: Field, form: ValueForm) -> dict[str, Any]:
    said: dict[str, Any] = {"title": field.label_zh}
    if field.note:
        said["description"] = field.note
    if field.example is not None:
        said["examples"] = [field.example]
    choices: list[dict[str, Any]] = [{"enum": [None, "", *([form.other] if form.other is not None else [])]}]
    if form.codes:
        choices += [{"const": code, "title": label} for code, label in form.codes]
    else:
        choices.append(_text(form))
        if field.type in _NUMBERS:
            choices.append({"type": "integer" if field.type is FieldType.INTEGER else "number"})
    return {**said, "anyOf": choices}


def _text(form: ValueForm) -> dict[str, Any]:
    bounds: dict[str, Any] = {"type": "string"}
    if form.pattern is not None:
        bounds["pattern"] = f"^({form.pattern})$"
    if form.min_length:
        bounds["minLength"] = form.min_length
    if form.max_length is not None:
        bounds["maxLength"] = form.max_length
    return bounds
