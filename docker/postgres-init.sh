#!/bin/sh
# Runs once, when the database is empty: roles and databases of hub and Airflow, neither a superuser.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres \
    -v hub="$(cat /run/secrets/hub_password)" -v airflow="$(cat /run/secrets/airflow_db_password)" <<'SQL'
CREATE ROLE hub LOGIN CREATEROLE PASSWORD :'hub';
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE DATABASE hub OWNER hub;
CREATE DATABASE airflow OWNER airflow;
REVOKE CONNECT ON DATABASE hub FROM PUBLIC;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
GRANT SET ON PARAMETER log_statement TO hub;
SQL
