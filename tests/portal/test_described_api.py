"""Whatever is asked, described or not, is answered as described and never a 5xx (schemathesis)."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

pytestmark = pytest.mark.stack

ROUTES = [
    ("POST", "/api/v1/batches"),
    ("GET", "/api/v1/batches/{platform}/{batch_no}"),
    ("POST", "/api/v1/check"),
    ("GET", "/api/v1/notices"),
    ("GET", "/api/v1/notices/{no}"),
    ("POST", "/api/v1/notices/{no}/acknowledgement"),
    ("POST", "/api/v1/notices/{no}/items/{id}/answer"),
    ("GET", "/api/v1/healthz"),
]
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


ASKED = [(*route, GenerationMode.POSITIVE) for route in ROUTES] + [
    (*ROUTES[n], GenerationMode.NEGATIVE) for n in (2, 3, 6)
]


@pytest.mark.parametrize(("method", "path", "mode"), ASKED)
def test_no_request_described_or_against_the_description_breaks_the_portal(
    nanyang: httpx.Client, method: str, path: str, mode: GenerationMode
) -> None:
    base = {"base-url": str(nanyang.base_url).rstrip("/")}
    document = nanyang.get("/api/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(base))

    @settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        answer = case.call(headers={"Authorization": nanyang.headers["authorization"]})
        case.validate_response(answer, checks=CHECKS)

    ask()


def test_the_description_names_every_route_with_examples(nanyang: httpx.Client) -> None:
    found = nanyang.get("/api/v1/openapi.json").json()

    operations = {(method.upper(), path) for path, known in found["paths"].items() for method in known}
    assert operations == set(ROUTES)
    assert nanyang.get("/openapi.json").json() == found
    for name, model in found["components"]["schemas"].items():
        texts = [p for p in model.get("properties", {}).values() if p.get("type") == "string" and "format" not in p]
        assert model.get("examples") or not texts or any("examples" in p for p in texts), name
