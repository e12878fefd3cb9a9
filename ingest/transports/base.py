"""What every transport does, and the few decisions that they share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, Self

from exchange_hub.core.errors import ServiceError, UsageError
from exchange_hub.core.platforms import Platform

SUFFIXES = (".zip", ".tar.gz", ".tgz")  # half-written files have another one: .tmp, .part, .filepart
DONE, REFUSED = "done", "refused"
TRANSPORT_FAILED = "TRANSPORT_FAILED"  # code of what went wrong on the line: it may pass


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that waits at a platform. `stamp` changes when the file does (time, size or ETag)."""

    name: str
    size: int  # bytes
    stamp: str


class Transport(Protocol):
    """How a platform's packages reach the hub. All methods raise ServiceError when the channel fails.

    Within `with transport:` one session serves all calls, where the channel knows sessions.
    """

    def __enter__(self) -> Self:
        """Keep the session from now on."""
        ...

    def __exit__(self, *_: object) -> None:
        """End it."""
        ...

    def discover(self) -> list[Offer]:
        """Packages that are ready, oldest first."""
        ...

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Copy the package into `folder`; returns the file, proved to be the one offered, whole.

        A package that was settled meanwhile is taken from its shelf: a round may be gone through again.
        """
        ...

    def settle(self, offer: Offer, outcome: str) -> None:
        """Move the source to refused/ (outcome "refused") or done/ (else), or mark it, as its platform wants.

        Doing it twice is harmless.
        """
        ...

    def submit(self, path: Path) -> str:
        """Put a package (file or plain folder) where `discover` finds it, never half; returns its address."""
        ...


def is_package(name: str) -> bool:
    """Whether a file of that name may be a package: a known suffix, not hidden, no way out of the folder."""
    return name.endswith(SUFFIXES) and not name.startswith(".") and "/" not in name and "\0" not in name


def shelf(outcome: str) -> str:
    """The folder for what has been taken."""
    return REFUSED if outcome == REFUSED else DONE


def places(offer: Offer) -> tuple[str, ...]:
    """Where an offered package may lie: where it was offered, or on a shelf, relative to the channel's folder."""
    beside = f"{offer.stamp}-{offer.name.rsplit('/', 1)[-1]}"  # where another of its name was settled before
    return (offer.name, *(f"{shelf_}/{name}" for shelf_ in (DONE, REFUSED) for name in (offer.name, beside)))


@contextmanager
def as_file(path: Path) -> Iterator[Path]:
    """The package as one file: a plain folder is packed into a tar.gz first.

    Raises:
        UsageError: not there, or not named like a package.
    """
    from ingest.pack import pack

    if path.is_dir():
        with TemporaryDirectory(prefix="hub-pack-") as folder:
            yield pack(path, Path(folder) / f"{path.resolve().name}.tar.gz")
        return
    if not path.is_file() or not is_package(path.name):
        raise UsageError(
            "NO_PACKAGE",
            f"{path} 不是数据包：应为 .zip、.tar.gz 或文件夹",
            f"{path} is no package: a .zip, a .tar.gz or a folder is needed",
        )
    yield path


def failed(platform: Platform, what: str, error: BaseException | str) -> ServiceError:
    """A ServiceError that names the platform and the step, no address and no secret."""
    reason = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    return ServiceError(
        TRANSPORT_FAILED,
        f"{platform.name_zh}的传输通道出错（{what}）：{reason}",
        f"the channel of {platform.name_en} failed ({what}): {reason}",
        platform.code,
    )


def changed(platform: Platform, offer: Offer) -> ServiceError:
    """The source is no longer what was offered: leave it for the next round."""
    return ServiceError(
        "SOURCE_CHANGED",
        f"{platform.name_zh}的文件 {offer.name} 在读取时发生变化，留待下一轮",
        f"{offer.name} of {platform.name_en} changed while it was read; left for the next round",
        offer.name,
    )
