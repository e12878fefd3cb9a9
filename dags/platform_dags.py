"""One Airflow DAG for each enabled trading platform, generated from the cards in ingest/platforms."""

from exchange_hub.core.settings import settings
from exchange_hub.flows.airflow import platform_dag
from ingest.registry import load_platforms

for _platform in load_platforms(settings().platforms_dir).values():
    if _platform.enabled:
        _dag = platform_dag(_platform)
        globals()[_dag.dag_id] = _dag
