#!/bin/sh
# Makes an API key for the operator of a server. Stdout: the variable of the server, with the key's hash; stderr: the key
# itself, which is shown this once. Anyone who has it may do everything.
set -eu
key=spk_$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
echo "SPACEPORT_ADMIN_KEY_HASH=$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)"
echo "The operator's API key, shown this once: $key" >&2
