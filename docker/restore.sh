#!/bin/sh
# `docker/restore.sh FOLDER`: fills new volumes with what docker/backup.sh has copied, on this server or on another one,
# and puts .env back. Nothing that is there is overwritten. Afterwards `docker compose up --build --detach --wait`.
set -eu
folder=$(cd "${1:?which folder? docker/restore.sh FOLDER}" && pwd)
cd "$(dirname "$0")/.."
fail() { echo "docker/restore.sh: $1" >&2; exit 1; }

[ -e "$folder/env" ] && [ -e "$folder/s3.tar" ] || fail "$folder has no backup of docker/backup.sh"
if [ -e .env ]; then
  cmp -s .env "$folder/env" || fail ".env here is another than that of the backup: move it away first"
else
  (umask 077 && cp "$folder/env" .env)
fi
project=$(docker compose config | sed -n 's/^name: //p')
for file in "$folder"/*.tar; do
  volume=${project}_$(basename "$file" .tar)
  if docker volume inspect "$volume" > /dev/null 2>&1; then
    fail "the volume $volume is there: \"docker compose --profile '*' down --volumes\" erases it, with every job of this server"
  fi
done
docker compose build server
for file in "$folder"/*.tar; do
  name=$(basename "$file" .tar)
  # With the labels of Compose, which takes it for its own then.
  docker volume create --label "com.docker.compose.project=$project" --label "com.docker.compose.volume=$name" \
    "${project}_$name" > /dev/null
  docker run --rm --interactive --network none --user 0 --volume "${project}_$name:/volume" "$project-server" \
    tar -C /volume -x --numeric-owner --preserve-permissions < "$file"
  echo "${project}_$name" >&2
done
