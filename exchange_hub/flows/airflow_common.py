"""What all DAGs share: owner, retries only of what may pass, an operator's alarm where a task gives up."""

from datetime import datetime, timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import ConfigurationError, PackagesFailed, UsageError

START = datetime(2026, 1, 1, tzinfo=SHANGHAI)
OURS = "exchange-hub"
AT_ONCE = 4  # slots of a platform's pool when it is made: its mapped tasks at the same time
# A fault in our own contract, rule, card or parameters does not pass by trying again; a service may come back.
RETRY_ONLY_WHAT_MAY_PASS = ExceptionRetryPolicy(
    rules=[
        RetryRule(exception=final, action=RetryAction.FAIL)
        for final in (ConfigurationError, PackagesFailed, UsageError)
    ]
)


def defaults(owner: str, retry_delay: timedelta) -> dict[str, Any]:
    """Default arguments of a DAG's tasks."""
    return {
        "owner": owner,
        "retries": 2,
        "retry_delay": retry_delay,
        "retry_policy": RETRY_ONLY_WHAT_MAY_PASS,
        "on_failure_callback": call_operator,
        "on_success_callback": call_off,
    }


def call_operator(context: dict[str, Any]) -> None:
    """A task gave up: the alarm is in the warehouse, beside those of delivery."""
    from exchange_hub.core.clock import system_now
    from exchange_hub.flows.alarms import task_failed
    from exchange_hub.flows.context import open_hub

    error = context.get("exception")
    what = f"{context['run_id']} {context.get('label', '')}".strip()
    said = f"{type(error).__name__}: {error}" if error else "unknown"
    task_failed(
        open_hub(), _subject(context), what, (getattr(error, "message_zh", said)[:500], said[:500]), system_now()
    )


def call_off(context: dict[str, Any]) -> None:
    """It has succeeded since: the alarm is over."""
    from exchange_hub.core.clock import system_now
    from exchange_hub.flows.alarms import task_went_well
    from exchange_hub.flows.context import open_hub

    task_went_well(open_hub(), _subject(context), system_now())


def _subject(context: dict[str, Any]) -> str:
    instance = context["ti"]
    return f"{instance.dag_id}.{instance.task_id}"
