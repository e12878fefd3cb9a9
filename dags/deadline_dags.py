"""The Airflow DAGs of the working-day deadlines and of delivery (豫公管办〔2018〕28号, Art. 10)."""

from exchange_hub.flows.airflow import deadline_dag, delivery_dag

deadlines = deadline_dag()
deliveries = delivery_dag()
