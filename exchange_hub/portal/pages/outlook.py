"""Outlooks (新版前瞻): what a platform's batches would have met under its next release, before that comes."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.change import Change, ForWhom, Level
from contracts.loader import load_release, release_versions
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.context import Hub
from exchange_hub.flows.outlook import list_outlooks
from exchange_hub.flows.releases import next_release
from exchange_hub.flows.signin import Visitor
from exchange_hub.flows.spec import compare_releases
from exchange_hub.portal.pages.labels import labels_of
from exchange_hub.portal.pages.render import page
from exchange_hub.portal.pages.visits import VisitorOf, centre_code, must_reach, reach
from exchange_hub.portal.problems import not_found
from exchange_hub.portal.state import hub_of
from warehouse import outlook

router = APIRouter(include_in_schema=False)
LAST = 20  # batches looked at, the newest
EXAMPLES = 5  # records shown for each rule
CHANGES = 100  # changes listed
NOTHING = {"batches": 0, "received": 0, "passing": 0, "rejected": 0, "held": 0, "newly_rejected": 0, "refused": 0}
ReleaseQuery = Annotated[str | None, Query(max_length=20)]


@router.get("/outlook")
def overview(request: Request, visitor: VisitorOf, release: ReleaseQuery = None) -> Response:
    """A centre: its own outlook. An office: its centres, those whom the next release meets hardest first."""
    if visitor.account.kind == "platform":
        return _detail(request, visitor, centre_code(visitor), release)
    hub = hub_of(request)
    centres = [hub.platforms[code] for code in reach(request, visitor) if code in hub.platforms]
    following = {platform.code: next_release(platform) for platform in centres}
    asked = [(code, version) for code, version in following.items() if version is not None]
    with hub.database() as conn:
        counted = outlook.summaries(conn, asked, LAST)
    rows = [(one, following[one.code], counted.get((one.code, following[one.code] or ""), NOTHING)) for one in centres]
    rows.sort(key=lambda row: (-row[2]["newly_rejected"], -row[2]["batches"], row[0].code))
    return page(request, "outlooks.html.j2", visitor, rows=rows, last=LAST)


@router.get("/outlook/{platform}")
def of_platform(request: Request, visitor: VisitorOf, platform: str, release: ReleaseQuery = None) -> Response:
    """The outlook of one platform."""
    return _detail(request, visitor, must_reach(request, visitor, platform), release)


def _detail(request: Request, visitor: Visitor, code: str, asked: str | None) -> Response:
    hub = hub_of(request)
    platform = hub.platforms.get(code)
    if platform is None:
        raise not_found()
    version = asked or next_release(platform)
    offered = _offered(hub, platform)
    if asked is not None and asked not in offered:
        raise not_found()
    rows = [] if version is None else list_outlooks(hub, code, LAST, version)
    return page(
        request,
        "outlook.html.j2",
        visitor,
        platform=platform,
        release=None if version is None else load_release(version),
        offered=offered,
        following=next_release(platform),
        total=offered.get(version or "", NOTHING),
        rows=rows,
        rules=_rules(rows),
        labels={} if version is None else labels_of(version),
        changes=() if version is None else _changes(platform.contract_version, version),
        listed=CHANGES,
        last=LAST,
    )


def _offered(hub: Hub, platform: Platform) -> dict[str, Mapping[str, Any]]:
    """Releases to look at, with what their outlooks add up to: the next one, and others where outlooks are kept."""
    following = next_release(platform)
    versions = [version for version in release_versions() if version != platform.contract_version]
    with hub.database() as conn:
        counted = outlook.summaries(conn, [(platform.code, version) for version in versions], LAST)
    return {
        version: counted.get((platform.code, version), NOTHING)
        for version in versions
        if version == following or (platform.code, version) in counted
    }


def _rules(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rules of some outlooks added up, those that newly reject most first; examples from the newest batch with some."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for rule in row["rules"]:
            start = {"rule_id": rule["rule_id"], "message_zh": rule["message_zh"], "records": 0, "newly": 0}
            mine = found.setdefault(rule["rule_id"], {**start, "batch_no": "", "examples": []})
            mine["records"] += rule["records"]
            mine["newly"] += rule.get("newly", 0)  # outlooks of earlier days did not count them
            if not mine["examples"]:
                mine["batch_no"] = row["batch_no"]
                mine["examples"] = _examples(row["examples"], rule["rule_id"])
    return sorted(found.values(), key=lambda rule: (-rule["newly"], -rule["records"], rule["rule_id"]))


def _examples(examples: Iterable[Mapping[str, Any]], rule_id: str) -> list[dict[str, Any]]:
    own = [{"expected_zh": "", **example} for example in examples if example["rule_id"] == rule_id]
    return own[:EXAMPLES]


@lru_cache(maxsize=16)
def _changes(old: str, new: str) -> tuple[Change, ...]:
    """What a sender has to know of the way from one release to another, what breaks first."""
    if old not in release_versions():
        return ()
    told = [change for change in compare_releases(old, new) if change.for_whom is not ForWhom.READERS]
    return tuple(sorted(told, key=lambda change: list(Level)[::-1].index(change.level)))
