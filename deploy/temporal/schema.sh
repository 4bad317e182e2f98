#!/bin/sh
# Makes the two databases of Temporal and brings their tables up to date. Safe to run again.
set -eu

tool() { # DATABASE COMMAND…; the password is in SQL_PASSWORD
    temporal-sql-tool --plugin postgres12 --endpoint "$SQL_HOST" --port "${SQL_PORT:-5432}" \
        --user "$SQL_USER" --database "$@"
}

tables() { # DATABASE SCHEMA
    tool "$1" create
    tool "$1" setup-schema --version 0.0
    tool "$1" update-schema --schema-name "$2"
}

tables temporal postgresql/v12/temporal
tables temporal_visibility postgresql/v12/visibility
