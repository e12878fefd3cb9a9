"""Packages handed in over HTTP, on a portal as `hub up` starts it."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
Package = Callable[..., bytes]


def settled(client: httpx.Client, address: str, seconds: float = 30.0) -> dict[str, Any]:
    """The batch once it has its report."""
    end = time.monotonic() + seconds
    while True:
        batch: dict[str, Any] = client.get(address).raise_for_status().json()
        if batch["report"] is not None or time.monotonic() > end:
            return batch
        time.sleep(0.05)


def test_a_package_gets_its_address_at_once_and_then_its_report(nanyang: httpx.Client, package: Package) -> None:
    answer = nanyang.post("/api/v1/batches", content=package("http-1", faults=10.0))

    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["address"] == f"/api/v1/batches/{NANYANG}/http-1"
    batch = settled(nanyang, answer.headers["location"])
    counts = batch["report"]["counts"]
    assert batch["state"] == "loaded"
    assert counts["received"] == counts["accepted"] + counts["rejected"] + counts["held"] > 0
    assert batch["report"]["notice_no"].startswith("FK-41130001-")


def test_the_same_package_again_is_harmless_and_other_content_is_refused(
    nanyang: httpx.Client, package: Package
) -> None:
    first, other = package("http-2", seed=1), package("http-2", seed=2)
    address = nanyang.post("/api/v1/batches", content=first).headers["location"]
    before = settled(nanyang, address)

    again = nanyang.post("/api/v1/batches", content=first)
    conflict = nanyang.post("/api/v1/batches", content=other)

    assert (again.status_code, again.json()["repeat"], again.json()["report"]) == (202, True, before["report"])
    assert (conflict.status_code, conflict.json()["code"]) == (409, "BATCH_CONFLICT")
    assert settled(nanyang, address) == before


def test_a_package_that_names_another_platform_is_refused(nanyang: httpx.Client, package: Package) -> None:
    answer = nanyang.post("/api/v1/batches", content=package("http-3", platform="12410300MA3DEM027A"))

    assert answer.json()["state"] == "refused"
    assert answer.json()["report"]["refusal"]["code"] == "PLATFORM_MISMATCH"


def test_what_is_no_package_is_refused_with_a_notice(nanyang: httpx.Client) -> None:
    answer = nanyang.post("/api/v1/batches", content=b"PK\x03\x04 this is no archive")

    assert answer.status_code == 202
    report = answer.json()["report"]
    assert report["verdict"] == "refused"
    assert nanyang.get(f"/api/v1/notices/{report['notice_no']}").json()["refusal"] == report["refusal"]


def test_anothers_batch_does_not_exist(nanyang: httpx.Client, luoyang: httpx.Client, package: Package) -> None:
    address = nanyang.post("/api/v1/batches", content=package("http-4")).headers["location"]

    answer = luoyang.get(address)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == luoyang.get("/api/v1/batches/12410300MA3DEM027A/none").json()["code"]


def test_a_dry_run_reports_and_keeps_nothing(nanyang: httpx.Client, package: Package) -> None:
    answer = nanyang.post("/api/v1/check", content=package("http-5", faults=10.0))

    assert answer.status_code == 200
    assert answer.json()["counts"]["rejected"] > 0
    assert nanyang.get(f"/api/v1/batches/{NANYANG}/http-5").status_code == 404


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/json"}, b"{}", 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 415),
        ({"Content-Encoding": "gzip"}, b"x", 415),
        ({}, b"", 400),
    ],
)
def test_a_body_that_is_no_package_is_told_so(
    nanyang: httpx.Client, headers: dict[str, str], content: bytes, status: int
) -> None:
    answer = nanyang.post("/api/v1/batches", content=content, headers=headers)

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.json()["detail"]
    assert answer.json()["detail_en"]


def test_a_declared_length_over_the_limit_is_refused_before_the_bytes_come(nanyang: httpx.Client) -> None:
    import http.client

    connection = http.client.HTTPConnection(nanyang.base_url.host, nanyang.base_url.port or 80, timeout=10)
    connection.putrequest("POST", "/api/v1/batches")
    connection.putheader("Authorization", nanyang.headers["authorization"])
    connection.putheader("Content-Length", str(3 * 1024**3))
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status == 413
    connection.close()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer hub_000000000000_" + "A" * 43}, {"X-API-Key": "x"}])
def test_without_a_valid_key_nothing_opens(portal_url: str, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{portal_url}/api/v1/notices", headers=headers, trust_env=False)

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_key_may_come_in_either_header(portal_url: str, nanyang: httpx.Client) -> None:
    key = nanyang.headers["authorization"].removeprefix("Bearer ")

    answer = httpx.get(f"{portal_url}/api/v1/notices", headers={"X-API-Key": key}, trust_env=False)

    assert answer.status_code == 200
