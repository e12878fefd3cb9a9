"""Dialects (方言): how another province writes its records, as data. One YAML file each in `ingest/dialects/`.

`ingest/dialects/shanxi.yaml` explains the keys. A platform's card names its dialect; `ingest.translate` reads by it.
"""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from contracts.model import DatasetContract, Release
from contracts.yamlfile import Step, YamlFile
from exchange_hub.core.errors import ConfigurationError

FOLDER = Path(__file__).with_name("dialects")
_TOP = {"dialect", "label_zh", "source", "confidence", "key", "operation", "datetime", "date", "common", "datasets"}
_PARTS = {"dataset", "taken", "fixed", "part", "ignored", "absent"}


@dataclass(frozen=True, slots=True)
class Message:
    """How one of their datasets is read into one of ours; see the YAML for the meaning of each part."""

    name: str
    dataset: str
    taken: Mapping[str, tuple[str, ...]]
    fixed: Mapping[str, tuple[tuple[str, str], ...]]  # our field -> (value, element that must be given)
    part: Mapping[str, tuple[str, int, int]]  # our field -> (element, first character from 1, last)
    ignored: frozenset[str]
    absent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way of writing records."""

    name: str
    label_zh: str
    key_element: str
    key_prefix: str
    datetime: str
    date: str
    messages: Mapping[str, Message]


@cache
def load_dialect(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        ConfigurationError: there is none, or its file is wrong (file and line are named).
    """
    path = FOLDER / f"{name}.yaml"
    if not path.is_file():
        raise ConfigurationError("DIALECT_UNKNOWN", f"没有方言 {name}", f"there is no dialect {name}", str(FOLDER))
    return read_dialect(path)


def read_dialect(path: Path) -> Dialect:
    """The dialect of a file, without the cache.

    Raises:
        ConfigurationError: an unknown or missing key, or a value of the wrong kind; names file and line.
    """
    file = YamlFile(path, path.parents[1])
    data = file.mapping
    _keys(file, data, _TOP, _TOP, ())
    if data["dialect"] != path.stem:
        file.wrong(("dialect",), "应与文件名一致", f"must be {path.stem}, the file's name")
    if data["operation"] != "replace":
        file.wrong(("operation",), "应为 replace", "must be replace")
    _keys(file, data["key"], {"element", "prefix"}, {"element", "prefix"}, ("key",))
    common = data["common"]
    _keys(file, common, _PARTS - {"dataset"}, set(), ("common",))
    return Dialect(
        name=data["dialect"],
        label_zh=data["label_zh"],
        key_element=data["key"]["element"],
        key_prefix=data["key"]["prefix"],
        datetime=data["datetime"],
        date=data["date"],
        messages={name: _message(file, name, body, common) for name, body in data["datasets"].items()},
    )


_relaxations: dict[tuple[int, int], tuple[Release, Dialect, Release]] = {}  # by identity; both are kept alive beside


def relaxed(release: Release, dialect: Dialect) -> Release:
    """The release as it holds for a dialect: fields that its messages do not have are not demanded.

    Raises:
        ConfigurationError: the dialect names a field that a dataset of the release does not have.
    """
    key = id(release), id(dialect)
    if key not in _relaxations:
        changed = {
            message.dataset: _without(release.datasets[message.dataset], message)
            for message in dialect.messages.values()
            if message.dataset in release.datasets
        }
        datasets = ChainMap(changed, cast("dict[str, DatasetContract]", release.datasets))
        _relaxations[key] = release, dialect, replace(release, datasets=datasets)
    return _relaxations[key][2]


def _without(contract: DatasetContract, message: Message) -> DatasetContract:
    targets = {*message.absent, *message.taken, *message.fixed, *message.part}
    unknown = targets - set(contract.field_names) - {"PUB_SERVICE_PLAT"}
    if unknown:
        named = "、".join(sorted(unknown))
        raise ConfigurationError(
            "DIALECT_FIELD",
            f"方言报文 {message.name} 引用了 {contract.dataset} 没有的字段：{named}",
            f"dialect message {message.name} names what is no field of {contract.dataset}: {named}",
        )
    fields = (replace(f, required=False) if f.name in message.absent else f for f in contract.fields)
    return replace(contract, fields=tuple(fields))


def _message(file: YamlFile, name: str, body: Any, common: Mapping[str, Any]) -> Message:
    at: tuple[Step, ...] = ("datasets", name)
    _keys(file, body, _PARTS, {"dataset"}, at)
    joined = {part: _join(common.get(part), body.get(part)) for part in ("taken", "fixed", "part")}
    lists = {part: frozenset([*(common.get(part) or ()), *(body.get(part) or ())]) for part in ("ignored", "absent")}
    return Message(
        name=name,
        dataset=body["dataset"],
        taken={field: tuple(elements) for field, elements in joined["taken"].items()},
        fixed={field: _cases(file, cases, (*at, "fixed", field)) for field, cases in joined["fixed"].items()},
        part={field: _characters(file, spec, (*at, "part", field)) for field, spec in joined["part"].items()},
        ignored=lists["ignored"],
        absent=lists["absent"],
    )


def _join(common: Mapping[str, Any] | None, own: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**(common or {}), **(own or {})}


def _cases(file: YamlFile, cases: Any, at: tuple[Step, ...]) -> tuple[tuple[str, str], ...]:
    for case in cases:
        _keys(file, case, {"value", "when"}, {"value", "when"}, at)
        if not isinstance(case["value"], str):
            file.wrong(at, "值应为文本（加引号）", "a value must be a (quoted) text")
    return tuple((case["value"], case["when"]) for case in cases)


def _characters(file: YamlFile, spec: Any, at: tuple[Step, ...]) -> tuple[str, int, int]:
    _keys(file, spec, {"of", "from", "to"}, {"of", "from", "to"}, at)
    if not 1 <= spec["from"] <= spec["to"]:
        file.wrong(at, "from 应不大于 to，且从 1 起", "from and to count from 1, from first")
    return spec["of"], spec["from"], spec["to"]


def _keys(file: YamlFile, data: Any, known: set[str], needed: set[str], at: Sequence[Step]) -> None:
    if not isinstance(data, dict):
        file.wrong(at, "应为映射", "must be a mapping")
    for key in data:
        if key not in known:
            file.wrong((*at, key), f"未知的键 {key}", f"unknown key {key}")
    for key in sorted(needed - data.keys()):
        file.wrong(at, f"缺少 {key}", f"{key} is missing")
