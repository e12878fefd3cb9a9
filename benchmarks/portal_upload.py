"""Memory of the portal while a package of 2 GiB streams in.

Run: python benchmarks/portal_upload.py [MiB]

Starts a stack of its own in a temporary folder, sends one body of that size in chunks without a declared length (no
package, so it is kept and refused), and prints the portal's peak resident memory before and after, the seconds, and
the status; then one byte over the limit, which must be 413.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings
from exchange_hub.embedded import stack
from exchange_hub.flows.context import open_hub
from exchange_hub.flows.keys import create_key

MIB = 1024**2
BLOCK = os.urandom(MIB)


def main(mebibytes: int) -> None:
    """Send and print."""
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    os.environ["HUB_HOME"] = str(folder / "home")
    try:
        pid = stack.up(["postgres", "s3", "portal"], lambda _: None).service("portal").pid
        _, key = create_key(open_hub(), "12411300MA3DEM035H", "bench", "bench", system_now())
        client = httpx.Client(base_url=settings().portal_url or "", headers={"X-API-Key": key}, trust_env=False)
        client.get("/api/v1/notices").raise_for_status()
        before, begun = peak(pid), time.perf_counter()
        answer = client.post("/api/v1/batches", content=body(mebibytes), timeout=600)
        took = time.perf_counter() - begun
        print(
            f"{mebibytes} MiB: {answer.status_code} in {took:.0f} s; peak {before:.0f} -> {peak(pid):.0f} MiB resident"
        )
        over = client.post("/api/v1/check", content=body(2049), timeout=600)
        print(f"2049 MiB: {over.status_code}; peak {peak(pid):.0f} MiB resident")
    finally:
        stack.down(lambda _: None, delete=True)
        shutil.rmtree(folder)


def body(mebibytes: int) -> Iterator[bytes]:
    """So many mebibytes that are no package."""
    for _ in range(mebibytes):
        yield BLOCK


def peak(pid: int | None) -> float:
    """Peak resident memory of a process so far, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2048)
