"""The embedded stack: PostgreSQL, S3 store, Airflow and portal as child processes of one supervisor."""
