"""YAML files read fast, and a line number for what is wrong in them.

Parsing keeps no lines, so that loading stays fast; only when something is wrong the file is composed again to
find the line of the faulty node.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import yaml

from contracts.yamldata import plain_data
from exchange_hub.core.errors import ConfigurationError

Step = str | int


class YamlFile:
    """One YAML file: its data, and errors that name file and line."""

    def __init__(self, path: Path, root: Path) -> None:
        """Remember the file; `root` is the folder that names in errors are relative to."""
        self.path = path
        self.name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()

    @cached_property
    def mapping(self) -> dict[str, Any]:
        """The file's top mapping.

        Raises:
            ConfigurationError: unreadable, no YAML, a repeated key, or no mapping.
        """
        try:
            data = plain_data(self.path.read_bytes())
        except OSError as error:
            raise self._error("无法读取", f"cannot be read: {error.strerror}", self.name) from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise self._error("不是有效的 YAML", f"is no valid YAML: {error.problem}", f"{self.name}:{line}") from error
        except yaml.YAMLError as error:
            raise self._error("不是有效的 YAML", f"is no valid YAML: {error}", f"{self.name}:1") from error
        if not isinstance(data, dict):
            self.wrong((), "应为映射", "must be a mapping")
        return data

    def line(self, place: Sequence[Step]) -> int:
        """Line (from 1) of the node at that place, or of the deepest part of the place that exists."""
        node: yaml.Node | None = yaml.compose(self.path.read_bytes(), Loader=yaml.CSafeLoader)
        line = 1
        for step in place:
            key, node = _child(node, step)
            if node is None:
                break
            line = (key or node).start_mark.line + 1
        return line

    def wrong(self, place: Sequence[Step], message_zh: str, message_en: str) -> NoReturn:
        """Report what is wrong at that place of the file.

        Raises:
            ConfigurationError: always, with file and line.
        """
        raise self._error(message_zh, message_en, f"{self.name}:{self.line(place)}")

    def _error(self, message_zh: str, message_en: str, where: str) -> ConfigurationError:
        return ConfigurationError(
            "CONTRACT_INVALID", f"数据规范文件有误：{message_zh}", f"contract file: {message_en}", where
        )


def _child(node: yaml.Node | None, step: Step) -> tuple[yaml.Node | None, yaml.Node | None]:
    """Key node (None in a list) and value node of a step; (None, None) where there is none."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None, None
