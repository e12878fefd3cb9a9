"""`make chaos`: a known stream of packages while everything is killed; in the end it must be as if nothing had been.

The same stream runs twice: once in peace, once while workers, the database and its backends, the S3 store and the SFTP
server are killed with SIGKILL at random moments, the database is restarted, the store is gone for a while, the disk is
full. Then batches, records, findings, notices and their items must be equal row by row, each batch and notice there
exactly once, each notice in one inbox, and the evidence clean.

The workers call what Airflow's tasks call; Airflow itself is killed in `make test-distributed`.

Run: python -m tests.chaos.run [--kills 200] [--seed 1] [--pause 0.8]
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from exchange_hub.core.errors import HubError
from exchange_hub.embedded import stack
from exchange_hub.flows.context import open_hub
from exchange_hub.flows.submit import submit
from tests.chaos import blows
from tests.chaos.crew import Crew
from tests.chaos.outcome import Outcome, broken, ended, outcome
from tests.chaos.stream import Package, make
from tests.chaos.volume import own_volume

AHEAD = 9  # packages that wait at the platforms at any time
DRAIN_SECONDS = 420.0
AWAY_SECONDS = 6.0
QUIET = "quiet"
LOGS = Path(tempfile.gettempdir()) / "exchange-hub-chaos"


def main() -> int:
    """Run both; exit status 0 when nothing differs."""
    wish = _arguments()
    LOGS.mkdir(exist_ok=True)
    print(f"seed {wish.seed}, {wish.kills} kills; the workers' logs: {LOGS}", flush=True)
    with own_volume() as (disk, may_fill):
        if not may_fill:
            print("DISK FULL IS NOT TRIED: a volume of our own cannot be mounted here (needs root and mkfs.ext4)")
        packages: list[Package] = []
        chaotic, faults = _in_chaos(disk / "chaos", packages, wish, may_fill=may_fill)
        peaceful, others = _in_peace(disk / QUIET, packages)
    differences = [*faults, *(f"in peace: {line}" for line in others), *chaotic.differences(peaceful)]
    _report(packages, chaotic, differences)
    return 1 if differences else 0


def _in_chaos(
    home: Path, packages: list[Package], wish: argparse.Namespace, *, may_fill: bool
) -> tuple[Outcome, list[str]]:
    rng, begun = random.Random(wish.seed), time.monotonic()
    _open(home)
    crew, struck = Crew(home, _log(home)), Counter[str]()
    try:
        while sum(struck.values()) < wish.kills:
            _send_more(home, packages)
            time.sleep(rng.expovariate(1 / wish.pause))
            struck[_strike(home, crew, rng, sum(struck.values()), wish.kills, may_fill=may_fill)] += 1
            crew.replace()
            if sum(struck.values()) % 20 == 0:
                done = f"{sum(struck.values())} blows, {len(packages)} packages sent"
                print(f"  {done}, {time.monotonic() - begun:.0f} s", flush=True)
        _drain(packages)
    finally:
        crew.dismiss()
    print("blows: " + ", ".join(f"{name} {count}" for name, count in sorted(struck.items())), flush=True)
    return _close(home, packages)


def _strike(home: Path, crew: Crew, rng: random.Random, done: int, kills: int, *, may_fill: bool) -> str:
    """One blow: the rare ones each at its time, otherwise mostly a worker. Returns its name."""
    if may_fill and done == kills // 4:
        blows.without_space(home, AWAY_SECONDS)
        return "disk full"
    if done == kills // 2:
        blows.without_store(home, AWAY_SECONDS)
        return "store away"
    if done == kills * 3 // 4:
        blows.restart_database(home)
        return "database restarted"
    chosen = rng.choices(("worker", "backend", *blows.SERVICES), (80, 8, 3, 4, 5))[0]
    if chosen == "backend" and blows.kill_backend(home, rng):
        return "kill backend of postgres"
    if chosen in blows.SERVICES:
        blows.kill_service(home, chosen)
        return f"kill {chosen}"
    crew.kill_one(rng)
    return "kill worker"


def _in_peace(home: Path, packages: list[Package]) -> tuple[Outcome, list[str]]:
    _open(home)
    for package in packages:
        submit(package.path, package.platform)
    crew = Crew(home, _log(home))
    try:
        _drain(packages)
    finally:
        crew.dismiss()
    return _close(home, packages)


def _open(home: Path) -> None:
    os.environ["HUB_HOME"] = str(home)
    os.environ["HUB_ORDER_WAIT_SECONDS"] = "20"
    os.environ["HUB_CHANNEL_REST_SECONDS"] = "2"  # what is killed here is back in seconds
    blows.revive()


def _close(home: Path, packages: list[Package]) -> tuple[Outcome, list[str]]:
    try:
        hub = open_hub()
        left = [path.name for path in (home / "scratch").iterdir()]
        print(f"{home.name}: {len(left)} scratch folders left behind by killed workers", flush=True)
        return outcome(hub), broken(hub, home, [package.batch_no for package in packages])
    finally:
        stack.down(lambda _: None)


def _log(home: Path) -> Path:
    """Where the workers of a run say what failed: not on the volume that is filled, and kept afterwards."""
    return LOGS / f"{home.name}.log"


def _send_more(home: Path, packages: list[Package]) -> None:
    """Keep the platforms ahead of the hub; a platform whose own server is down sends again later."""
    folder = home.parent / "stream"
    folder.mkdir(exist_ok=True)
    try:
        while len(packages) - _settled(packages) < AHEAD:
            package = make(folder, len(packages))
            submit(package.path, package.platform)
            packages.append(package)
    except HubError:
        return


def _settled(packages: list[Package]) -> int:
    with open_hub().database() as conn:
        row = conn.execute(
            "SELECT count(*) FROM audit.batch WHERE batch_no = ANY(%s) AND verdict IS NOT NULL",
            ([package.batch_no for package in packages],),
        ).fetchone()
    return int(row[0]) if row else 0


def _drain(packages: list[Package]) -> None:
    numbers = [package.batch_no for package in packages]
    until = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < until and not ended(open_hub(), numbers):
        time.sleep(0.5)


def _report(packages: list[Package], result: Outcome, differences: list[str]) -> None:
    received = sum(row[3] * count for row, count in result.batches.items())
    print(f"{len(packages)} packages, {received} records received, {len(result.records)} versions stored,")
    print(f"{sum(result.notices.values())} notices with {sum(result.items.values())} items")
    for line in differences[:40]:
        print(f"  DIFFERS {line}")
    print(f"{len(differences)} differences" if differences else "nothing differs from the run in peace", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="blows in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.8, help="mean seconds between two blows")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
