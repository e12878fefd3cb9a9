"""Free ports on 127.0.0.1: the one asked for, else last time's, else the next free one."""

import os
import socket
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from exchange_hub.core.errors import ConfigurationError, UsageError

# Below Linux' range of ephemeral ports (32768-60999), so that no outgoing connection sits on them.
PREFERRED: Mapping[str, int] = {
    "postgres": 15432,
    "s3": 18333,
    "sftp": 12222,
    "airflow": 18080,
    "portal": 18000,
    # inner ports of the S3 store
    "s3-grpc": 18433,
    "s3-master": 18434,
    "s3-master-grpc": 18435,
    "s3-volume": 18436,
    "s3-volume-grpc": 18437,
    "s3-filer": 18438,
    "s3-filer-grpc": 18439,
}
LABELS = ("postgres", "s3", "sftp", "airflow", "portal")  # those that a person may choose


def is_free(port: int) -> bool:
    """Whether a server may listen on 127.0.0.1:port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections in TIME_WAIT do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return not _foreign_sockets(port)


def weed_sockets(port: int) -> list[Path]:
    """Unix sockets that SeaweedFS puts into /tmp for its ports; for most it offers no option for the place."""
    return list(Path("/tmp").glob(f"seaweedfs-*-{port}.sock"))  # noqa: S108 -- fixed in SeaweedFS


def _foreign_sockets(port: int) -> bool:
    return os.geteuid() != 0 and any(path.lstat().st_uid != os.geteuid() for path in weed_sockets(port))


def asked(flags: Mapping[str, int]) -> dict[str, int]:
    """Ports that a person asked for: the flags, else the variables `HUB_<NAME>_PORT`.

    Raises:
        ConfigurationError: a variable is not a port number.
    """
    found = dict(flags)
    for name in LABELS:
        variable = f"HUB_{name.upper()}_PORT"
        text = os.environ.get(variable, "")
        if name in found or not text:
            continue
        if not text.isdecimal() or not 1 <= int(text) <= 65535:
            raise ConfigurationError("BAD_PORT", f"{variable} 不是端口号：{text}", f"{variable} is no port: {text}")
        found[name] = int(text)
    return found


def assign(
    names: Collection[str],
    last: Mapping[str, int],
    wishes: Mapping[str, int],
    free: Callable[[int], bool] = is_free,
) -> dict[str, int]:
    """A port for each name, all different.

    Args:
        names: services that are to be started.
        last: ports of the last start (also those of services that run now: they are not given away).
        wishes: ports asked for.
        free: whether a port can be taken.

    Raises:
        UsageError: a port asked for is taken.
    """
    reserved = {port for name, port in last.items() if name not in names} | set(wishes.values())
    chosen: dict[str, int] = {}
    for name in names:
        if name in wishes:
            chosen[name] = _wished(name, wishes[name], free)
        elif name in last and last[name] not in reserved and free(last[name]):
            chosen[name] = last[name]
        else:
            chosen[name] = _next_free(PREFERRED[name] + _offset(), reserved | set(last.values()), free)
        reserved.add(chosen[name])
    return chosen


def _offset() -> int:
    """Added to every preferred port (`HUB_PORT_OFFSET`): for several stacks on one machine, and for tests."""
    text = os.environ.get("HUB_PORT_OFFSET", "0")
    if not text.isdecimal() or int(text) > 14_000:
        raise ConfigurationError(
            "BAD_PORT", f"HUB_PORT_OFFSET 应为 0 到 14000：{text}", f"HUB_PORT_OFFSET must be 0 to 14000: {text}"
        )
    return int(text)


def _wished(name: str, port: int, free: Callable[[int], bool]) -> int:
    if not free(port):
        raise UsageError(
            "PORT_TAKEN",
            f"指定给 {name} 的端口 {port} 已被占用",
            f"port {port} asked for {name} is taken; choose another or leave it out to have a free one found",
            name,
        )
    return port


def _next_free(start: int, reserved: Collection[int], free: Callable[[int], bool]) -> int:
    for port in range(start, 32768):
        if port not in reserved and free(port):
            return port
    raise UsageError("NO_FREE_PORT", "没有空闲端口", f"no free port between {start} and 32767")
