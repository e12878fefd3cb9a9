"""A rule on trial: read from a file outside the registry, so that old and new can run side by side."""

import importlib.util
from pathlib import Path

from exchange_hub.core.errors import UsageError
from validators.registry import all_rules
from validators.rule import Rule
from validators.trial import holds_for


def load_candidate(path: Path) -> Rule:
    """The rule of a file written like those in `validators/rules/` (a constant RULE).

    The file is executed: it is our own code on its way into the registry, never something that was sent to us.

    Raises:
        UsageError: no such file, it does not run or defines no rule, or its own examples do not behave.
    """
    if not path.is_file():
        raise UsageError("NO_SUCH_FILE", f"找不到文件：{path}", f"no such file: {path}")
    rule = _read(path)
    wrong = [row for row in rule.passing if holds_for(rule, row) is False]
    wrong += [row for row in rule.failing if holds_for(rule, row) is not False]
    if wrong:
        raise UsageError(
            "CANDIDATE_EXAMPLES",
            f"候选规则 {rule.id} 与自己的示例不符：{dict(wrong[0])}",
            f"candidate {rule.id} does not behave as its own example says: {dict(wrong[0])}",
            str(path),
        )
    return rule


def registered(rule: Rule) -> Rule | None:
    """The rule of that id that is in force, None where the candidate is new."""
    return next((known for known in all_rules() if known.id == rule.id), None)


def _read(path: Path) -> Rule:
    spec = importlib.util.spec_from_file_location(f"candidate_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise _unusable(path, "应为 .py 文件", "must be a .py file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a rule under work does wrong, its author is told in one line
        raise _unusable(path, f"无法执行（{error}）", f"does not run ({error})") from error
    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise _unusable(path, "没有定义 RULE", "defines no RULE")
    return rule


def _unusable(path: Path, zh: str, en: str) -> UsageError:
    return UsageError("CANDIDATE_UNUSABLE", f"候选规则文件{zh}", f"candidate file {en}", str(path))
