"""Restore of the embedded stack (恢复, Art. 21) from a folder of `exchange_hub.embedded.backup`.

All or nothing: a database that was there is laid aside and comes back where the restore fails.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from exchange_hub.core.clock import iso, parse_instant
from exchange_hub.core.errors import ServiceError, UsageError
from exchange_hub.core.settings import home, settings
from exchange_hub.embedded import stack
from exchange_hub.embedded.backup import SECRETS, Backup, head, listed, read_index
from exchange_hub.embedded.postgres_place import Place, find_place
from exchange_hub.embedded.state import Say, State, locked, prepare, write_private
from exchange_hub.flows.context import Hub, open_hub

END = "latest"  # as far as the archived log reaches
Until = datetime | Literal["latest"] | None


def restore(folder: Path, say: Say = print, *, until: Until = None, replace: bool = False) -> Backup:
    """Make the stack what it was when the backup was taken, or at a later moment by the archived log.

    Args:
        until: go on to this instant, or to the end of the log; needs the log that `HUB_WAL_ARCHIVE` has kept.
        replace: throw away a database that is already there, once the restored one runs.

    Raises:
        UsageError: no backup there, the stack runs, there is a database already, or the moment is before the backup.
        ServiceError: it does not start, or the log does not reach `until`; what was there is there again.
    """
    index = read_index(folder)
    if not index:
        raise UsageError("NO_BACKUP", f"{folder} 不是备份目录", f"{folder} is no backup")
    if isinstance(until, datetime) and until < parse_instant(index["taken_at"]):
        raise UsageError(
            "BEFORE_BACKUP",
            f"备份取于 {index['taken_at']}，无法恢复到更早的时刻 {iso(until)}",
            f"the backup was taken at {index['taken_at']}: it cannot give {iso(until)}, take an earlier backup",
        )
    state = State(home())
    prepare(state)
    if any(service.running for service in stack.status().services):
        raise UsageError("STACK_UP", "内置服务正在运行，请先运行 hub down", "the stack is up; run hub down first")
    place = find_place(state)
    if (place.data / "PG_VERSION").is_file() and not replace:
        raise UsageError(
            "DATABASE_EXISTS",
            f"已有数据库 {place.data}；确认要覆盖请加 --replace",
            f"there is a database at {place.data}; add --replace to throw it away",
        )
    with locked(state, say):
        draft = _draft(place, folder, until)
    with _laid_aside(place, state.home / SECRETS, say):
        draft.rename(place.data)
        write_private(state.home / SECRETS, (folder / SECRETS).read_text("utf-8"))
        say("启动并回放日志 / starting and replaying the log")
        _start(say, until)
        restored = _put_objects(open_hub(), folder)
    say(f"已恢复 restored: {restored} 个对象 objects")
    return Backup(index["taken_at"], head(open_hub()), restored)


def _draft(place: Place, folder: Path, until: Until) -> Path:
    """The database of the backup beside the one that is there."""
    draft, whole = place.base / "data.draft", folder / "database"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(whole if whole.is_dir() else folder / "database.before", draft)
    draft.chmod(0o700)
    if until is not None:
        _aim(draft, until)
    if place.user is not None:
        for path in (draft, *draft.rglob("*")):
            os.chown(path, *place.user, follow_symlinks=False)
    return draft


@contextmanager
def _laid_aside(place: Place, secrets: Path, say: Say) -> Iterator[None]:
    """The database and secrets that are there, aside until the restore is done, or back where it fails."""
    before, kept = place.base / "data.before", secrets.read_text("utf-8") if secrets.is_file() else None
    if before.is_dir():  # of a restore that was killed: what lies in its place is half a restore
        shutil.rmtree(place.data, ignore_errors=True)
    elif place.data.is_dir():
        place.data.rename(before)
    try:
        yield
    except BaseException:
        stack.down(say)
        shutil.rmtree(place.data, ignore_errors=True)
        if before.is_dir():
            before.rename(place.data)
        if kept is not None:
            write_private(secrets, kept)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _start(say: Say, until: Until) -> None:
    try:
        stack.up(["postgres", "s3"], say)
    except ServiceError as error:
        if not isinstance(until, datetime):
            raise
        raise ServiceError(
            "MOMENT_NOT_REACHED",
            f"未能恢复到 {iso(until)}：早于备份完成，或日志归档未到该时刻；原有数据库未动，请改用其他时刻或 {END}",
            f"{iso(until)} was not reached: it lies before the end of the backup, or the archived log ends before it;"
            f" what was there is untouched, try another moment, or {END}",
            error.where,
        ) from error


def _aim(data: Path, until: datetime | str) -> None:
    archive = settings().wal_archive
    if archive is None:
        raise UsageError(
            "NO_WAL_ARCHIVE",
            "恢复到指定时刻需要日志归档：请设置 HUB_WAL_ARCHIVE",
            "a moment can only be reached by the archived log: set HUB_WAL_ARCHIVE",
        )
    lines = {"restore_command": f"cp '{archive}/%f' '%p'", "recovery_target_timeline": _timeline(archive, until)}
    if isinstance(until, datetime):
        lines |= {"recovery_target_time": until.isoformat(), "recovery_target_action": "promote"}
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        for name, value in lines.items():
            file.write(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n")
    (data / "recovery.signal").touch()


def _timeline(archive: Path, until: datetime | str) -> str:
    """The course of the log that was the valid one at that moment: each replay of the log begins a new course.

    By the newest course, which PostgreSQL would follow, what was restored away never happened.
    """
    if not isinstance(until, datetime):
        return END
    begun = {int(path.stem, 16): path.stat().st_mtime for path in archive.glob("????????.history")}
    before = [number for number, at in begun.items() if at <= until.timestamp()]
    return str(max(before)) if before else "current"


def _put_objects(hub: Hub, folder: Path) -> int:
    count = 0
    for count, entry in enumerate(listed(folder), 1):  # noqa: B007 -- how many there were
        hub.evidence.put_file(entry["key"], folder / "objects" / entry["file"])
    return count
