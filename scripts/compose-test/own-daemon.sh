# Debian's dockerd, for this test alone: in a network and mounts of its own, so that neither addresses nor firewall of
# this machine change. slirp4netns leads out of there, to package registries. Sourced by engine.sh.

daemon=$work/daemon
COMPOSE_VERSION=v2.39.4

start_own_daemon() {
  need_for_own_daemon
  build_compose
  export DOCKER_HOST=unix://$daemon/docker.sock DOCKER_CONFIG=$work/docker-config
  mkdir -p "$daemon"
  rm -f "$daemon"/{pid,connected}
  say "a Docker daemon in namespaces of its own"
  setsid unshare --net --mount --propagation private bash "$here/own-namespace.sh" "$daemon" >"$daemon/log" 2>&1 &
  wait_until 10 test -s "$daemon/pid"
  daemon_pid=$(cat "$daemon/pid")
  slirp4netns --configure --mtu=1400 --disable-host-loopback "$daemon_pid" tap0 >"$daemon/slirp.log" 2>&1 &
  slirp_pid=$!
  wait_until 10 grep -q 'received tapfd' "$daemon/slirp.log"
  touch "$daemon/connected"
  wait_until 60 docker info || fail "the daemon does not start: $(tail -n 5 "$daemon/log")"
  outside=(nsenter --target "$daemon_pid" --net)
}

stop_own_daemon() {
  [ -n "${daemon_pid:-}" ] || return 0
  kill "$daemon_pid" 2>/dev/null && wait_until 30 sh -c "! kill -0 $daemon_pid 2>/dev/null"
  [ -z "${slirp_pid:-}" ] || kill "$slirp_pid" 2>/dev/null
}

need_for_own_daemon() {
  local missing=() pair
  [ "$(id -u)" -eq 0 ] || fail "--own-daemon needs root, for namespaces and mounts"
  for pair in dockerd:docker.io slirp4netns:slirp4netns debootstrap:debootstrap setcap:libcap2-bin; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [ ${#missing[@]} -eq 0 ] || fail "--own-daemon needs more of Debian: apt-get install --no-install-recommends ${missing[*]}"
  command -v go >/dev/null || fail "--own-daemon needs Go, to build Compose, Caddy and Mailpit (https://go.dev/dl/)"
}

# Compose is no package of Debian's. Its own main uses packages that are closed to others, so that this one calls it.
build_compose() {
  local plugin=$work/docker-config/cli-plugins/docker-compose
  [ -x "$plugin" ] && return
  say "Compose $COMPOSE_VERSION"
  mkdir -p "$work/compose-plugin" "$(dirname "$plugin")"
  cp "$here/compose-plugin/main.go" "$work/compose-plugin/"
  (
    cd "$work/compose-plugin"
    [ -e go.mod ] || go mod init compose-plugin
    go get "github.com/docker/compose/v2@$COMPOSE_VERSION"
    go mod tidy
    go build -p 2 -trimpath -ldflags "-s -w -X github.com/docker/compose/v2/internal.Version=$COMPOSE_VERSION" \
      -o "$plugin" .
  ) >"$work/compose-plugin.log" 2>&1 || fail "Compose does not build: $(tail -n 5 "$work/compose-plugin.log")"
}

# wait_until SECONDS COMMAND...: status 1 when the command has not succeeded by then.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}
