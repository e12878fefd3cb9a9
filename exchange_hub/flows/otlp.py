"""The numbers of `metrics` pushed to an OpenTelemetry collector (OTLP over HTTP), by the SDK's own exporter.

Where to, with which headers, certificates and patience: the variables `OTEL_EXPORTER_OTLP_*` of the OpenTelemetry
specification; who we are: `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`. Names and labels are those of `/metrics`.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby, pairwise

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import export as otel
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.samples import Sample

from exchange_hub.core.errors import ConfigurationError, ServiceError
from exchange_hub.flows.context import Hub
from exchange_hub.flows.metrics import families_of

ENDPOINTS = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
CUMULATIVE = otel.AggregationTemporality.CUMULATIVE
SINCE_EVER = 0  # totals of the warehouse, not of a process: OTLP writes an unknown start as 0


def push(hub: Hub, now: datetime) -> int:
    """Send everything as of `now`; where the database does not answer, only that. Returns how many metrics.

    Raises:
        ConfigurationError: no collector is named.
        ServiceError: the collector does not take it.
    """
    if not any(map(os.environ.get, ENDPOINTS)):
        raise ConfigurationError(
            "NO_COLLECTOR", f"未配置采集器地址 {ENDPOINTS[1]}", f"no collector is named: set {ENDPOINTS[1]}"
        )
    metrics = [as_otel(family, now) for family in families_of(hub, now) if family.samples]
    resource = Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME") or "exchange-hub"})
    scope = otel.ScopeMetrics(InstrumentationScope("exchange_hub"), metrics, "")
    exporter = OTLPMetricExporter()
    try:
        result = exporter.export(otel.MetricsData([otel.ResourceMetrics(resource, [scope], "")]))
    finally:
        exporter.shutdown()
    if result is not otel.MetricExportResult.SUCCESS:
        raise ServiceError(
            "COLLECTOR_REFUSED", "采集器未接收指标", "the OpenTelemetry collector did not take the metrics"
        )
    return len(metrics)


def as_otel(family: Metric, now: datetime) -> otel.Metric:
    """A metric of Prometheus as one of OpenTelemetry: gauge, monotonic sum or histogram."""
    at = int(now.timestamp() * 1_000_000_000)
    unit = "s" if family.name.endswith("_seconds") else "By" if family.name.endswith("_bytes") else "1"
    return otel.Metric(family.name, family.documentation, unit, _data(family, at))


def _data(family: Metric, at: int) -> otel.Sum | otel.Gauge | otel.Histogram:
    if isinstance(family, HistogramMetricFamily):
        return otel.Histogram(list(_distributions(family.samples, at)), CUMULATIVE)
    points = [otel.NumberDataPoint(dict(one.labels), SINCE_EVER, at, float(one.value)) for one in family.samples]
    if isinstance(family, CounterMetricFamily):
        return otel.Sum(points, CUMULATIVE, is_monotonic=True)
    return otel.Gauge(points)


def _distributions(samples: list[Sample], at: int) -> Iterator[otel.HistogramDataPoint]:
    """One point for each set of labels; Prometheus counts from below, OpenTelemetry each slot by itself."""
    for labels, group in groupby(samples, _labels):
        found = list(group)
        slots = [(one.labels["le"], int(one.value)) for one in found if one.name.endswith("_bucket")]
        total = next(one.value for one in found if one.name.endswith("_sum"))
        counts = [after - before for before, after in pairwise((0, *(count for _, count in slots)))]
        bounds = [float(bound) for bound, _ in slots[:-1]]
        yield otel.HistogramDataPoint(
            dict(labels), SINCE_EVER, at, sum(counts), total, counts, bounds, float("nan"), float("nan")
        )


def _labels(sample: Sample) -> tuple[tuple[str, str], ...]:
    labels: Mapping[str, str] = sample.labels
    return tuple((name, value) for name, value in labels.items() if name != "le")
