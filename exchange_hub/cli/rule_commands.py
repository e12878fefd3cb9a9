"""`hub rules list`, `hub rules compare`: the rules, and a changed one before it is taken."""

from pathlib import Path
from typing import Annotated, Any

import typer

from exchange_hub.cli.output import SEVERITIES, print_json
from exchange_hub.core.clock import parse_instant, system_now

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help="校验规则 / rules", no_args_is_help=True)
    group.command("list")(list_rules)
    group.command("compare")(compare)
    group.command("revoke")(revoke)
    app.add_typer(group, name="rules")


def list_rules(as_json: JsonOption = False) -> int:
    """列出全部规则 / list the rules."""
    from validators.registry import all_rules

    rows = [
        {
            "rule_id": rule.id,
            "version": rule.version,
            "severity": rule.severity.value,
            "dimension": rule.dimension.value,
            "message_zh": rule.message_zh,
            "message_en": rule.message_en,
        }
        for rule in all_rules()
    ]
    if as_json:
        print_json({"rules": rows})
        return 0
    for row in rows:
        print(f"{row['rule_id']} v{row['version']}  [{SEVERITIES[str(row['severity'])]}]  {row['message_zh']}")
    return 0


def compare(
    candidate: Annotated[Path, typer.Argument(help="候选规则文件 / a rule file, as in validators/rules")],
    platform: Annotated[str | None, typer.Option("--platform", help="平台代码 / platform code; default: all")] = None,
    since: Annotated[str | None, typer.Option(help="只看此后收到的批次 / batches received since")] = None,
    as_json: JsonOption = False,
) -> int:
    """新旧规则在已入库批次上各运行一遍，列出将新增退回的记录 / run old and new over stored batches."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.ruletrial import compare_rule

    found = compare_rule(open_hub(), candidate, platform, parse_instant(since) if since else None)
    if as_json:
        print_json(found)
    else:
        _print_trial(found)
    return 1 if any(part["newly_rejected"] for part in found["platforms"]) else 0


def revoke(
    rule_id: Annotated[str, typer.Argument(help="规则编号 / rule")],
    reason: Annotated[str, typer.Option("--reason", help="理由，写入通知 / why; stands on the notices")],
    by: Annotated[str, typer.Option("--by", help="决定人 / who decided")],
    version: Annotated[int | None, typer.Option("--version", help="只限此版本 / only this version of it")] = None,
    as_json: JsonOption = False,
) -> int:
    """规则有误：撤销仅由它退回且未办结的全部记录 / our rule was wrong: revoke all that it alone rejected."""
    from exchange_hub.core.notices import Act, Actor, Role
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.decisions import revoke_rule

    done = revoke_rule(open_hub(), rule_id, version, Act(Actor(Role.OPERATOR, by), system_now(), reason))
    if as_json:
        print_json({"changed": done.changed, "left": done.left})
        return 0
    print(f"已撤销 revoked: {sum(map(len, done.changed.values()))}  仍由其他规则退回 left to other rules: {done.left}")
    for number, items in done.changed.items():
        print(f"  {number}: 第 {'、'.join(map(str, items))} 条")
    return 0


def _print_trial(found: dict[str, Any]) -> None:
    old = f"v{found['old_version']}" if found["old_version"] is not None else "无 none"
    print(f"{found['rule_id']}  {old} -> v{found['new_version']}")
    for part in found["platforms"]:
        print(
            f"  {part['platform_code']}  批次 batches {part['batches']}  记录 records {part['records']}"
            f"  新增退回 newly rejected {part['newly_rejected']}  不再退回 newly accepted {part['newly_accepted']}"
            f"  发现 findings {part['findings_old']} -> {part['findings_new']}"
        )
        for row in part["listed"]:
            print(f"    {row['batch_no']} {row['file']} 第{row['row']}行 {row['field'] or ''}: {row['message_zh']}")
    if not found["platforms"]:
        print("没有已入库的批次 / no stored batches")
