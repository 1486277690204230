#!/bin/sh
# Writes .env, from which `docker compose` takes secrets and addresses.
#   docker/make-env.sh                     for this machine alone
#   docker/make-env.sh NAME[:PORT] [S3]    for others too, by HTTPS: the name that people open, and NAME[:PORT] of the
#                                          S3 that their browsers are led to (else the same name, port 9443)
# Secrets that are in the file stay as they are, and what a later version needs is added; a name that is given replaces
# the one before. The operator's API key is shown this once: the file has its hash.
set -eu
cd "$(dirname "$0")/.."
random_hex() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }
fail() { echo "docker/make-env.sh: $1" >&2; exit 1; }

# A browser names no server that it reaches by a number, so that no certificate could be chosen for it.
check_address() {
  echo "$1" | grep -Eiq '^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[1-9][0-9]{0,4})?$' ||
    fail "\"$1\" is no name of a server, such as spaceport.example.com or spaceport.lan:8443 (without https://)"
  if name_of "$1" | grep -Eq '^[0-9.]+$'; then
    fail "$1: certificates are for names, so give the server one, in /etc/hosts of those who use it if nowhere else"
  fi
}
name_of() { echo "${1%%:*}"; }
port_of() { case $1 in *:*) echo "${1##*:}" ;; *) echo 443 ;; esac; }

# No public authority certifies names without a dot, nor those that RFC 2606, 6761, 6762, 8375 and habit keep for
# networks of one's own: these get a certificate by a CA of this server, which the readers of its pages must trust.
certificate_issuer() {
  case $1 in
    *.local | *.localhost | *.test | *.example | *.invalid | *.internal | *.home.arpa | *.lan | *.intranet | *.corp | *.home)
      echo internal ;;
    *.*) echo acme ;;
    *) echo internal ;;
  esac
}

if [ $# -gt 0 ]; then
  site=$(echo "$1" | tr '[:upper:]' '[:lower:]')
  storage=$(echo "${2:-$(name_of "$site"):9443}" | tr '[:upper:]' '[:lower:]')
  site=${site%:443} storage=${storage%:443}
  check_address "$site"
  check_address "$storage"
  [ "$site" != "$storage" ] || fail "S3 needs a name or a port of its own: browsers must tell it from the server"
fi

umask 077
touch .env
add() { # variable, value
  if grep -q "^$1=" .env; then return; fi
  echo "$1=$2" >> .env
  echo ".env: $1 was added" >&2
}
set_to() { # variable, value
  if grep -qxF "$1=$2" .env; then return; fi
  grep -v "^$1=" .env > .env.new || true
  echo "$1=$2" >> .env.new
  mv .env.new .env
  echo ".env: $1 is $2" >&2
}

add SPACEPORT_ACCESS_KEY_ID "LOCAL$(random_hex 8 | tr '[:lower:]' '[:upper:]')"
add SPACEPORT_SECRET_ACCESS_KEY "$(random_hex 24)"
add SPACEPORT_WEBHOOK_SECRET "$(random_hex 24)"
add SPACEPORT_WEBHOOK_MASTER_KEY "$(random_hex 32)"
# Encrypts what Temporal stores; without this key open jobs cannot be read any more.
add SPACEPORT_PAYLOAD_KEYS "$(docker/new-payload-key.sh)"
# Compose does not look into files that it mounts: by another sum of them it knows that their containers must be new.
set_to SPACEPORT_FILES_SUM "$(find docker/Caddyfile docker/observe -type f | LC_ALL=C sort | xargs cat | cksum | cut -d ' ' -f 1)"
if [ $# -gt 0 ]; then
  set_to SPACEPORT_PUBLIC_URL "https://$site"
  set_to SPACEPORT_PUBLIC_S3_ENDPOINT "https://$storage"
  set_to SPACEPORT_HTTPS_PORT "$(port_of "$site")"
  # A port is published once: where both have the same, nothing answers at the second one.
  s3_port=$(port_of "$storage")
  if [ "$s3_port" = "$(port_of "$site")" ]; then s3_port=$((s3_port == 9443 ? 9444 : 9443)); fi
  set_to SPACEPORT_S3_HTTPS_PORT "$s3_port"
  set_to SPACEPORT_CERT_ISSUER "$(certificate_issuer "$(name_of "$site")")"
  set_to SPACEPORT_TRUST_PROXY 1
  # From now on, also where --profile is left out.
  set_to COMPOSE_PROFILES tls
fi
if ! grep -q '^SPACEPORT_ADMIN_KEY_HASH=' .env; then
  hash=$(docker/new-key.sh)
  add SPACEPORT_ADMIN_KEY_HASH "${hash#*=}"
fi
echo ".env is complete; only you can read it" >&2
