# What outlasts restarts, a lost server and an upgrade. Sourced by main.sh.

# Those of the profile that runs; `bucket` and `register` end by themselves.
SERVICES=(temporal s3 mailpit sagemaker worker server proxy)

# All at once, as when the server is switched off: the machine job that runs is lost with them.
survives_restarts() {
  wait_for first '"step":"(training|compression)"'
  docker compose restart "${SERVICES[@]}"
  wait_until_ready
  # Otherwise it was not this that it has survived.
  with_key ask "$SERVER/v1/jobs/$(id_of first)" | grep -E '"state":"(queued|running|waiting)"'
  succeeds first
  job_says first "attempts.filter(({ status }) => status === 'Completed').map(({ stage }) => stage).join()" \
    sfm,training,compression
  expect 'mails of the end' 1 "$("${outside[@]}" curl --silent --show-error "$MAILPIT/api/v1/search?query=ready" |
    node -p 'JSON.parse(require("fs").readFileSync(0)).messages_count')"
}

comes_up_again() {
  docker compose --profile '*' down
  local started=$SECONDS
  docker compose --profile tls up --build --detach --wait
  echo "measured: $((SECONDS - started)) s from start to ready, load $(cut -d ' ' -f 1 /proc/loadavg) on $(nproc) cores"
  wait_until_ready
}

# A key that was lost, and a file that is mounted: an upgrade puts it in place of the one before, as git does.
takes_changes() {
  local old=$key
  cp .env "$work/env"
  sed -i '/^SPACEPORT_ADMIN_KEY_HASH=/d' .env
  sed '$a # changed' docker/Caddyfile >"$work/Caddyfile"
  mv "$work/Caddyfile" docker/Caddyfile
  bring_up
  docker compose exec -T proxy grep -x '# changed' /etc/caddy/Caddyfile
  expect 'a list with the new key' 200 "$(with_key status "$SERVER/v1/jobs")"
  key=$old
  expect 'a list with the lost key' 401 "$(with_key status "$SERVER/v1/jobs")"
  mv "$work/env" .env
}

restores_a_backup() {
  local folder=$work/backup
  begin_job second
  wait_for second '"step":"(training|compression)"'
  rm -rf "$folder"
  docker/backup.sh "$folder"
  wait_until_ready
  docker compose --profile '*' down --volumes
  rm .env
  docker/restore.sh "$folder"
  docker compose --profile tls up --build --detach --wait
  du -sh "$folder" | sed 's/^/measured: backup of /'
  rm -rf "$folder"
  draws first
  succeeds second
}

# The newest release before this checkout; while there is none, the first commit whose compose stack came to a scene,
# so that its volumes are the oldest that anybody can have. COMPOSE_TEST_BEFORE names another.
FIRST_WITH_SCENES=8f4796be131f98164e13f4978a039d6eef0cf595
revision_before() {
  local release
  release=$(git -C "$root" describe --tags --abbrev=0 --match 'v[0-9]*' HEAD^ 2>/dev/null) || release=$FIRST_WITH_SCENES
  echo "${COMPOSE_TEST_BEFORE:-$release}"
}

takes_volumes_over() {
  local before
  before=$(revision_before)
  git -C "$root" cat-file -e "$before^{commit}" || { echo "no commit $before here: a clone with its history is needed"; return 1; }
  docker compose --profile '*' down --volumes
  rm .env
  lay_checkout git -C "$root" archive "$before"
  bring_up
  begin_job before
  wait_for before '"step":"(training|compression)"'
  # It is open for as long as the upgrade takes.
  begin_job open
  spaceport -- pause "$(id_of open)"
  succeeds before
  wait_for open '"state":"waiting"'
  # As operations.md says: the new files, and the same two commands.
  lay_checkout pack_this_checkout
  bring_up
  echo "measured: from $before"
  draws before
  spaceport -- resume "$(id_of open)"
  succeeds open
  draws open
}
