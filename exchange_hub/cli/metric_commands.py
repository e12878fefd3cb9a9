"""`hub metrics`: the numbers of the monitoring, shown or pushed to an OpenTelemetry collector."""

import sys
import time
from typing import Annotated

import typer

from exchange_hub.core.clock import iso, system_now
from exchange_hub.core.errors import ServiceError


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("metrics")(metrics)


def metrics(
    push: Annotated[
        bool,
        typer.Option("--push", help="推送到 OTEL_EXPORTER_OTLP_ENDPOINT / push by OTLP instead of showing"),
    ] = False,
    every: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=1, help="每隔多少秒推送，直至终止 / push again and again")
    ] = None,
) -> int:
    """输出监控指标，或以 OTLP 推送给采集器 / the monitoring's numbers, shown or pushed to a collector."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.metrics import metrics_text

    if not push and every is None:
        sys.stdout.write(metrics_text(open_hub(), system_now()).decode())
        return 0
    while True:
        try:
            _push_once()
        except ServiceError as error:  # a collector that is away is no reason to stop
            if every is None:
                raise
            print(f"{iso(system_now())} {error.message_zh} / {error.message_en}", file=sys.stderr, flush=True)
        if every is None:
            return 0
        time.sleep(every)


def _push_once() -> None:
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.otlp import push

    now = system_now()
    count = push(open_hub(), now)
    print(f"{iso(now)} 已推送 {count} 项指标 / {count} metrics pushed", flush=True)
