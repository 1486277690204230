#!/usr/bin/env bash
# `npm run test:compose`: brings the whole of docker-compose.yml up with HTTPS and keys, as docs/operations.md says, and
# takes photos to a scene in a browser through it; restarts, backup and restore, and the volumes of the release before
# are tried on the way (checks.sh has the list). The last line is "N passed, N failed"; what is missing for it is said
# in words.
#
# With a Docker daemon (Engine 20.10 or newer, Compose 2.20 or newer): builds and starts the project spaceport-test beside
# whatever else runs there, and removes it at the end. PIP_EXTRA_INDEX_URL may name PyTorch's index of CPU builds.
# Without one, as root on Debian: starts Debian's own in namespaces of its own, with stand-ins for base images and for
# those of others (own-daemon.sh, own-images.sh).
#   --own-daemon             the latter, also where another daemon answers
#   COMPOSE_TEST_WORK=DIR    where that daemon keeps images from one run to the next; else they are removed
#   COMPOSE_TEST_PICTURES=DIR  where the pictures of the scenes in the browser go
#   COMPOSE_TEST_BEFORE=REV  the version whose volumes are taken over (durability.sh)
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
here=$root/scripts/compose-test

say() { printf '== %s\n' "$*" >&2; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

work=${COMPOSE_TEST_WORK:-$(mktemp -d)}
pictures=${COMPOSE_TEST_PICTURES:-$work/pictures}
mkdir -p "$work" "$pictures"
work=$(realpath "$work")
pictures=$(realpath "$pictures")
for part in engine stack jobs checks durability; do . "$here/$part.sh"; done

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
