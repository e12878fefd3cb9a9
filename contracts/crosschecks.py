"""What no single file can know: code lists, parents and cycles across a release.

A dataset is checked when it is first asked for, with all its ancestors, so that a package of three datasets need not
read a hundred.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any

from contracts.model import DatasetContract
from contracts.yamlfile import Step, YamlFile


def check_dataset(
    name: str,
    parsed: Callable[[str], DatasetContract],
    known: Container[str],
    code_lists: Container[str],
    files: Mapping[str, YamlFile],
) -> None:
    """Refuse a dataset that names what does not exist.

    Args:
        parsed: the contract of a dataset, from its file alone.
        known: names of the release's datasets.
        code_lists: names of the release's code lists.
        files: by dataset, for the place of an error.

    Raises:
        ConfigurationError: unknown code list, unknown parent dataset or field, parents in a circle.
    """
    _check_lists(parsed(name), code_lists, files[name])
    _check_parents(parsed(name), parsed, known, files[name])
    _check_circle(name, parsed, known, files)


def _check_lists(contract: DatasetContract, code_lists: Container[str], file: YamlFile) -> None:
    for number, field in enumerate(contract.fields):
        if field.code_list is not None and field.code_list not in code_lists:
            file.wrong(
                _property_of(file, ("schema", 0, "properties", number), "codeList"),
                f"字段 {field.name} 的代码集 {field.code_list} 不存在",
                f"field {field.name} names code list {field.code_list}, which does not exist",
            )


def _check_parents(
    contract: DatasetContract, parsed: Callable[[str], DatasetContract], known: Container[str], file: YamlFile
) -> None:
    for parent in contract.parents:
        if parent.dataset not in known or parent.parent_field not in parsed(parent.dataset).field_names:
            file.wrong(
                _parents_of(file),
                f"上级 {parent.dataset}.{parent.parent_field} 不存在",
                f"parent {parent.dataset}.{parent.parent_field} does not exist",
            )


def _check_circle(
    name: str, parsed: Callable[[str], DatasetContract], known: Container[str], files: Mapping[str, YamlFile]
) -> None:
    """Walk up from the dataset; to come back to where one has been is a circle."""

    def climb(here: str, path: tuple[str, ...]) -> None:
        if here in path:
            circle = (*path[path.index(here) :], here)
            files[here].wrong(
                _parents_of(files[here]),
                f"上级关系成环：{' → '.join(circle)}",
                f"parents in a circle: {' -> '.join(circle)}",
            )
        for parent in parsed(here).parents:
            if parent.dataset in known:
                climb(parent.dataset, (*path, here))

    climb(name, ())


def _parents_of(file: YamlFile) -> tuple[Step, ...]:
    """Place of the property `parents` in a file."""
    return _property_of(file, ("schema", 0), "parents")


def _property_of(file: YamlFile, at: tuple[Step, ...], name: str) -> tuple[Step, ...]:
    """Place of a custom property of the element at that place."""
    element: Any = file.mapping
    for step in at:
        element = element[step]
    number = next(number for number, custom in enumerate(element["customProperties"]) if custom["property"] == name)
    return (*at, "customProperties", number)
