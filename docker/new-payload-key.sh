#!/bin/sh
# Prints a new key for SPACEPORT_PAYLOAD_KEYS, ID:KEY, named after the moment. docs/operations.md says how to replace one.
set -eu
echo "$(date -u +%Y%m%d-%H%M%S):$(od -An -N 32 -tx1 /dev/urandom | tr -d ' \n')"
