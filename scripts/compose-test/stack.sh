# The stack under test, in a copy of this checkout: .env is written there, and not over one that is in use here. Sourced
# by main.sh.

NAME=spaceport.test
HTTPS_PORT=18443
S3_PORT=19443
HTTP_PORT=18080
SERVER=https://$NAME:$HTTPS_PORT
STORAGE=https://$NAME:$S3_PORT

MAILPIT=http://127.0.0.1:18025
PROMETHEUS=http://127.0.0.1:19090
# What a stack in use beside this one does not have.
PORTS=(SPACEPORT_HTTP_PORT=$HTTP_PORT SPACEPORT_PORT=13000 SPACEPORT_S3_PORT=19000 SPACEPORT_MAIL_PORT=18025
  SPACEPORT_TEMPORAL_PORT=17233 SPACEPORT_TEMPORAL_UI_PORT=18233 SPACEPORT_PROMETHEUS_PORT=19090
  SPACEPORT_ALERTMANAGER_PORT=19093 SPACEPORT_GRAFANA_PORT=13001)

checkout=$work/checkout
ca=$work/spaceport-ca.crt
export COMPOSE_PROJECT_NAME=spaceport-test

start_stack() {
  # What a test that was cut off has left: the project is known by its name, without a file.
  (cd / && docker compose down --volumes --remove-orphans >/dev/null 2>&1) || true
  rm -rf "$checkout"
  lay_checkout pack_this_checkout
  cd "$checkout"
  bring_up
}

# make-env.sh and `up`, as docs/operations.md has it for the first time and for an upgrade. The key of a new .env is in $key.
bring_up() {
  local new_key started=$SECONDS
  docker/make-env.sh "$NAME:$HTTPS_PORT" "$NAME:$S3_PORT" 2>"$work/make-env.log"
  new_key=$(sed -n 's/^The operator.s API key, shown this once: //p' "$work/make-env.log")
  key=${new_key:-${key:-}}
  [ -n "$key" ] || fail "docker/make-env.sh shows no key: $(cat "$work/make-env.log")"
  grep -q '^SPACEPORT_HTTP_PORT=' .env || printf '%s\n' "${PORTS[@]}" >>.env
  say "docker compose --profile tls up --build --detach --wait"
  docker compose --profile tls up --build --detach --wait >"$work/up.log" 2>&1 || {
    tail -n 40 "$work/up.log" >&2
    docker compose logs --no-color --tail 20 >&2
    fail "the stack does not start"
  }
  say "it is up ($((SECONDS - started)) s, with building)"
  docker compose cp proxy:/data/caddy/pki/authorities/local/root.crt "$ca" >/dev/null 2>&1
  chmod a+r "$ca"
}

stop_stack() {
  [ -e "$checkout/.env" ] || return 0
  (cd "$checkout" && docker compose --profile '*' down --volumes --remove-orphans --rmi local >/dev/null 2>&1)
  rm -rf "$checkout"
}

# The files of another checkout in place of those that are there; .env stays, as with `git pull`.
lay_checkout() { # command that writes them as tar
  mkdir -p "$checkout"
  find "$checkout" -mindepth 1 -maxdepth 1 ! -name .env -exec rm -r {} +
  "$@" | tar -C "$checkout" -x
}

pack_this_checkout() {
  (cd "$root" && git ls-files -z --cached --others --exclude-standard |
    tar --null --files-from - --ignore-failed-read -c 2>/dev/null)
}

# curl as somebody elsewhere: through the published port, by name, with this server's CA.
ask() { # curl's words
  "${outside[@]}" curl --silent --show-error --max-time 30 --cacert "$ca" --resolve "$NAME:$HTTPS_PORT:127.0.0.1" \
    --resolve "$NAME:$S3_PORT:127.0.0.1" --resolve "$NAME:$HTTP_PORT:127.0.0.1" "$@"
}
status() { ask --output /dev/null --write-out '%{http_code}' "$@"; }
with_key() { "$@" --header "Authorization: Bearer $key"; }

# The command line in a container outside the stack's network, as on somebody's laptop.
spaceport() { # [docker option...] -- words
  local options=()
  while [ "$1" != -- ]; do options+=("$1") && shift; done
  docker run --rm --add-host "$NAME:host-gateway" --volume "$ca:/ca.crt:ro" --env NODE_EXTRA_CA_CERTS=/ca.crt \
    --env SPACEPORT_SERVER="$SERVER" --env SPACEPORT_KEY="$key" "${options[@]}" "$COMPOSE_PROJECT_NAME-server" \
    node dist/cli/main.js "${@:2}"
}
