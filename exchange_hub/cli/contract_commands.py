"""`hub contracts`: the spec's releases, shown and compared."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import UsageError

if TYPE_CHECKING:
    from contracts.compare import Change
    from contracts.model import Release

LEVELS = {"compatible": "兼容 compatible", "warning": "注意 warning", "breaking": "不兼容 breaking"}
WHOM = {"senders": "报送方 senders", "readers": "使用方 readers", "everyone": "双方 everyone"}

contracts_app = typer.Typer(help="数据规范 / contract releases", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(contracts_app, name="contracts")


@contracts_app.command("list")
def list_releases(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """列出规范版本 / list the releases."""
    from contracts.loader import releases

    known = releases()
    if as_json:
        print_json({"releases": [_release(release) for release in known]})
        return 0
    for release in known:
        print(f"{release.version}  {release.status}  {_dates(release)}  数据集 datasets {len(release.datasets)}")
    return 0


@contracts_app.command("show")
def show(
    dataset: Annotated[str, typer.Argument(help="数据集英文名 / dataset name")],
    contract_version: Annotated[str | None, typer.Option(help="版本 / release; default: newest active")] = None,
) -> int:
    """显示一个数据集 / show one dataset."""
    from contracts.document import show as render
    from contracts.loader import load_release

    release = load_release(contract_version or _newest_active())
    if dataset not in release.datasets:
        near = get_close_matches(dataset.upper(), list(release.datasets), n=5) or list(release.datasets)
        raise UsageError(
            "UNKNOWN_DATASET",
            f"规范 {release.version} 没有数据集 {dataset}；可用：{'、'.join(near)}",
            f"no dataset {dataset} in {release.version}; there are: {', '.join(near)}",
        )
    print(render(release.datasets[dataset]))
    return 0


@contracts_app.command("diff")
def diff(
    old: str,
    new: str,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """比较两个版本 / compare two releases."""
    from contracts.compare import ForWhom, breaks
    from exchange_hub.flows.spec import compare_releases

    changes = compare_releases(_known(old), _known(new))
    broken = {whom: breaks(changes, whom) for whom in (ForWhom.SENDERS, ForWhom.READERS)}
    if as_json:
        print_json(
            {
                "old": old,
                "new": new,
                "compatible": not any(broken.values()),
                "compatible_for": {str(whom): not breaking for whom, breaking in broken.items()},
                "changes": [_change(change) for change in changes],
            }
        )
        return 0
    for whom, label in ((ForWhom.SENDERS, "报送方 senders"), (ForWhom.READERS, "数据使用方 readers")):
        print(f"{old} -> {new}  {label}: {'不兼容 breaking' if broken[whom] else '兼容 compatible'}")
    for change in changes:
        place = f"{change.dataset}.{change.field}" if change.field else change.dataset
        print(f"  [{LEVELS[change.level]}] [{WHOM[change.for_whom]}] {place}: {change.text_zh} / {change.text_en}")
    return 0


@contracts_app.command("docs")
def docs(
    folder: Annotated[Path, typer.Argument(help="输出文件夹 / folder to write to")],
    contract_version: Annotated[str | None, typer.Option(help="版本 / release; default: newest active")] = None,
) -> int:
    """写出可浏览的规范网站，含填报模板和 XSD、JSON Schema / write the site of a release, with templates and schemas."""
    from exchange_hub.flows.specbook import write_docs

    try:
        write_docs(_known(contract_version or _newest_active()), folder)
    except OSError as error:
        raise UsageError(
            "CANNOT_WRITE",
            f"无法写入 {folder}：{error.strerror}",
            f"cannot write to {folder}: {error.strerror}",
        ) from error
    print(f"已写入 written: {folder}")
    return 0


@contracts_app.command("readiness")
def readiness(
    platform: Annotated[str, typer.Option("--platform", help="平台代码 / platform code")],
    to: Annotated[str, typer.Option("--to", help="目标版本 / release to move to")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """平台已入库的现行数据能否通过另一版本 / would a platform's stored records pass another release."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.readiness import readiness as measure

    found = measure(open_hub(), platform, _known(to), system_now())
    if as_json:
        print_json(found)
    else:
        _print_readiness(found)
    return 1 if found["rejected"] else 0


@contracts_app.command("outlook")
def outlook(
    platform: Annotated[str, typer.Option("--platform", help="平台代码 / platform code")],
    last: Annotated[int, typer.Option(help="批次数 / how many batches, newest first")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")] = False,
) -> int:
    """各批次按下一版本的试校验结果（前瞻） / how a platform's batches fare under its next release."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.outlook import list_outlooks

    rows = list_outlooks(open_hub(), platform, last)
    if as_json:
        print_json({"platform_code": platform, "outlooks": rows})
        return 0
    for row in rows:
        head = f"{row['batch_no']}  {row['contract_version']} -> {row['next_release']}"
        passing = f"{row['passing']}/{row['received']}"
        print(f"{head}  可通过 passing {passing}  新增退回 newly rejected {row['newly_rejected']}")
        for rule in row["rules"]:
            print(f"    {rule['rule_id']} × {rule['records']}: {rule['message_zh']}")
        if row["refusal"]:
            print(f"    {row['refusal']}")
    if not rows:
        print("没有前瞻结果 / no outlook")
    return 0


def _print_readiness(found: dict[str, Any]) -> None:
    share = f"{found['passing']}/{found['records']}"
    print(f"{found['platform_code']} -> {found['to']}: 可通过 passing {share}  退回 rejected {found['rejected']}")
    for part in found["datasets"]:
        print(f"    {part['dataset']:<28} {part['passing']:>8}/{part['records']}  待父级 held {part['held']}")
    for lost in found["unknown_datasets"]:
        print(f"    {lost['dataset']:<28} 目标版本没有此数据集 not in the release: {lost['records']}")
    for rule in found["rules"]:
        print(f"  {rule['rule_id']} × {rule['records']}: {rule['message_zh']}")


def _dates(release: "Release") -> str:
    """When a release holds, in both languages; a draft's dates are plans."""
    if release.effective_from is None:
        return "日期未定 no date yet"
    until = f"，停用 retired {release.retired_from}" if release.retired_from else ""
    instead = f"，改用 then {release.successor}" if release.successor else ""
    return f"自 since {release.effective_from}{until}{instead}"


def _release(release: "Release") -> dict[str, object]:
    return {
        "version": release.version,
        "status": str(release.status),
        "effective_from": release.effective_from,
        "deprecated_from": release.deprecated_from,
        "retired_from": release.retired_from,
        "successor": release.successor,
        "datasets": list(release.datasets),
    }


def _change(change: "Change") -> dict[str, object]:
    return {
        "level": str(change.level),
        "dataset": change.dataset,
        "field": change.field,
        "text_zh": change.text_zh,
        "text_en": change.text_en,
        "for_whom": str(change.for_whom),
    }


def _known(version: str) -> str:
    from contracts.loader import release_versions

    if version not in release_versions():
        known = ", ".join(release_versions())
        raise UsageError(
            "UNKNOWN_CONTRACT", f"没有规范版本 {version}；可用：{known}", f"no release {version}; known: {known}"
        )
    return version


def _newest_active() -> str:
    from contracts.loader import releases
    from contracts.model import ReleaseStatus

    active = [release.version for release in releases() if release.status is ReleaseStatus.ACTIVE]
    return max(active, key=lambda version: tuple(int(part) for part in version.split(".")))
