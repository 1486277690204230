#!/bin/sh
# `set-up.sh`: makes the tables of a Temporal server of one's own in PostgreSQL 12 or newer, or brings them to the version
# of the tool. Safe to repeat, which an upgrade of the server does before it starts. Needs Temporal's own
# temporal-sql-tool on PATH, whose variables say where the database is: SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD, and
# with TLS SQL_TLS=true, SQL_TLS_CA_FILE. SQL_TLS_CA holds the certificates themselves, where only a variable can: they are
# put into that file, which the server reads too. Names of the databases as server.yaml has them.
#
# Namespace and search attributes follow once the server answers: `node dist/workers/register/main.js`.
set -eu
export SQL_PLUGIN=postgres12_pgx
[ -z "${SQL_TLS_CA:-}" ] || printf '%s\n' "$SQL_TLS_CA" >"$SQL_TLS_CA_FILE"

tables() { # tables DATABASE SCHEMA
  # The tool connects to the database that it makes only to look whether it is there: an error is its answer that it is.
  temporal-sql-tool --database "$1" create-database || true
  # Tables of before are not touched: only --overwrite would drop them.
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "$2"
}

tables "${TEMPORAL_DATABASE:-temporal}" postgresql/v12/temporal
tables "${TEMPORAL_VISIBILITY_DATABASE:-temporal_visibility}" postgresql/v12/visibility
