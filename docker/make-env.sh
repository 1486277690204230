#!/bin/sh
# Writes .env, from which `docker compose` takes the key that the S3 and SageMaker endpoints of this server accept, and
# the one that signs webhooks.
# Run once; a file that is there stays as it is.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo ".env is there already; nothing was changed"
  exit 0
fi
random_hex() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
cat > .env <<VALUES
SPACEPORT_ACCESS_KEY_ID=LOCAL$(random_hex 8 | tr '[:lower:]' '[:upper:]')
SPACEPORT_SECRET_ACCESS_KEY=$(random_hex 24)
SPACEPORT_WEBHOOK_SECRET=$(random_hex 24)
VALUES
echo ".env was written; only you can read it"
