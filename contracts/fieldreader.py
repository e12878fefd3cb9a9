"""A property of an ODCS file becomes a Field."""

from typing import Any

from open_data_contract_standard.model import SchemaProperty

from contracts import custom
from contracts.model import Field, FieldType
from contracts.yamlfile import Step, YamlFile

_TYPES = {
    "integer": FieldType.INTEGER,
    "number": FieldType.DECIMAL,
    "timestamp": FieldType.DATETIME,
    "date": FieldType.DATE,
    "boolean": FieldType.BOOLEAN,
}
# Columns of exchange.<dataset>, so that others' tools can test the contract against the database.
_PHYSICAL = {
    FieldType.STRING: "text",
    FieldType.TEXT: "text",
    FieldType.INTEGER: "bigint",
    FieldType.DECIMAL: "numeric(38,6)",
    FieldType.DATETIME: "timestamptz",
    FieldType.DATE: "date",
    FieldType.BOOLEAN: "boolean",
}
_FORMATS = {FieldType.DATETIME: "yyyyMMddHHmmss", FieldType.DATE: "yyyyMMdd"}


def read_field(file: YamlFile, prop: SchemaProperty, at: tuple[Step, ...]) -> Field:
    """The field that a property describes.

    Raises:
        ConfigurationError: a name, type, length or custom property is missing or wrong; names file and line.
    """
    extra = custom.read(file, prop.customProperties, custom.FIELD, at)
    name = prop.name or ""
    if not name or not prop.businessName or prop.required is None:
        file.wrong(at, f"字段 {name} 缺少名称或必填标志", f"field {name} needs name, businessName and required")
    if prop.physicalName != name.lower():
        file.wrong((*at, "physicalName"), "physicalName 应为小写字段名", f"physicalName must be {name.lower()}")
    kind = _type(file, prop, at)
    exact, longest = _length(file, prop, kind, extra, at)
    return Field(
        name=name,
        label_zh=prop.businessName,
        type=kind,
        required=prop.required,
        exact_length=exact,
        max_length=longest,
        precision=extra.get("precision"),
        scale=extra.get("scale"),
        code_list=extra.get("codeList"),
        separator=extra.get("separator"),
        identifier=extra.get("identifier"),
        unit=extra.get("unit"),
        personal=extra.get("personalData"),
        unique=bool(prop.unique),
        immutable=extra.get("immutable", False),
        example=_example(file, prop, at),
        note=extra.get("note", ""),
        source=extra.get("source", ""),
        confidence=extra.get("confidence", "high"),
        id_type_field=extra.get("idTypeField"),
        not_applicable=extra.get("notApplicable"),
    )


def _type(file: YamlFile, prop: SchemaProperty, at: tuple[Step, ...]) -> FieldType:
    options = prop.logicalTypeOptions or {}
    if prop.logicalType == "string":
        kind = FieldType.STRING if "maxLength" in options else FieldType.TEXT
    elif prop.logicalType in _TYPES:
        kind = _TYPES[prop.logicalType]
    else:
        file.wrong((*at, "logicalType"), f"未知的类型 {prop.logicalType}", f"unknown type {prop.logicalType}")
    if prop.physicalType != _PHYSICAL[kind]:
        file.wrong((*at, "physicalType"), f"物理类型应为 {_PHYSICAL[kind]}", f"physicalType must be {_PHYSICAL[kind]}")
    if options.get("format") != _FORMATS.get(kind):
        file.wrong((*at, "logicalTypeOptions"), "时间格式不对", f"format must be {_FORMATS.get(kind)}")
    return kind


def _length(
    file: YamlFile, prop: SchemaProperty, kind: FieldType, extra: dict[str, Any], at: tuple[Step, ...]
) -> tuple[int | None, int | None]:
    """Exact and greatest length; the digits of a decimal are checked to be there."""
    options = prop.logicalTypeOptions or {}
    shortest, longest = options.get("minLength"), options.get("maxLength")
    if kind is FieldType.DECIMAL and not 0 <= extra.get("scale", -1) <= extra.get("precision", -1):
        file.wrong(at, "小数须有精度和小数位数", "a decimal needs precision and scale")
    if kind is FieldType.INTEGER:
        return None, extra.get("maxDigits")
    if kind is not FieldType.STRING:
        return None, None
    if type(longest) is not int or longest < 1 or type(shortest) not in (int, type(None)):
        file.wrong((*at, "logicalTypeOptions"), "长度应为正整数", "lengths must be positive whole numbers")
    if "lengthForm" not in extra:
        file.wrong(at, "缺少 lengthForm", "lengthForm is missing")
    if extra["lengthForm"] == "max":
        return None, longest
    if shortest != longest:
        file.wrong((*at, "logicalTypeOptions"), "定长字段的最小、最大长度应相同", "exact length: minLength = maxLength")
    return longest, None


def _example(file: YamlFile, prop: SchemaProperty, at: tuple[Step, ...]) -> str | None:
    for value in prop.examples or ():
        if not isinstance(value, str):
            file.wrong((*at, "examples"), "示例应为文本（加引号）", "examples are text as sent: quote them")
        return value
    return None
