"""Working folders that do not outlive their process: what one left that was killed, the next one removes.

A folder is locked (flock) while it is in use; the kernel lets the lock go when the process dies, however it dies. What
lies unlocked was left behind: packages with personal data must not stay about.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

YOUNG_SECONDS = 60.0  # a folder just made may not be locked yet


@contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """A private empty folder (mode 0700), removed afterwards; sweeps away what killed processes left.

    Args:
        purpose: a word for its name, such as "receive".
    """
    base = Path(tempfile.gettempdir()) / f"exchange-hub-scratch-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    if base.stat().st_uid != os.getuid():  # made by somebody else beforehand
        base = Path(tempfile.mkdtemp(prefix="exchange-hub-scratch-"))
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=base))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def subfolder(folder: Path, name: int) -> Path:
    """A new folder in `folder`."""
    made = folder / str(name)
    made.mkdir()
    return made


def _sweep(base: Path) -> None:
    for folder in base.iterdir():
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > YOUNG_SECONDS and _is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
