"""Groups of packages on their way through the mapped tasks of a platform's DAG.

A group is a JSON-able dict: label, platform (code) and packages in order of arrival. Large packages travel alone;
small ones share a group, since a task start costs about a second of processor time. A package that fails by our
own fault is marked and skipped by the later stages; the others of its group go on, and the last stage fails so
that the run shows red. A package alone in its group fails its task at once.
"""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from typing import Any

from exchange_hub.core.errors import HubError, PackagesFailed, Refusal
from exchange_hub.core.scratch import scratch_folder, subfolder
from exchange_hub.flows.channels import Watched, channel
from exchange_hub.flows.connections import kept
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.flows.grouping import runs_of
from exchange_hub.flows.heads import keep_head
from exchange_hub.flows.held import release_held
from exchange_hub.flows.load import load_batch, load_run
from exchange_hub.flows.notify import deliver, undelivered
from exchange_hub.flows.order import aside_on_fault, signing, under_way
from exchange_hub.flows.outlook import wanted_release
from exchange_hub.flows.outlooks import look_ahead_all
from exchange_hub.flows.receive import BatchRef, receive
from exchange_hub.flows.validate import (
    Checked,
    Received,
    Validated,
    hand_over,
    read_received,
    take_one,
    take_over,
    validate_received,
    validate_run,
)
from ingest.transports.base import Offer
from validators.together import Together
from warehouse import batches
from warehouse.batches import BatchRow
from warehouse.together import Entangled

logger = logging.getLogger(__name__)

Package = dict[str, Any]
Group = dict[str, Any]


def run_stage(stage: str, group: Group, now: datetime) -> Group:
    """Take the packages of a group through one stage; what already failed is left alone.

    Raises:
        HubError: the only package of the group failed.
        PackagesFailed: after the last stage, some packages of the group failed.
    """
    with kept(open_hub()) as hub:
        walk = Walk(hub, stage, group, now)
        STAGES[stage](walk)
    failed = [package for package in walk.packages if package["failed"]]
    if failed and stage == "notify":
        names = "、".join(package["offer"]["name"] for package in failed)
        raise PackagesFailed("PACKAGES_FAILED", f"未完成的数据包：{names}", f"packages that failed: {names}")
    return {**group, "packages": walk.packages}


class Walk:
    """A group on its way through one stage."""

    def __init__(self, hub: Hub, stage: str, group: Group, now: datetime) -> None:
        self.hub, self.stage, self.now = hub, stage, now
        self.platform = hub.platform(group["platform"])
        self.packages: list[Package] = [dict(package) for package in group["packages"]]

    def going(self) -> list[Package]:
        """Packages that have not failed, in order."""
        return [package for package in self.packages if not package["failed"]]

    @contextmanager
    def alone(self, package: Package) -> Iterator[None]:
        """Whatever one package breaks in us, the others of its group go on."""
        name = package["offer"]["name"]
        try:
            yield
        except Exception as error:
            logger.exception("%s of package %s of platform %s failed", self.stage, name, self.platform.code)
            if len(self.packages) == 1:
                raise
            code = error.code if isinstance(error, HubError) else type(error).__name__
            package["failed"] = f"{self.stage}: {code}"
        else:
            said = package.pop("said", "")
            logger.info("%s: package %s of platform %s: %s", self.stage, name, self.platform.code, said)

    def batches(self) -> list[tuple[Package, BatchRow]]:
        """Packages that have not failed, each with its batch as it is now."""
        going = self.going()
        with self.hub.database() as conn:
            found = batches.find_all(conn, self.platform.code, [package["batch"]["batch_no"] for package in going])
        return [(package, found[package["batch"]["batch_no"]]) for package in going]


def _receive(walk: Walk) -> None:
    with channel(walk.hub, walk.platform, walk.now) as transport, scratch_folder("receive") as folder:
        for number, package in enumerate(walk.going()):
            with walk.alone(package):
                place = subfolder(folder, number)
                path = transport.fetch(Offer(**package["offer"]), place)
                kind = walk.platform.transport.kind
                received = receive(walk.hub, path, walk.now, channel=kind, sender=walk.platform.code, folder=place)
                package |= {"batch": received.ref.as_dict(), "refused": received.refused, "said": received.said}
                shutil.rmtree(place)  # large packages do not lie here side by side


def _validate(walk: Walk) -> None:
    readable: list[Received] = []
    pairs: dict[int, tuple[Package, BatchRow]] = {}
    for package, batch in walk.batches():
        package["validation"] = None
        if batch.state == "received":
            pairs.setdefault(batch.id, (package, batch))
    with signing(walk.hub, list(pairs)), scratch_folder("validate") as folder:
        for package, batch in pairs.values():
            with walk.alone(package), aside_on_fault(walk.hub, batch.id):
                read = read_received(walk.hub, batch, subfolder(folder, batch.id))
                if isinstance(read, Refusal):
                    _keep(walk, [package], Checked(read, 0))
                else:
                    readable.append(read)
        for run in runs_of(readable):
            _validate_run(walk, run, [pairs[one.batch.id][0] for one in run])


