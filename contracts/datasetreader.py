"""An ODCS file becomes a DatasetContract."""

from collections.abc import Iterable
from typing import Any

from open_data_contract_standard.model import DataQuality, SchemaObject

from contracts import custom, terms
from contracts.conformity import conforming, schema_of
from contracts.fieldreader import read_field
from contracts.model import DatasetContract, Field, Parent, RuleUse
from contracts.yamlfile import Step, YamlFile

_AT: tuple[Step, ...] = ("schema", 0)
SUFFIX = ".odcs.yaml"


def read_dataset(file: YamlFile, version: str) -> DatasetContract:
    """The dataset of one file; what it says about other datasets and code lists is not looked at here.

    Raises:
        ConfigurationError: the file does not conform, or contradicts itself; names file and line.
    """
    contract = conforming(file)
    schema = schema_of(contract)
    name = schema.name or ""
    if contract.version != version:
        file.wrong(("version",), f"版本应为 {version}", f"version must be {version}, that of its release")
    if file.path.name != name + SUFFIX or contract.name != name:
        file.wrong((*_AT, "name"), "数据集名应与文件名一致", f"the file's name must be {name}{SUFFIX}")
    fields = _fields(file, schema)
    extra = custom.read(file, schema.customProperties, custom.DATASET, _AT)
    names = {field.name for field in fields}
    for key in ("datasetZh", "dataNo", "stage", "naturalKey", "parents"):
        if key not in extra:
            file.wrong((*_AT, "customProperties"), f"缺少 {key}", f"{key} is missing")
    occurred_at = extra.get("occurredAt")
    _known(file, names, extra["naturalKey"], "naturalKey")
    _known(file, names, [occurred_at] if occurred_at else [], "occurredAt")
    return DatasetContract(
        dataset=name,
        version=version,
        label_zh=extra["datasetZh"],
        data_no=extra["dataNo"],
        stage=extra["stage"],
        fields=fields,
        natural_key=tuple(extra["naturalKey"]),
        parents=tuple(_parents(file, extra["parents"], names)),
        rules=tuple(_rules(file, schema.quality or (), names)),
        occurred_at=occurred_at,
        path=file.name,
        domain=contract.domain or "",
        exchange_minutes=terms.minutes_of(file, contract, terms.FREQUENCY),
        max_lag_minutes=terms.minutes_of(file, contract, terms.LATENCY),
    )


def _fields(file: YamlFile, schema: SchemaObject) -> tuple[Field, ...]:
    fields: dict[str, Field] = {}
    for number, prop in enumerate(schema.properties or ()):
        at = (*_AT, "properties", number)
        field = read_field(file, prop, at)
        if field.name in fields:
            file.wrong((*at, "name"), f"字段 {field.name} 重复", f"field {field.name} given twice")
        fields[field.name] = field
    for number, field in enumerate(fields.values()):
        if field.id_type_field is not None and field.id_type_field not in fields:
            file.wrong(
                (*_AT, "properties", number),
                f"idTypeField {field.id_type_field} 不是本数据集的字段",
                f"idTypeField {field.id_type_field} is no field of this dataset",
            )
    return tuple(fields.values())


def _known(file: YamlFile, names: set[str], used: Iterable[Any], what: str) -> None:
    for name in used:
        if name not in names:
            file.wrong(
                (*_AT, "customProperties"),
                f"{what} 引用了不存在的字段 {name}",
                f"{what} names {name}, which is no field of this dataset",
            )


def _parents(file: YamlFile, parents: list[Any], names: set[str]) -> Iterable[Parent]:
    for parent in parents:
        if not isinstance(parent, dict) or parent.keys() != {"field", "dataset", "parentField"}:
            file.wrong((*_AT, "customProperties"), "parents 写法不对", "a parent has field, dataset, parentField")
        _known(file, names, [parent["field"]], "parents")
        yield Parent(parent["field"], parent["dataset"], parent["parentField"])


def _rules(file: YamlFile, checks: Iterable[DataQuality], names: set[str]) -> Iterable[RuleUse]:
    """Rules named for our own engine; checks of other engines are other tools' business."""
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for number, check in enumerate(checks):
        if check.type != "custom" or check.engine != "exchange-hub":
            continue
        at = (*_AT, "quality", number)
        use = _rule(file, check, at)
        for field in use.fields.values():
            if field not in names:
                file.wrong(at, f"规则引用了不存在的字段 {field}", f"rule names {field}, which is no field here")
        identity = (use.rule_id, tuple(sorted(use.fields.items())))
        if identity in seen:
            file.wrong(at, f"规则 {use.rule_id} 重复", f"rule {use.rule_id} given twice")
        seen.add(identity)
        yield use


def _rule(file: YamlFile, check: DataQuality, at: tuple[Step, ...]) -> RuleUse:
    body = check.implementation
    if not isinstance(body, dict) or not {"rule"} <= body.keys() <= {"rule", "fields"}:
        file.wrong(at, "implementation 应含 rule，可含 fields", "implementation has rule and, optionally, fields")
    rule_id, fields = body["rule"], body.get("fields", {})
    if not isinstance(rule_id, str) or not custom.RULE_ID.fullmatch(rule_id):
        file.wrong((*at, "implementation"), f"规则编号 {rule_id} 不合格式", f"{rule_id} is no rule id")
    if not isinstance(fields, dict):
        file.wrong((*at, "implementation"), "fields 应为映射", "fields must be a mapping")
    if check.severity is not None and check.severity not in custom.SEVERITIES:
        file.wrong((*at, "severity"), f"未知的级别 {check.severity}", f"unknown severity {check.severity}")
    return RuleUse(rule_id, check.severity, fields)
