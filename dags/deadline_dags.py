"""The Airflow DAGs of deadlines (豫公管办〔2018〕28号, Art. 10), of arrivals (Art. 8) and delivery, and the rerun."""

from exchange_hub.flows.airflow import deadline_dag, delivery_dag
from exchange_hub.flows.airflow_arrivals import arrivals_dag
from exchange_hub.flows.airflow_rerun import rerun_dag

arrivals = arrivals_dag()
deadlines = deadline_dag()
deliveries = delivery_dag()
rerun = rerun_dag()
