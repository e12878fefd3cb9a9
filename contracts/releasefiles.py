"""The files of one release: its own, and those of the release it is based on (继承)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from contracts.crosschecks import check_dataset
from contracts.datasetreader import SUFFIX, read_dataset
from contracts.lazy import LazyMapping
from contracts.listreader import ReleaseHead, read_code_list, read_head
from contracts.model import CodeList, DatasetContract, Release, RuleUse
from contracts.ordering import in_order
from contracts.yamlfile import YamlFile

HEAD = "release.yaml"


@dataclass(frozen=True, slots=True)
class Spec:
    """Where releases and code lists stand, and which bases were opened already, so that each file is read once."""

    shared_lists: Path  # folder of the code lists that all releases share
    root: Path  # folder that names in errors are relative to
    opened: dict[str, "ReleaseFiles"] = field(default_factory=dict)


class ReleaseFiles:
    """A release folder opened: the head is read, datasets and code lists are read when they are asked for."""

    def __init__(self, folder: Path, spec: "Spec", above: tuple[str, ...] = ()) -> None:
        """Open the release of a folder and the one it is based on.

        Args:
            above: versions that are based on this one, to find a circle.

        Raises:
            ConfigurationError: release.yaml is wrong, or does not fit the files of the folder.
        """
        file = YamlFile(folder / HEAD, spec.root)
        self.head: ReleaseHead = read_head(file)
        own = {path.name.removesuffix(SUFFIX): YamlFile(path, spec.root) for path in sorted(folder.glob(f"*{SUFFIX}"))}
        self._base = self._open_base(file, folder, spec, (*above, self.head.version))
        _check_named(file, self.head, own, self._base)
        inherited = {} if self._base is None else self._base.files
        self.files: dict[str, YamlFile] = {
            name: found for name, found in (inherited | own).items() if name not in self.head.removed
        }
        self._own = own
        self._parsed: dict[str, DatasetContract] = {}
        lists = _list_files(spec.shared_lists, spec.root) if self._base is None else self._base.list_files
        self.list_files: dict[str, YamlFile] = lists | _list_files(folder / "codelists", spec.root)

    def _open_base(self, file: YamlFile, folder: Path, spec: "Spec", above: tuple[str, ...]) -> "ReleaseFiles | None":
        base = self.head.based_on
        if base is None:
            return None
        if base in above:
            circle = (*above[above.index(base) :], base)
            file.wrong(("based_on",), f"版本继承成环：{' → '.join(circle)}", f"based on itself: {' -> '.join(circle)}")
        if not (folder.parent / base / HEAD).is_file():
            file.wrong(("based_on",), f"版本 {base} 不存在", f"there is no release {base}")
        if base not in spec.opened:
            spec.opened[base] = ReleaseFiles(folder.parent / base, spec, above)
        return spec.opened[base]

    def parsed(self, name: str) -> DatasetContract:
        """The contract of a dataset as this release has it, what it says about others not looked at.

        Raises:
            KeyError: no such dataset.
            ConfigurationError: its file is wrong; names file and line.
        """
        if name not in self._parsed:
            if name in self._own or self._base is None:
                contract = read_dataset(self.files[name], self.head.version)
            else:
                contract = replace(self._base.parsed(name), version=self.head.version)
            rules = tuple(self._rule(use) for use in contract.rules)
            self._parsed[name] = contract if rules == contract.rules else replace(contract, rules=rules)
        return self._parsed[name]

    def _rule(self, use: RuleUse) -> RuleUse:
        """The rule with the severity that holds for the whole release, where the contract sets none of its own."""
        severity = self.head.severities.get(use.rule_id)
        return use if severity is None or use.severity is not None else replace(use, severity=severity)

    def dataset(self, name: str) -> DatasetContract:
        """The contract of a dataset, checked against the rest of the release.

        Raises:
            KeyError: no such dataset.
            ConfigurationError: its file, or that of an ancestor, is wrong; names file and line.
        """
        contract = self.parsed(name)
        check_dataset(name, self.parsed, self.files, self.list_files, self.files)
        return contract

    def code_list(self, name: str) -> CodeList:
        """A code list: the release's own, that of a release it is based on, or the shared one.

        Raises:
            KeyError: no such list.
            ConfigurationError: its file is wrong; names file and line.
        """
        return read_code_list(self.list_files[name])

    def release(self) -> Release:
        """The release; its datasets and code lists are read when they are first asked for."""
        datasets = LazyMapping(self.files, self.dataset, lambda known: in_order(known, self.files))

        def used(_: Mapping[str, CodeList]) -> tuple[str, ...]:
            names = {each.code_list for contract in datasets.values() for each in contract.fields}
            return tuple(name for name in sorted(self.list_files) if name in names)

        head = self.head
        return Release(
            version=head.version,
            status=head.status,
            effective_from=head.effective_from,
            deprecated_from=head.deprecated_from,
            retired_from=head.retired_from,
            successor=head.successor,
            changes=head.changes,
            datasets=datasets,
            code_lists=LazyMapping(self.list_files, self.code_list, used),
            based_on=head.based_on,
        )


def _list_files(folder: Path, root: Path) -> dict[str, YamlFile]:
    return {path.stem: YamlFile(path, root) for path in sorted(folder.glob("*.yaml"))}


def _check_named(file: YamlFile, head: ReleaseHead, own: Mapping[str, YamlFile], base: ReleaseFiles | None) -> None:
    """Does release.yaml name exactly the files of the folder, and rightly as added, changed or removed?"""
    if base is None:
        return
    for kind, names, there in (
        ("added", head.added, False),
        ("changed", head.changed, True),
        ("removed", head.removed, True),
    ):
        for number, name in enumerate(names):
            if (name in base.files) is not there:
                words = ("应在", "must be") if there else ("不应在", "must not be")
                file.wrong(
                    ("datasets", kind, number),
                    f"{kind} 的数据集 {name} {words[0]}版本 {head.based_on} 中",
                    f"{kind} dataset {name} {words[1]} in release {head.based_on}",
                )
            if kind != "removed" and name not in own:
                file.wrong(("datasets", kind, number), f"缺少文件 {name}{SUFFIX}", f"{name}{SUFFIX} is missing")
    for name in sorted(own.keys() - {*head.added, *head.changed}):
        file.wrong(
            ("datasets",),
            f"文件 {name}{SUFFIX} 未列入 added 或 changed",
            f"{name}{SUFFIX} is named neither as added nor as changed",
        )
