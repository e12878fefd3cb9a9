"""Does a contract file conform to ODCS v3.1, as far as the hub uses it?

Types are checked by the `open-data-contract-standard` model. That model ignores keys it does not know below the
top level, where a misspelt `requierd` would silently make a field optional: so keys are checked here.
Source: ODCS v3.1.0 (Bitol), JSON schema.
"""

from collections.abc import Mapping
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject
from pydantic import ValidationError

from contracts.yamlfile import Step, YamlFile

_ELEMENT = frozenset(
    [
        "id",
        "name",
        "physicalName",
        "physicalType",
        "businessName",
        "description",
        "logicalType",
        "tags",
        "authoritativeDefinitions",
        "customProperties",
        "quality",
        "relationships",
    ]
)
_OBJECT_KEYS = _ELEMENT | {"dataGranularityDescription", "properties"}
_PROPERTY_KEYS = _ELEMENT | frozenset(
    [
        "required",
        "unique",
        "logicalTypeOptions",
        "classification",
        "examples",
        "primaryKey",
        "primaryKeyPosition",
        "criticalDataElement",
        "partitioned",
        "partitionKeyPosition",
        "encryptedName",
    ]
)
_QUALITY_KEYS = frozenset(
    [
        "id",
        "name",
        "description",
        "type",
        "engine",
        "implementation",
        "dimension",
        "severity",
        "businessImpact",
        "tags",
        "customProperties",
    ]
)
_CUSTOM_KEYS = frozenset({"id", "property", "value", "description"})


def conforming(file: YamlFile) -> OpenDataContractStandard:
    """The file as an ODCS contract that holds exactly one schema object.

    Raises:
        ConfigurationError: not ODCS v3.1.0, an unknown key, a wrong type; names file and line.
    """
    data = file.mapping
    try:
        contract = OpenDataContractStandard.model_validate(data, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        file.wrong(first["loc"], "不符合 ODCS v3.1", f"is not ODCS v3.1: {_text(first['loc'])}: {first['msg']}")
    for key, wanted in (("apiVersion", "v3.1.0"), ("kind", "DataContract")):
        if data.get(key) != wanted:
            file.wrong((key,), f"{key} 应为 {wanted}", f"{key} must be {wanted}")
    if contract.schema_ is None or len(contract.schema_) != 1:
        file.wrong(("schema",), "应恰有一个数据集", "must hold exactly one schema object")
    _check_object(file, data["schema"][0])
    return contract


def schema_of(contract: OpenDataContractStandard) -> SchemaObject:
    """The one schema object of a conforming contract."""
    return (contract.schema_ or [])[0]


def _check_object(file: YamlFile, schema: Mapping[str, Any]) -> None:
    at: tuple[Step, ...] = ("schema", 0)
    _check_element(file, schema, _OBJECT_KEYS, at)
    for number, prop in enumerate(schema.get("properties") or ()):
        _check_element(file, prop, _PROPERTY_KEYS, (*at, "properties", number))


def _check_element(file: YamlFile, element: Mapping[str, Any], keys: frozenset[str], at: tuple[Step, ...]) -> None:
    _check_keys(file, element, keys, at)
    for number, custom in enumerate(element.get("customProperties") or ()):
        _check_keys(file, custom, _CUSTOM_KEYS, (*at, "customProperties", number))
    for number, check in enumerate(element.get("quality") or ()):
        _check_keys(file, check, _QUALITY_KEYS, (*at, "quality", number))


def _check_keys(file: YamlFile, mapping: Mapping[str, Any], known: frozenset[str], at: tuple[Step, ...]) -> None:
    if not mapping.keys() <= known:
        key = next(key for key in mapping if key not in known)
        file.wrong((*at, key), f"未知的键 {key}", f"unknown key {key}")


def _text(place: tuple[Step, ...]) -> str:
    return ".".join(str(step) for step in place)
