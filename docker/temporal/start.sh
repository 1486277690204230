#!/bin/sh
# `start.sh`: the server in a container with an address of its own, beside others of its kind. Needs Temporal's own
# temporal-server on PATH, the tables of set-up.sh, and its variables.
set -eu
address=$(hostname -i)
export BIND_ON_IP=0.0.0.0 TEMPORAL_BROADCAST_ADDRESS="${address%% *}"
exec temporal-server --config docker/temporal --env server --allow-no-auth start
