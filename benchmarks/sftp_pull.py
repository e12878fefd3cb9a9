"""How fast packages come by SFTP: the hub's transport beside OpenSSH's `sftp` and paramiko's own `get`, one server.

The server is the demo platforms' (asyncssh), in a process of its own; all three pull the same file over 127.0.0.1, in
turn, the best of three counts. Then many small files: one session for all of them beside a session for each.

Run: python -m benchmarks.sftp_pull [megabytes] [small files]
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from exchange_hub.core.connections import connection
from exchange_hub.core.ssh import open_sftp
from exchange_hub.demo.packages import ZHENGZHOU
from exchange_hub.embedded import stack
from ingest.registry import load_platforms
from ingest.transports.base import Offer
from ingest.transports.sftp import SftpTransport

ROUNDS = 3
FOLDER = "outgoing"


def main(megabytes: int = 256, small: int = 200) -> None:
    """Start the server, pull, print the ratios."""
    with tempfile.TemporaryDirectory(prefix="hub-sftp-") as folder:
        os.environ["HUB_HOME"] = str(Path(folder) / "home")
        stack.up(("sftp",), lambda _: None)
        try:
            source = Path(folder) / "home" / "platforms" / "zhengzhou" / FOLDER
            _large(source, Path(folder), megabytes)
            _small(source, Path(folder), small)
        finally:
            stack.down(lambda _: None)


def _large(source: Path, folder: Path, megabytes: int) -> None:
    content = os.urandom(1 << 20)
    with (source / "large.zip").open("wb") as file:
        for _ in range(megabytes):
            file.write(content)
    os.utime(source / "large.zip", (1_700_000_000, 1_700_000_000))
    target = folder / "pulled"
    target.mkdir()
    transport = _transport()
    [offer] = transport.discover()
    ways: dict[str, Callable[[], object]] = {
        "hub": lambda: transport.fetch(offer, target),
        "paramiko get": lambda: _get(target / "large.zip"),
    }
    if shutil.which("sftp"):
        keys = _keys(folder)
        ways["OpenSSH sftp"] = lambda: _openssh(keys, target / "large.zip")
    best = dict.fromkeys(ways, (float("inf"), 0.0))
    for _ in range(ROUNDS):
        for name, pull in ways.items():
            best[name] = min(best[name], _timed(pull))
            if (target / "large.zip").stat().st_size != megabytes << 20:
                raise RuntimeError(f"{name} did not pull the whole file")
    for name, (seconds, cpu) in best.items():
        ratio = "" if name == "hub" else f", hub / {name}: {seconds / best['hub'][0]:.2f}"
        print(f"{name:<13} {megabytes / seconds:7.1f} MiB/s, {cpu / megabytes * 1000:5.2f} ms of CPU a MiB{ratio}")
    (source / "large.zip").unlink()


def _small(source: Path, folder: Path, count: int) -> None:
    for number in range(count):
        (source / f"{number:05d}.zip").write_bytes(os.urandom(4096))
        os.utime(source / f"{number:05d}.zip", (1_700_000_000, 1_700_000_000))
    transport = _transport()
    offers = transport.discover()
    each = _timed(lambda: [transport.fetch(offer, folder) for offer in offers])
    once = _timed(lambda: _in_one_session(transport, offers, folder))
    print(
        f"{count} files of 4 KiB: {count / once[0]:.0f}/s in one session, {count / each[0]:.0f}/s in one each", end=""
    )
    print(f": {each[0] / once[0]:.1f} times as fast, CPU {each[1] / once[1]:.1f} times less")


def _in_one_session(transport: SftpTransport, offers: list[Offer], folder: Path) -> None:
    with transport:
        for offer in offers:
            transport.fetch(offer, folder)


def _transport() -> SftpTransport:
    return SftpTransport(load_platforms()[ZHENGZHOU])


def _get(target: Path) -> None:
    with open_sftp(connection("demo_zhengzhou_sftp")) as sftp:
        sftp.get(f"/{FOLDER}/large.zip", str(target))


def _keys(folder: Path) -> tuple[Path, Path]:
    """The platform's private key and the server's public key, as OpenSSH wants them."""
    link = connection("demo_zhengzhou_sftp")
    private, known = folder / "key", folder / "known_hosts"
    private.write_text(link.private_key)
    private.chmod(0o600)
    known.write_text(f"[{link.host}]:{link.port} {link.host_key}\n")
    return private, known


def _openssh(keys: tuple[Path, Path], target: Path) -> None:
    link = connection("demo_zhengzhou_sftp")
    options = ("-i", keys[0], "-o", f"UserKnownHostsFile={keys[1]}", "-o", "BatchMode=yes", "-F", "/dev/null")
    source = f"{link.user}@{link.host}:/{FOLDER}/large.zip"
    subprocess.run(["sftp", "-q", *options, "-P", str(link.port), source, target], check=True, capture_output=True)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of this client's CPU, its children included."""
    begun, cpu = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - begun, _cpu() - cpu


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
