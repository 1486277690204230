#!/usr/bin/env bash
# `npm run test:compose`: brings the whole of docker-compose.yml up with HTTPS and keys, as docs/operations.md says, and
# takes photos to a scene through it. The last line is "N passed, N failed"; what is missing for it is said in words.
#
# With a Docker daemon (Engine 20.10 or newer, Compose 2.20 or newer): builds and starts the project spaceport-test beside
# whatever else runs there, and removes it at the end. PIP_EXTRA_INDEX_URL may name PyTorch's index of CPU builds.
#   --own-daemon             without one, as root on Debian: starts Debian's own in namespaces of its own, with stand-ins
#                            for base images and for those of others (own-daemon.sh, own-images.sh)
#   COMPOSE_TEST_WORK=DIR    where that daemon keeps images from one run to the next; else they are removed
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
here=$root/scripts/compose-test

say() { printf '== %s\n' "$*" >&2; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

work=${COMPOSE_TEST_WORK:-$(mktemp -d)}
mkdir -p "$work"
work=$(realpath "$work")
for part in engine stack checks; do . "$here/$part.sh"; done

clean_up() {
  local status=$?
  set +e
  stop_stack
  stop_engine
  [ -n "${COMPOSE_TEST_WORK:-}" ] || rm -rf "$work"
  return "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

find_engine "$@"
start_stack
run_checks
