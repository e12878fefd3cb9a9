"""Backup of the embedded stack (备份, Art. 21): database, evidence objects and secrets, together.

A backup folder holds `database/` (a base backup with the WAL it needs), `objects/` (the evidence bucket, one file an
object, listed in `objects.jsonl`), `secrets.json` (0600: without it nobody gets in) and `backup.json`. The database is
copied first: every object that it names was stored before, so it is among those copied after.

With `HUB_WAL_ARCHIVE` the database also archives its log while it runs; a restore (`exchange_hub.embedded.restore`) can
then go on to any moment since the backup.
"""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_hub.core.clock import iso
from exchange_hub.core.errors import ServiceError, UsageError
from exchange_hub.core.settings import home
from exchange_hub.embedded import postgres
from exchange_hub.embedded.postgres_place import wheel_programs
from exchange_hub.embedded.state import Say, State, generated, write_private
from exchange_hub.embedded.surroundings import bare_environment
from exchange_hub.flows.context import Hub, open_hub

FORMAT = "exchange-hub-backup/1"
SECRETS = "secrets.json"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup folder holds."""

    taken_at: str
    chain_head: str
    objects: int


def backup(folder: Path, now: datetime, say: Say = print) -> Backup:
    """Copy database, evidence and secrets of the running stack into `folder`; a second time only what is new of the
    evidence travels.

    Raises:
        UsageError: the folder holds something that is no backup.
        ServiceError: the stack is not up, or the copy fails; an earlier backup in the folder stays whole.
    """
    known = read_index(folder)
    hub = open_hub()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    say("备份数据库 / copying the database")
    draft = folder / "database.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _base_backup(State(home()), draft)
    say("备份存证 / copying the evidence")
    objects = _copy_objects(hub, folder)
    write_private(folder / SECRETS, (home() / SECRETS).read_text("utf-8"))
    shutil.rmtree(folder / "database.before", ignore_errors=True)
    if (folder / "database").is_dir():
        (folder / "database").rename(folder / "database.before")
    draft.rename(folder / "database")
    shutil.rmtree(folder / "database.before", ignore_errors=True)
    made = Backup(iso(now), head(hub), objects)
    index = {"format": FORMAT, "taken_at": made.taken_at, "chain_head": made.chain_head, "objects": objects}
    (folder / "backup.json").write_text(json.dumps({**known, **index}, indent=2) + "\n", "utf-8")
    return made


def read_index(folder: Path) -> dict[str, Any]:
    """The index of a backup folder; empty where the folder is empty or missing.

    Raises:
        UsageError: the folder holds something else.
    """
    path = folder / "backup.json"
    if path.is_file():
        index: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if index.get("format") == FORMAT:
            return index
    left = {
        "database.before",
        "objects",
        "objects.jsonl",
        "database.draft",
        SECRETS,
    }  # of a backup that was interrupted
    if folder.is_dir() and {entry.name for entry in folder.iterdir()} - left:
        raise UsageError(
            "NOT_A_BACKUP", f"目录 {folder} 不为空且不是备份", f"{folder} holds something that is no backup"
        )
    return {}


def _base_backup(state: State, target: Path) -> None:
    secrets, port = generated(state), state.read("ports.json").get("postgres")
    if port is None:
        raise ServiceError(
            "STACK_NOT_UP", "内置服务未启动，请先运行 hub up", "the embedded stack is not up; run: hub up"
        )
    command = [str(wheel_programs() / "pg_basebackup"), "-h", postgres.HOST, "-p", str(port), "-U", "postgres"]
    command += ["-w", "-D", str(target), "-X", "stream", "-c", "fast"]
    environment = {**bare_environment(), "PGPASSWORD": secrets["postgres_password"]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        reason = " ".join(done.stderr.split())[-300:]
        raise ServiceError(
            "BACKUP_FAILED", f"数据库备份失败：{reason}", f"the base backup failed: {reason}", str(target)
        )


def _copy_objects(hub: Hub, folder: Path) -> int:
    """Every object of the evidence bucket that is not in the folder yet; returns how many there are now."""
    (folder / "objects").mkdir(mode=0o700, exist_ok=True)
    known = {entry["key"] for entry in listed(folder)}
    with (folder / "objects.jsonl").open("a", encoding="utf-8") as index:
        for key in hub.evidence.keys(""):
            if key in known:
                continue
            name = hashlib.sha256(key.encode("utf-8")).hexdigest()
            path = folder / "objects" / name
            hub.evidence.get_file(f"s3://{hub.settings.evidence_bucket}/{key}", path)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            index.write(json.dumps({"key": key, "file": name, "sha256": digest}, ensure_ascii=False) + "\n")
            known.add(key)
    return len(known)


def listed(folder: Path) -> Iterator[dict[str, str]]:
    """The objects of a backup: key, name of the file, SHA-256."""
    path = folder / "objects.jsonl"
    if path.is_file():
        for line in path.read_text("utf-8").splitlines():
            yield json.loads(line)


def head(hub: Hub) -> str:
    """Chain value of the last load (hex); empty where nothing was loaded."""
    with hub.database() as conn:
        row = conn.execute("SELECT encode(chain, 'hex') FROM hub.load_proof ORDER BY seq DESC LIMIT 1").fetchone()
    return str(row[0]) if row else ""
