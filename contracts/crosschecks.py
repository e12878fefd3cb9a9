"""What no single file can know: code lists, parents and cycles across a release."""

from collections.abc import Mapping

from contracts.model import CodeList, DatasetContract
from contracts.yamlfile import YamlFile


def check_release(
    datasets: Mapping[str, DatasetContract], code_lists: Mapping[str, CodeList], files: Mapping[str, YamlFile]
) -> None:
    """Refuse a release whose datasets name what does not exist; `files` by dataset.

    Raises:
        ConfigurationError: unknown code list, unknown parent dataset or field, parents in a circle.
    """
    for name, contract in datasets.items():
        _check_lists(contract, code_lists, files[name])
        _check_parents(contract, datasets, files[name])
    _check_circles(datasets, files)


def _check_lists(contract: DatasetContract, code_lists: Mapping[str, CodeList], file: YamlFile) -> None:
    for number, field in enumerate(contract.fields):
        if field.code_list is not None and field.code_list not in code_lists:
            file.wrong(
                ("schema", 0, "properties", number),
                f"字段 {field.name} 的代码集 {field.code_list} 不存在",
                f"field {field.name} names code list {field.code_list}, which does not exist",
            )


def _check_parents(contract: DatasetContract, datasets: Mapping[str, DatasetContract], file: YamlFile) -> None:
    for parent in contract.parents:
        there = datasets.get(parent.dataset)
        if there is None or parent.parent_field not in there.field_names:
            file.wrong(
                ("schema", 0, "customProperties"),
                f"上级 {parent.dataset}.{parent.parent_field} 不存在",
                f"parent {parent.dataset}.{parent.parent_field} does not exist",
            )


def _check_circles(datasets: Mapping[str, DatasetContract], files: Mapping[str, YamlFile]) -> None:
    """Take away datasets whose parents are gone until none is left; what stays is in or below a circle."""
    left = {name: {parent.dataset for parent in contract.parents} for name, contract in datasets.items()}
    while free := [name for name, parents in left.items() if not parents & left.keys()]:
        for name in free:
            del left[name]
    for name in left:
        circle = "、".join(left)
        files[name].wrong(
            ("schema", 0, "customProperties"), f"上级关系成环：{circle}", f"parents in a circle among {', '.join(left)}"
        )
