"""The numbers pushed to an OpenTelemetry collector: a real HTTP server that reads the protocol's own messages."""

import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from exchange_hub.cli.metric_commands import metrics as command
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ConfigurationError, ServiceError
from exchange_hub.flows.context import Hub
from exchange_hub.flows.metrics import metrics_text
from exchange_hub.flows.otlp import push
from warehouse.watching import add_stage_time

pytestmark = pytest.mark.stack

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)


class Collector(HTTPServer):
    """Takes OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.answer = 200
        self.requests: list[tuple[str, str | None, ExportMetricsServiceRequest]] = []


class Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = ExportMetricsServiceRequest.FromString(body)
        self.server.requests.append((self.path, self.headers["X-Tenant"], said))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=henan")
    yield server
    server.shutdown()
    server.server_close()


def points(request: ExportMetricsServiceRequest) -> dict[tuple[str, tuple[tuple[str, str], ...]], Any]:
    [resource] = request.resource_metrics
    [scope] = resource.scope_metrics
    found = {}
    for metric in scope.metrics:
        for point in getattr(metric, metric.WhichOneof("data")).data_points:
            labels = tuple(sorted((one.key, one.value.string_value) for one in point.attributes))
            found[metric.name, labels] = point
    return found


def test_a_collector_is_told_what_prometheus_is_told(fresh: Hub, collector: Collector) -> None:
    with fresh.database() as conn:
        for seconds, packages in ((0.05, 1), (4.0, 20), (9_999.0, 1)):
            add_stage_time(conn, "load", "done", packages, seconds)
        conn.commit()

    count = push(fresh, NOW)

    [(path, tenant, request)] = collector.requests
    told = points(request)
    [resource] = request.resource_metrics
    assert (path, tenant) == ("/v1/metrics", "henan")
    assert [a.value.string_value for a in resource.resource.attributes if a.key == "service.name"] == ["exchange-hub"]
    assert count == len(resource.scope_metrics[0].metrics)
    plain = [
        (family.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in text_string_to_metric_families(metrics_text(fresh, NOW).decode())
        for sample in family.samples
        if family.type != "histogram"
    ]
    assert len(plain) > 10
    assert [told[name, labels].as_double for name, labels, _ in plain] == [value for *_, value in plain]
    slots = told["exchange_hub_stage_duration_seconds", (("outcome", "done"), ("stage", "load"))]
    assert list(slots.bucket_counts) == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]
    assert (slots.count, slots.sum, len(slots.explicit_bounds)) == (3, pytest.approx(10_003.05), 11)
    assert slots.time_unix_nano == int(NOW.timestamp()) * 1_000_000_000


def test_a_collector_that_refuses_is_a_service_error(fresh: Hub, collector: Collector) -> None:
    collector.answer = 400

    with pytest.raises(ServiceError, match="COLLECTOR_REFUSED"):
        push(fresh, NOW)


def test_without_a_collector_the_operator_is_told_what_to_set(fresh: Hub) -> None:
    with pytest.raises(ConfigurationError, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        push(fresh, NOW)


def test_the_command_pushes_or_shows(hub: Hub, collector: Collector, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(push=True) == 0
    assert len(collector.requests) == 1
    assert "已推送" in capsys.readouterr().out

    assert command() == 0
    assert "exchange_hub_database_up 1.0" in capsys.readouterr().out
