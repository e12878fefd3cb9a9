"""Backup and restore: what comes back verifies as what was there, now or at a moment in between."""

import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exchange_hub.core.clock import SHANGHAI, system_now
from exchange_hub.core.errors import ServiceError, UsageError
from exchange_hub.embedded import stack
from exchange_hub.embedded.backup import backup
from exchange_hub.embedded.restore import restore
from exchange_hub.flows.audit import verify_evidence
from exchange_hub.flows.context import open_hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

pytestmark = pytest.mark.stack
NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)


def quiet(_: str) -> None:
    return None


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that PostgreSQL's user may pass through: as root it archives below it. pytest's own are closed."""
    tmp_path = Path(tempfile.mkdtemp(prefix="hub-backup-"))
    for variable in ("HUB_DATABASE_URL", "HUB_S3_ENDPOINT", "HUB_S3_ACCESS_KEY", "HUB_S3_SECRET_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    tmp_path.chmod(0o755)
    monkeypatch.setenv("HUB_WAL_ARCHIVE", str(tmp_path / "wal"))
    stack.up(["postgres", "s3"], quiet)
    yield tmp_path
    stack.down(quiet, delete=True)
    shutil.rmtree(tmp_path)


def send(folder: Path, number: int) -> None:
    write_package(folder / f"p{number}", SampleOptions(NANYANG, 1, number, faults=10.0, batch_no=f"B-{number}"))
    ingest(open_hub(), folder / f"p{number}", NOW + timedelta(minutes=number), channel="cli")


def batches() -> list[str]:
    with open_hub().database() as conn:
        return [row[0] for row in conn.execute("SELECT batch_no FROM audit.batch ORDER BY 1").fetchall()]


def test_a_restore_verifies_as_before_and_reaches_any_moment_since(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(place, 1)
    before = verify_evidence(open_hub())
    made = backup(place / "backup", NOW, quiet)
    assert before.ok
    assert (made.chain_head, made.objects > 0) == (before.head, True)
    assert stat.S_IMODE((place / "backup" / "secrets.json").stat().st_mode) == 0o600
    send(place, 2)
    time.sleep(1.1)
    moment = system_now()
    time.sleep(1.1)
    send(place, 3)
    with pytest.raises(UsageError, match="STACK_UP"):
        restore(place / "backup", quiet)
    stack.down(quiet)
    with pytest.raises(UsageError, match="DATABASE_EXISTS"):
        restore(place / "backup", quiet)

    # elsewhere: nothing of the first machine is needed but the backup
    monkeypatch.setenv("HUB_HOME", str(place / "elsewhere"))
    monkeypatch.delenv("HUB_WAL_ARCHIVE")
    restore(place / "backup", quiet)
    elsewhere = verify_evidence(open_hub()), batches()
    stack.down(quiet, delete=True)
    monkeypatch.setenv("HUB_HOME", str(place / "home"))
    monkeypatch.setenv("HUB_WAL_ARCHIVE", str(place / "wal"))
    with pytest.raises(UsageError, match="BEFORE_BACKUP"):
        restore(place / "backup", quiet, until=NOW - timedelta(days=1), replace=True)
    # at home, as far as the log reaches; then, since that was too late, to the moment between the second and the third
    restore(place / "backup", quiet, until="latest", replace=True)
    newest = verify_evidence(open_hub()), batches()
    stack.down(quiet)
    restore(place / "backup", quiet, until=moment, replace=True)
    between = batches()
    lost = [d for d in verify_evidence(open_hub()).differences if d.fault.value.startswith(("changed", "missing"))]
    # no log reaches that far: what was there is there again
    stack.down(quiet)
    with pytest.raises(ServiceError, match="MOMENT_NOT_REACHED"):
        restore(place / "backup", quiet, until=system_now() + timedelta(days=1), replace=True)
    stack.up(["postgres", "s3"], quiet)

    assert elsewhere == (before, ["B-1"])
    assert (newest[0].ok, newest[1]) == (True, ["B-1", "B-2", "B-3"])
    assert (between, lost) == (["B-1", "B-2"], [])
    assert batches() == between


def test_only_a_backup_is_restored_and_nothing_else_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.doc").write_text("x", "utf-8")

    with pytest.raises(UsageError, match="NO_BACKUP"):
        restore(tmp_path / "nothing", quiet)
    with pytest.raises(UsageError, match="NOT_A_BACKUP"):
        backup(tmp_path / "precious", NOW, quiet)
    assert not os.path.exists(tmp_path / "nothing")
    assert json.dumps([p.name for p in (tmp_path / "precious").iterdir()]) == '["thesis.doc"]'
