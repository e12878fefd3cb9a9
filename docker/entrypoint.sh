#!/bin/sh
# Turns the files of the secret store into the variables that the hub and Airflow read, then becomes the command.
# No secret stands in an image, in a compose file or in a manifest: only the names of the files below.
set -eu

secrets=${HUB_SECRETS_DIR:-/run/secrets}

# value of a secret, or nothing where this service was not given it
secret() {
    if [ -r "$secrets/$1" ]; then cat "$secrets/$1"; fi
}

# name of the variable, secret it depends on, text with %s in its place; what is set already wins
from_secret() {
    eval "present=\${$1:-}"
    value=$(secret "$2")
    if [ -z "$present" ] && [ -n "$value" ]; then
        # shellcheck disable=SC2059  # the format is ours
        export "$1=$(printf "$3" "$value")"
    fi
}

database=${HUB_DATABASE_HOST:-postgres:5432}
broker=${HUB_BROKER_HOST:-redis:6379}

from_secret HUB_DATABASE_URL hub_password "postgresql://hub:%s@$database/hub"
from_secret HUB_S3_ACCESS_KEY s3_access_key '%s'
from_secret HUB_S3_SECRET_KEY s3_secret_key '%s'
from_secret HUB_PORTAL_SECRET portal_secret '%s'
from_secret HUB_METRICS_TOKEN metrics_token '%s'
from_secret AIRFLOW__DATABASE__SQL_ALCHEMY_CONN airflow_db_password "postgresql+psycopg://airflow:%s@$database/airflow"
from_secret AIRFLOW__CELERY__RESULT_BACKEND airflow_db_password "db+postgresql+psycopg://airflow:%s@$database/airflow"
from_secret AIRFLOW__CELERY__BROKER_URL redis_password "redis://:%s@$broker/0"
from_secret AIRFLOW__API__SECRET_KEY airflow_secret_key '%s'
from_secret AIRFLOW__API_AUTH__JWT_SECRET airflow_jwt_secret '%s'

# Airflow's simple sign-in reads its passwords from a file that it may write.
password=$(secret airflow_admin_password)
if [ -n "$password" ]; then
    AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=$AIRFLOW_HOME/passwords.json
    export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE
    (umask 077 && printf '{"admin": "%s"}\n' "$password" > "$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE")
fi
unset password

exec "$@"
