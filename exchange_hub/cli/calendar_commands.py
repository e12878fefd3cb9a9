"""`hub calendar`: the calendar of working days, its operator's files, and deadlines that rest on it."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exchange_hub.cli.output import print_json
from exchange_hub.core.clock import in_shanghai, system_now

if TYPE_CHECKING:
    from exchange_hub.core.calendar import Calendar
    from exchange_hub.flows.calendars import Moved

calendar_app = typer.Typer(help="工作日历 / calendar of working days", no_args_is_help=True, rich_markup_mode=None)
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / print one JSON document")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(calendar_app, name="calendar")


@calendar_app.command("show")
def show(
    year: Annotated[int | None, typer.Argument(help="年份 / year; default: this one")] = None,
    as_json: JsonOption = False,
) -> int:
    """显示某年的工作日历 / show a year: days off on weekdays, weekends that are worked, official or provisional."""
    from feedback.calendar import calendar_files, calendar_in_force, calendars_folder

    document = {
        **_year(calendar_in_force(), year or in_shanghai(system_now()).year),
        "folder": str(calendars_folder()),
        "files": [path.name for path in calendar_files()],
    }
    if as_json:
        print_json(document)
    else:
        _print_year(document)
    return 0


@calendar_app.command("check")
def check(
    path: Annotated[Path, typer.Argument(help="日历文件 / calendar file")],
    open_notices: Annotated[
        bool, typer.Option("--open-notices", help="列出将变动的时限 / list deadlines it would move")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """检查一个日历文件，不启用 / check a calendar file before it is added."""
    from feedback.calendar import calendar_files, load_calendar

    calendar = load_calendar(*calendar_files(), path)
    moved: list[Moved] = []
    if open_notices:
        from exchange_hub.flows.calendars import preview
        from exchange_hub.flows.context import open_hub

        moved = preview(open_hub(), path)
    years = [_year(calendar, year) for year in sorted(_years_of(path))]
    if as_json:
        print_json({"version": calendar.version, "years": years, "moved": [_moved(move) for move in moved]})
        return 0
    print(f"可用 fine: {calendar.version}")
    for part in years:
        _print_year(part)
    for move in moved:
        _print_moved(move)
    return 0


@calendar_app.command("recompute")
def recompute(as_json: JsonOption = False) -> int:
    """按现行日历重算未办结通知的时限 / recompute open notices by the calendar in force; logged, later dates apply."""
    from exchange_hub.flows.calendars import recompute as run
    from exchange_hub.flows.context import open_hub

    moved = run(open_hub(), system_now())
    if as_json:
        print_json({"moved": [_moved(move) for move in moved]})
        return 0
    for move in moved:
        _print_moved(move)
    if not moved:
        print("没有变动 / nothing moved")
    return 0


def _years_of(path: Path) -> set[int]:
    from feedback.calendar import load_calendar

    alone = load_calendar(path)
    return set(alone.official_years) | {day.year for day in (*alone.days_off, *alone.make_up_days)}


def _year(calendar: "Calendar", year: int) -> dict[str, Any]:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    weekdays = [day for day in days if day.weekday() < 5]
    return {
        "year": year,
        "official": calendar.is_official(year),
        "version": calendar.version,
        "working_days": sum(calendar.is_workday(day) for day in days),
        "weekdays_off": [day.isoformat() for day in weekdays if not calendar.is_workday(day)],
        "make_up_days": [day.isoformat() for day in days if day.weekday() >= 5 and calendar.is_workday(day)],
    }


def _print_year(part: dict[str, Any]) -> None:
    known = "正式 official" if part["official"] else "暂定，国务院尚未公布 provisional"
    print(f"{part['year']}  {known}  工作日 working days {part['working_days']}  {part['version']}")
    print(f"  工作日中的休息日 weekdays off: {'、'.join(part['weekdays_off'])}")
    print(f"  调休上班 worked weekends: {'、'.join(part['make_up_days']) or '无 none'}")
    if "folder" in part:
        print(f"  日历文件 files: {'、'.join(part['files']) or '无 none'}  ({part['folder']})")


def _moved(move: "Moved") -> dict[str, Any]:
    return {
        "notice_no": move.notice_no,
        "before": move.before.isoformat(),
        "after": move.after.isoformat(),
        "kept": move.kept,
        "reason": move.reason,
    }


def _print_moved(move: "Moved") -> None:
    kept = "，仍按已告知日期 the communicated date is kept" if move.kept else ""
    print(f"{move.notice_no}  {move.before} -> {move.after}{kept}")
