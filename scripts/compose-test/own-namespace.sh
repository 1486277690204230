#!/usr/bin/env bash
# Runs inside the namespaces of the test's own daemon: `own-namespace.sh FOLDER`. Writes FOLDER/pid, waits for
# FOLDER/connected, and becomes dockerd with its data in FOLDER/data and its socket in FOLDER/docker.sock.
set -euo pipefail
folder=$1
ip link set lo up
# The daemon's files below /run are seen by nobody else, and end with it.
mount -t tmpfs none /run
echo $$ >"$folder/pid"
until [ -e "$folder/connected" ]; do sleep 0.1; done
exec dockerd --data-root "$folder/data" --exec-root /run/docker --pidfile /run/docker.pid \
  --host "unix://$folder/docker.sock" --log-level warn
