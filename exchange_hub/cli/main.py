"""The command `hub`: parse, call one function of the flows, print.

Exit status: 0 done and nothing rejected; 1 done, with rejections or with something overdue; 2 wrong usage,
unreadable input or our own error, then one line on stderr and never a traceback.
"""

import os
import sys
import traceback
from collections.abc import Callable

import typer

from exchange_hub.cli import (
    account_commands,
    alarm_commands,
    arrival_commands,
    audit_commands,
    backup_commands,
    batch_commands,
    bulletin_commands,
    calendar_commands,
    channel_commands,
    check_commands,
    contract_commands,
    correct_commands,
    deadline_commands,
    demo_commands,
    export_commands,
    held_commands,
    key_commands,
    lake_commands,
    logs,
    metric_commands,
    notice_commands,
    rule_commands,
    sample_commands,
    server_commands,
    stack_commands,
)
from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import HubError
from exchange_hub.core.settings import home

app = typer.Typer(
    name="hub",
    help="公共资源交易数据交换枢纽 / data-exchange hub for public-resource trading",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (
    stack_commands,
    check_commands,
    sample_commands,
    batch_commands,
    notice_commands,
    deadline_commands,
    calendar_commands,
    alarm_commands,
    arrival_commands,
    channel_commands,
    metric_commands,
    bulletin_commands,
    held_commands,
    contract_commands,
    correct_commands,
    rule_commands,
    audit_commands,
    key_commands,
    account_commands,
    demo_commands,
    backup_commands,
    lake_commands,
    export_commands,
    server_commands,
):
    commands.register(app)


def main() -> None:
    """Run the command line and exit with its status."""
    logs.configure()
    sys.exit(run(lambda: app(standalone_mode=False)))


def run(command: Callable[[], object]) -> int:
    """Status of a command; every error becomes one line on stderr."""
    try:
        result = command()
        return result if isinstance(result, int) else 0
    except typer.TyperException as error:
        text = error.format_message()
        is_help = text.lstrip().startswith("Usage:")  # a group called without a command
        _say(text if is_help else f"用法错误 / wrong usage: {_line(text)}")
    except (typer.Abort, KeyboardInterrupt):
        _say("已中断 / interrupted")
    except HubError as error:
        _say(_line(f"{error.message_zh} / {error.message_en}" + (f" [{error.where}]" if error.where else "")))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception:  # noqa: BLE001 -- the outermost boundary: no traceback reaches a person, it goes to the log
        _say(f"内部错误，详见 / internal error, see {_log_error()}")
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what polars' Rust raises is no Exception
            raise
        _say(f"内部错误，详见 / internal error, see {_log_error()}")
    return 2


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _line(text: str) -> str:
    return " ".join(text.split())


def _log_error() -> str:
    folder = home() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "hub-errors.log"
    with path.open("a", encoding="utf-8") as log:
        log.write(f"--- {system_now().isoformat()} {sys.argv[1:2]}\n{traceback.format_exc()}\n")
    return str(path)
