"""Code-list files and release files become CodeList and Release heads."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.custom import CONFIDENCES, RULE_ID, SEVERITIES
from contracts.model import Code, CodeList, ListState, ReleaseStatus
from contracts.yamlfile import Step, YamlFile

_LIST = {"name", "label_zh", "state", "pattern", "source", "confidence", "codes"}
_CODE = {"code", "label_zh", "since", "until"}
_LIFE = {"status", "effective_from", "deprecated_from", "retired_from", "successor"}
_RELEASE = {"version", "changes", "based_on", "datasets", "rules"} | _LIFE
_DIFFERENCES = ("added", "changed", "removed")


@dataclass(frozen=True, slots=True)
class ReleaseHead:
    """What release.yaml says."""

    version: str
    status: ReleaseStatus
    effective_from: date | None
    deprecated_from: date | None
    retired_from: date | None
    successor: str | None
    changes: tuple[str, ...]
    based_on: str | None = None  # the release whose datasets it takes over, but for those named below
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)  # rule id -> severity in every dataset that names it


def read_code_list(file: YamlFile) -> CodeList:
    """The code list of one file.

    Raises:
        ConfigurationError: unknown key or state, a code that is no text or stands twice or breaks the pattern.
    """
    data = file.mapping
    _keys(file, data, _LIST, _LIST, ())
    for key in ("name", "label_zh", "source"):
        _text(file, data[key], (key,))
    if data["name"] != file.path.stem:
        file.wrong(("name",), "名称应与文件名一致", f"name must be {file.path.stem}, that of the file")
    pattern = data["pattern"]
    if pattern is not None and not (isinstance(pattern, str) and pattern.startswith("^") and pattern.endswith("$")):
        file.wrong(("pattern",), "形式须以 ^ 开头、以 $ 结尾", "pattern must be anchored: ^…$")
    state = _one_of(file, data["state"], [str(s) for s in ListState], ("state",))
    codes = _codes(file, data["codes"] or [], pattern)
    if state == ListState.CLOSED and not codes:
        file.wrong(("codes",), "封闭代码集须有取值", "a closed list needs codes")
    return CodeList(
        name=data["name"],
        label_zh=data["label_zh"],
        state=ListState(state),
        codes=codes,
        pattern=pattern,
        source=data["source"],
        confidence=_one_of(file, data["confidence"], CONFIDENCES, ("confidence",)),
    )


def _codes(file: YamlFile, rows: list[Any] | dict[Any, Any], pattern: str | None) -> tuple[Code, ...]:
    """Codes of a list, in its order. A long list without dates may be written short, as `code: label`."""
    codes: dict[str, Code] = {}
    form = re.compile(pattern) if pattern else None
    for step, row in _rows(rows):
        at: tuple[Step, ...] = ("codes", step)
        _keys(file, row, _CODE, {"code", "label_zh"}, at)
        code = _text(file, row["code"], (*at, "code"))
        if code in codes:
            file.wrong(at, f"代码 {code} 重复", f"code {code} given twice")
        if form and not form.search(code):
            file.wrong(at, f"代码 {code} 不合本表形式", f"code {code} breaks the list's own pattern")
        since, until = (_day(file, row.get(key), (*at, key)) for key in ("since", "until"))
        codes[code] = Code(code, _text(file, row["label_zh"], (*at, "label_zh")), since, until)
    return tuple(codes.values())


def _rows(rows: list[Any] | dict[Any, Any]) -> Iterable[tuple[Step, Any]]:
    if isinstance(rows, dict):
        return ((code, {"code": code, "label_zh": label}) for code, label in rows.items())
    return enumerate(rows)


def read_head(file: YamlFile) -> ReleaseHead:
    """What a release says about itself.

    Raises:
        ConfigurationError: unknown key or status, or a date that is no date; names file and line.
    """
    data = file.mapping
    _keys(file, data, _RELEASE, {"version", "status", "changes"}, ())
    if data["version"] != file.path.parent.name:
        file.wrong(("version",), "版本应与文件夹名一致", f"version must be {file.path.parent.name}, that of the folder")
    if data.get("successor") is not None:
        _text(file, data["successor"], ("successor",))
    if not isinstance(data["changes"], list):
        file.wrong(("changes",), "changes 应为列表", "changes must be a list")
    effective, deprecated, retired = (
        _day(file, data.get(key), (key,)) for key in ("effective_from", "deprecated_from", "retired_from")
    )
    return ReleaseHead(
        version=data["version"],
        status=ReleaseStatus(_one_of(file, data["status"], [str(s) for s in ReleaseStatus], ("status",))),
        effective_from=effective,
        deprecated_from=deprecated,
        retired_from=retired,
        successor=data.get("successor"),
        changes=tuple(_text(file, text, ("changes", n)) for n, text in enumerate(data["changes"])),
        severities=_severities(file, data.get("rules") or {}),
        **_differences(file, data),
    )


def _differences(file: YamlFile, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a release that is based on another one says about its datasets."""
    based_on, named = data.get("based_on"), data.get("datasets")
    if based_on is None and named is not None:
        file.wrong(("datasets",), "没有 based_on 时不列数据集", "datasets are named only beside based_on")
    if based_on is None:
        return {}
    _text(file, based_on, ("based_on",))
    _keys(file, named or {}, set(_DIFFERENCES), set(), ("datasets",))
    found: dict[str, Any] = {"based_on": based_on}
    for kind in _DIFFERENCES:
        names = (named or {}).get(kind) or []
        if not isinstance(names, list):
            file.wrong(("datasets", kind), f"{kind} 应为列表", f"{kind} must be a list")
        found[kind] = tuple(_text(file, name, ("datasets", kind, n)) for n, name in enumerate(names))
    return found


def _severities(file: YamlFile, rules: object) -> Mapping[str, str]:
    """Severities that hold for the whole release, by rule id; whether the rule exists is known to the validators."""
    if not isinstance(rules, Mapping):
        file.wrong(("rules",), "应为映射", "must be a mapping of rule ids to severities")
    for rule_id, severity in rules.items():
        if not isinstance(rule_id, str) or not RULE_ID.fullmatch(rule_id):
            file.wrong(("rules", rule_id), f"规则编号 {rule_id} 不合格式", f"{rule_id} is no rule id")
        _one_of(file, severity, SEVERITIES, ("rules", rule_id))
    return rules


def _keys(file: YamlFile, row: object, known: set[str], needed: set[str], at: tuple[Step, ...]) -> None:
    if not isinstance(row, Mapping):
        file.wrong(at, "应为映射", "must be a mapping")
    if needed <= row.keys() <= known:
        return
    for key in row:
        if key not in known:
            file.wrong((*at, key), f"未知的键 {key}", f"unknown key {key}")
    for key in sorted(needed - row.keys()):
        file.wrong(at, f"缺少 {key}", f"{key} is missing")


def _text(file: YamlFile, value: object, at: tuple[Step, ...]) -> str:
    if not isinstance(value, str) or not value:
        file.wrong(at, "应为文本（加引号）", f"must be text (quote it): {value!r}")
    return value


def _one_of(file: YamlFile, value: object, allowed: list[str] | tuple[str, ...], at: tuple[Step, ...]) -> str:
    if value not in allowed:
        file.wrong(at, f"应为 {'、'.join(allowed)} 之一", f"must be one of {', '.join(allowed)}: {value!r}")
    return str(value)


def _day(file: YamlFile, value: object, at: tuple[Step, ...]) -> date | None:
    if value is not None and type(value) is not date:
        file.wrong(at, "应为日期", f"must be a date: {value!r}")
    return value
