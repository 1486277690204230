#!/bin/sh
# `docker/backup.sh FOLDER`: copies all that the stack of docker-compose.yml keeps, and the keys in .env, into a new
# folder. The stack stands still meanwhile, so that database, Temporal and S3 are of one moment; jobs continue
# afterwards, and a machine job that ran is attempted again. `docker/restore.sh FOLDER` is the way back.
set -eu
folder=${1:?which folder? docker/backup.sh FOLDER}
umask 077
mkdir "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")/.."

project=$(docker compose config | sed -n 's/^name: //p')
running=$(docker compose --profile '*' ps --services --status running)
# Started again also where copying fails, for want of space perhaps.
start_again() {
  [ -z "$running" ] || docker compose start $running
}
trap start_again EXIT
docker compose --profile '*' stop
cp .env "$folder/env"
for volume in $(docker volume ls --quiet --filter "label=com.docker.compose.project=$project"); do
  name=$(docker volume inspect --format '{{index .Labels "com.docker.compose.volume"}}' "$volume")
  docker run --rm --network none --user 0 --volume "$volume:/volume:ro" "$project-server" \
    tar -C /volume -c . > "$folder/$name.tar.part"
  mv "$folder/$name.tar.part" "$folder/$name.tar"
  echo "$folder/$name.tar" >&2
done
