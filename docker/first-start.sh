#!/bin/sh
# Makes what a first start needs beside the images: secrets (0444 in a folder only you can enter, so that the
# containers' users can read the files mounted into them), folders for platform cards, calendars and certificates.
# A second time it makes only what is missing: no secret is ever replaced.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
umask 077
mkdir -p secrets
chmod 0700 secrets
for name in postgres_password hub_password airflow_db_password redis_password s3_access_key s3_secret_key \
    portal_secret airflow_secret_key airflow_jwt_secret airflow_admin_password metrics_token; do
    if [ ! -s "secrets/$name" ]; then
        head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "secrets/$name.draft"
        chmod 0444 "secrets/$name.draft"
        mv "secrets/$name.draft" "secrets/$name"
    fi
done
if [ ! -e secrets/connections.env ]; then
    printf '# One line a reference of a platform card: HUB_CONN_<REFERENCE>={"host": "…", "user": "…", "secret": "…"}\n' \
        > secrets/connections.env
fi
(umask 022 && mkdir -p platforms calendars certificates)
echo "ready: $here/secrets; put platform cards into $here/platforms, then docker compose -f $here/compose.yaml up -d --wait"
