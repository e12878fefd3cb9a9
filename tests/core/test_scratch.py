"""Working folders: private, gone afterwards, and gone too when their process was killed."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from exchange_hub.core.scratch import YOUNG_SECONDS, scratch_folder

HOLDER = """
import sys
from exchange_hub.core.scratch import scratch_folder
with scratch_folder("held") as folder:
    (folder / "package").write_bytes(b"bytes")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def _age(folder: Path) -> None:
    then = folder.stat().st_mtime - 2 * YOUNG_SECONDS
    os.utime(folder, (then, then))


def test_a_folder_is_private_and_gone_afterwards() -> None:
    with scratch_folder("receive") as folder:
        (folder / "open").mkdir()
        mode = stat.S_IMODE(folder.stat().st_mode)

    assert mode == 0o700
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept_and_what_a_live_one_uses_is_not() -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdin is not None
    folder = Path(holder.stdout.readline().strip())
    _age(folder)

    with scratch_folder("other"):
        used = folder.exists()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with scratch_folder("other"):
        left = folder.exists()

    assert used
    assert not left
