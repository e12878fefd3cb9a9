"""A disk of our own that may be filled: an ext4 image on a loop device, where we are allowed to mount one."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_MIB = 6 * 1024


@contextmanager
def own_volume() -> Iterator[tuple[Path, bool]]:
    """A fresh folder, and whether it lies on a volume of its own; all is removed afterwards."""
    base = Path(tempfile.mkdtemp(prefix="hub-chaos-"))
    base.chmod(0o755)  # the database runs as another user
    place = base / "disk"
    place.mkdir()
    mounted = _mount(base / "disk.img", place)
    try:
        yield place, mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(base, ignore_errors=True)


def _mount(image: Path, place: Path) -> bool:
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        return False
    with image.open("wb") as file:
        file.truncate(SIZE_MIB * 1024 * 1024)
    steps = (["mkfs.ext4", "-q", "-m", "0", image], ["mount", "-o", "loop", image, place], ["chmod", "755", place])
    return all(subprocess.run(step, check=False, capture_output=True).returncode == 0 for step in steps)
