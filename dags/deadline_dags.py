"""The daily Airflow DAG of the working-day deadlines (豫公管办〔2018〕28号, Art. 10)."""

from exchange_hub.flows.airflow import deadline_dag

deadlines = deadline_dag()
