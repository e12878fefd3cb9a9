"""Groups of packages on their way through the mapped tasks of a platform's DAG.

A group is a JSON-able dict: label, platform (code) and packages in order of arrival. Large packages travel alone;
small ones share a group, since a task start costs about a second of processor time. A package that fails by our
own fault is marked and skipped by the later stages; the others of its group go on, and the last stage fails so
that the run shows red. A package alone in its group fails its task at once.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg

from exchange_hub.core.errors import HubError, PackagesFailed
from exchange_hub.core.platforms import Platform
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.flows.load import load_batch
from exchange_hub.flows.notify import notify_batch
from exchange_hub.flows.order import under_way
from exchange_hub.flows.outlook import look_ahead
from exchange_hub.flows.receive import BatchRef, receive
from exchange_hub.flows.validate import Validated, hand_over, take_over, validate_batch
from ingest.transports.base import Offer
from ingest.transports.opening import open_transport
from warehouse import batches
from warehouse.batches import BatchRow

logger = logging.getLogger(__name__)

SMALL_BYTES = 256 * 1024
GROUP_SIZE = 20
GROUP_FROM = 12  # with fewer packages waiting, each gets its own mapped tasks
MAX_GROUPS = 200  # a mapped list longer than 1,024 fails its task; what is left comes with the next run

Package = dict[str, Any]
Group = dict[str, Any]


def discover_groups(platform: Platform) -> list[Group]:
    """What waits at the platform, oldest first, cut into groups.

    Raises:
        ServiceError: the platform's channel does not answer.
    """
    offers = open_transport(platform).discover()
    groups: list[list[Offer]] = []
    for offer in offers:
        joins = (
            groups
            and offer.size <= SMALL_BYTES
            and len(groups[-1]) < GROUP_SIZE
            and all(other.size <= SMALL_BYTES for other in groups[-1])
            and len(offers) >= GROUP_FROM
        )
        if joins:
            groups[-1].append(offer)
        else:
            groups.append([offer])
    return [_group(platform, group) for group in groups[:MAX_GROUPS]]


def run_stage(stage: str, group: Group, now: datetime) -> Group:
    """Take each package of a group through one stage; what already failed is left alone.

    Raises:
        HubError: the only package of the group failed.
        PackagesFailed: after the last stage, some packages of the group failed.
    """
    hub = open_hub()
    packages = [_run(stage, hub, group, package, now) for package in group["packages"]]
    failed = [package for package in packages if package["failed"]]
    if failed and stage == "notify":
        names = "、".join(package["offer"]["name"] for package in failed)
        raise PackagesFailed("PACKAGES_FAILED", f"未完成的数据包：{names}", f"packages that failed: {names}")
    return {**group, "packages": packages}


def _run(stage: str, hub: Hub, group: Group, package: Package, now: datetime) -> Package:
    if package["failed"]:
        return package
    name = package["offer"]["name"]
    try:
        done = STAGES[stage](hub, group, package, now)
    except Exception as error:  # whatever one package breaks in us, the others of its group go on
        logger.exception("%s of package %s of platform %s failed", stage, name, group["platform"])
        if len(group["packages"]) == 1:
            raise
        code = error.code if isinstance(error, HubError) else type(error).__name__
        return {**package, "failed": f"{stage}: {code}"}
    logger.info("%s: package %s of platform %s: %s", stage, name, group["platform"], done.get("said", ""))
    return done


def _receive(hub: Hub, group: Group, package: Package, now: datetime) -> Package:
    platform = hub.platform(group["platform"])
    transport = open_transport(platform)
    offer = Offer(**package["offer"])
    with scratch_folder("fetch") as folder:
        path = transport.fetch(offer, folder)
        received = receive(hub, path, now, channel=platform.transport.kind, sender=platform.code)
    return {**package, "batch": received.ref.as_dict(), "refused": received.refused, "said": received.said}


def _validate(hub: Hub, _group: Group, package: Package, _now: datetime) -> Package:
    with hub.database() as conn:
        batch = _batch(conn, package)
    if batch.state != "received":
        return {**package, "validation": None, "said": f"already {batch.state}"}
    with under_way(hub, batch.id), hub.database() as conn:
        result, seen = validate_batch(hub, conn, batch)
        validated = hand_over(hub, result, seen)
    return {**package, "validation": validated.as_dict(), "said": "unreadable" if validated.refusal else "validated"}


def _load(hub: Hub, _group: Group, package: Package, now: datetime) -> Package:
    if package["validation"] is None:
        return {**package, "said": "nothing to load"}
    validated = Validated(**package["validation"])
    with hub.database() as conn:
        batch = _batch(conn, package)
    with under_way(hub, batch.id):
        report = load_batch(hub, batch, take_over(hub, validated), validated.seen_load, now)
    return {**package, "said": f"{report['verdict']} {report['counts']}"}


def _notify(hub: Hub, group: Group, package: Package, now: datetime) -> Package:
    ref = BatchRef(**package["batch"])
    delivered = notify_batch(hub, ref.platform_code, ref.batch_no, now)
    look_ahead(hub, ref, now)
    with hub.database() as conn:
        refused = package["refused"] or _batch(conn, package).state == "refused"
    # Only now: a package whose way was cut short lies at its source still and is found by the next run.
    transport = open_transport(hub.platform(group["platform"]))
    transport.settle(Offer(**package["offer"]), "refused" if refused else "done")
    return {**package, "said": f"notices {', '.join(delivered) or 'none'}"}


def _batch(conn: psycopg.Connection, package: Package) -> BatchRow:
    batch = batches.find(conn, package["batch"]["platform_code"], package["batch"]["batch_no"])
    if batch is None:
        raise LookupError(package["batch"]["batch_no"])
    return batch


STAGES: dict[str, Callable[[Hub, Group, Package, datetime], Package]] = {
    "receive": _receive,
    "validate": _validate,
    "load": _load,
    "notify": _notify,
}


def _group(platform: Platform, offers: list[Offer]) -> Group:
    label = offers[0].name if len(offers) == 1 else f"{offers[0].name} … {offers[-1].name} ({len(offers)})"
    packages = [
        {
            "offer": {"name": o.name, "size": o.size, "stamp": o.stamp},
            "batch": None,
            "refused": False,
            "validation": None,
            "failed": "",
        }
        for o in offers
    ]
    return {"label": label, "platform": platform.code, "packages": packages}
