"""The Airflow DAG that publishes the clean data to the lake, for those who read beyond one machine."""

from exchange_hub.flows.airflow_lake import lake_dag

lake = lake_dag()