def _validate_run(walk: Walk, run: Sequence[Received], packages: Sequence[Package]) -> None:
    """All of a run in one go; where that fails by our own fault, each alone, to see whose it is."""
    if len(run) > 1:
        try:
            with walk.hub.database() as conn:
                carry = wanted_release(walk.hub, walk.platform.code) is not None
                _keep(walk, packages, validate_run(conn, run, carry=carry))
        except Exception:
            logger.warning("validated alone, since together failed: %s", walk.platform.code, exc_info=True)
        else:
            return
    for one, package in zip(run, packages, strict=True):
        with walk.alone(package), aside_on_fault(walk.hub, one.batch.id), walk.hub.database() as conn:
            _keep(walk, [package], validate_received(conn, one))


def _keep(walk: Walk, packages: Sequence[Package], checked: Checked) -> None:
    for package, validated in zip(packages, hand_over(walk.hub, checked), strict=True):
        package["validation"] = validated.as_dict()


def _load(walk: Walk) -> None:
    pairs = walk.batches()
    going = [(package, batch) for package, batch in pairs if package["validation"] is not None]
    for _, same in groupby(enumerate(going), key=lambda one: one[1][0]["validation"]["uri"] or one[0]):
        run = [pair for _, pair in same]
        if not _load_run(walk, run):
            for package, batch in run:
                with walk.alone(package), under_way(walk.hub, batch.id):
                    checked = take_one(walk.hub, Validated(**package["validation"]))
                    report = load_batch(walk.hub, batch, checked, walk.now)
                    package["said"] = f"{report['verdict']} {report['counts']}"
    if len(going) < len(pairs):  # found done: a crash may have come between its load and this
        release_held(walk.hub, walk.now)


def _load_run(walk: Walk, run: Sequence[tuple[Package, BatchRow]]) -> bool:
    """Load what was validated together; returns whether that was done: each package is to go alone where it was not."""
    rows = [batch for _, batch in run]
    try:
        checked = take_over(walk.hub, Validated(**run[0][0]["validation"]))
        if not isinstance(checked.result, Together) or len(rows) != len(checked.result.received):
            return False
        with under_way(walk.hub, *(batch.id for batch in rows)):
            reports = load_run(walk.hub, rows, checked, walk.now)
    except Entangled as reason:
        logger.info("%d packages of %s are loaded alone: %s", len(run), walk.platform.code, reason)
        return False
    except Exception:  # whose fault it is shows when each goes alone
        logger.warning("loaded alone, since together failed: %s", walk.platform.code, exc_info=True)
        return False
    logger.info("%d packages of %s loaded together: %s", len(run), walk.platform.code, [r.verdict for r in reports])
    return True


def _notify(walk: Walk) -> None:
    pairs = walk.batches()
    refs = [BatchRef(batch.platform_code, batch.batch_no) for _, batch in pairs]
    keep_head(walk.hub, walk.now)
    waiting = undelivered(walk.hub, walk.platform.code, [ref.batch_no for ref in refs])
    look_ahead_all(walk.hub, refs, walk.now, carried_in(walk.going()))
    with channel(walk.hub, walk.platform, walk.now) as transport:
        for package, batch in pairs:
            _tell_and_settle(walk, transport, package, batch, waiting.get(batch.batch_no, []))


def carried_in(packages: Sequence[Package]) -> list[Sequence[str]]:
    """Runs whose frames were left for the outlook: their URI, then the numbers of the batches in order."""
    runs: dict[str, list[tuple[int, str]]] = {}
    for package in packages:
        validation = package["validation"] or {}
        if validation.get("carried"):
            runs.setdefault(validation["carried"], []).append((validation["part"], package["batch"]["batch_no"]))
    return [(uri, *(number for _, number in sorted(parts))) for uri, parts in runs.items()]


def _tell_and_settle(walk: Walk, transport: Watched, package: Package, batch: BatchRow, numbers: list[str]) -> None:
    with walk.alone(package):
        delivered = [number for number in numbers if deliver(walk.hub, number, walk.now)]
        refused = package["refused"] or batch.state == "refused"
        # Only now: a package whose way was cut short lies at its source still and is found by the next run.
        transport.settle(Offer(**package["offer"]), "refused" if refused else "done")
        package["said"] = f"notices {', '.join(delivered) or 'none'}"


def accepted_by_dataset(group: Group) -> tuple[str, dict[str, int]]:
    """Short code of the platform, and the records of the group that were accepted, by dataset."""
    hub, platform_code = open_hub(), group["platform"]
    numbers = [package["batch"]["batch_no"] for package in group["packages"] if not package["failed"]]
    with hub.database() as conn:
        return hub.platform(platform_code).short_code, batches.accepted_by_dataset(conn, platform_code, numbers)


STAGES: dict[str, Callable[[Walk], None]] = {
    "receive": _receive,
    "validate": _validate,
    "load": _load,
    "notify": _notify,
}
