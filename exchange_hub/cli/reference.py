"""The reference page of the command line, written from the commands: `python -m exchange_hub.cli.reference FILE`."""

import sys
from pathlib import Path
from typing import Any

import typer.main

from exchange_hub.cli.main import app

HEAD = """# 命令参考 Commands of `hub`

Written from the commands themselves by `python -m exchange_hub.cli.reference docs/reference/commands.md`; a test holds
it true. Exit status everywhere: 0 done and nothing rejected; 1 done, with rejections (or with something overdue, a gap
or a difference, where the command asks that); 2 wrong usage, unreadable input or our own error, one line on stderr.
"""


def page() -> str:
    """The page as Markdown: one section a command, with its arguments and options."""
    return HEAD + "".join(_sections("hub", typer.main.get_command(app)))


def _sections(path: str, command: Any) -> list[str]:
    subcommands = getattr(command, "commands", None)
    if subcommands:
        return [part for name, inner in sorted(subcommands.items()) for part in _sections(f"{path} {name}", inner)]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([path, *(_argument(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
    lines = [f"\n## `{path}`\n", f"{_line(command.help)}\n", f"```\n{usage}\n```\n"]
    if options:
        rows = (f"| `{'`, `'.join(p.opts)}` | {_line(p.help)} |" for p in options)
        lines += ["| option | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"]
    return ["\n".join(lines)]


def _argument(parameter: Any) -> str:
    name = str(parameter.name).upper()
    return name if parameter.required else f"[{name}]"


def _line(text: str | None) -> str:
    return " ".join((text or "").split("\n\n", maxsplit=1)[0].split()).replace("|", r"\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
