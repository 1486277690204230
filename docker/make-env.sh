#!/bin/sh
# Writes .env, from which `docker compose` takes the key that the S3 and SageMaker endpoints of this server accept, the
# one that signs webhooks, one that secrets of webhook endpoints derive from, and the hash of the operator's API key, which it shows. What is in the file stays as it is;
# what a later version needs is added.
set -eu
cd "$(dirname "$0")/.."
random_hex() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
touch .env
add() { # variable, its line
  if grep -q "^$1=" .env; then return; fi
  echo "$2" >> .env
  echo ".env: $1 was added" >&2
}
add SPACEPORT_ACCESS_KEY_ID "SPACEPORT_ACCESS_KEY_ID=LOCAL$(random_hex 8 | tr '[:lower:]' '[:upper:]')"
add SPACEPORT_SECRET_ACCESS_KEY "SPACEPORT_SECRET_ACCESS_KEY=$(random_hex 24)"
add SPACEPORT_WEBHOOK_SECRET "SPACEPORT_WEBHOOK_SECRET=$(random_hex 24)"
add SPACEPORT_WEBHOOK_MASTER_KEY "SPACEPORT_WEBHOOK_MASTER_KEY=$(random_hex 32)"
grep -q '^SPACEPORT_ADMIN_KEY_HASH=' .env || add SPACEPORT_ADMIN_KEY_HASH "$(docker/new-key.sh)"
echo ".env is complete; only you can read it" >&2
