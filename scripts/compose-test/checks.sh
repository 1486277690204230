# What is expected of the stack, a sentence each. Sourced by main.sh.

run_checks() {
  passed=0 failed=0
  check 'server and S3 answer by HTTPS, with a certificate of this server that others do not trust' answers_by_https
  check 'plain HTTP leads to HTTPS' leads_to_https
  check 'nothing is told and nothing begins without a key' needs_a_key
  check 'the body of a request passes before it is complete' passes_bodies_on
  check 'a public address without key, HTTPS and declared proxy is refused, each by its variable' refuses_to_start
  check 'what is built here does not run as root' runs_as_nobody
  check 'Prometheus hears of server and worker, knows the alerts, and Alertmanager is there' is_observed
  photos=$(synthetic_photos)
  check 'a job of photos that come by HTTPS begins' begins_a_job
  check 'a stream tells of the job while it runs: the proxy holds nothing back' streams_events
  check 'a restart of every service in the middle of a job loses nothing' survives_restarts
  check 'the scene is there, and is saved by HTTPS' saves_the_scene
  check 'a browser elsewhere signs in with the key and draws the scene' draws_the_scene
  check 'the log of the proxy has no link, key or signature, whether a request succeeds or fails' logs_no_secret
  check 'a lost key is replaced, and a changed configuration file reaches its service, by the same two commands' takes_changes
  check 'all of it goes down and comes up again' comes_up_again
  check 'a backup, restored into new volumes, has the scene, and the job that ran meanwhile succeeds' restores_a_backup
  check 'the volumes of the release before are taken over, with its scene and its open job' takes_volumes_over
  print_layers
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}

# A check is a function in a shell of its own, which ends at the first command that fails.
check() { # sentence, function
  local output=$work/$2.log code started=$SECONDS
  # Without ||, which would switch -e off inside.
  set +e
  (set -e; "$2") >"$output" 2>&1
  code=$?
  set -e
  if [ "$code" -eq 0 ]; then
    passed=$((passed + 1))
    say "passed: $1 ($((SECONDS - started)) s)"
    # What was measured.
    sed -n 's/^measured: /   /p' "$output" >&2
  else
    failed=$((failed + 1))
    say "FAILED: $1"
    tail -n 40 "$output" >&2
  fi
}

expect() { # what, wanted, found
  [ "$2" = "$3" ] && return
  echo "$1: $3, not $2"
  return 1
}

answers_by_https() {
  expect server 200 "$(status "$SERVER/readyz")"
  expect 'S3, without a signature' 403 "$(status "$STORAGE/spaceport/jobs/")"
  local code=0
  status --cacert /etc/ssl/certs/ca-certificates.crt "$SERVER/readyz" || code=$?
  expect 'curl that does not trust the CA' 60 "$code"
  ask --head "$SERVER/readyz" | grep -i '^strict-transport-security:'
}

leads_to_https() {
  ask --head "http://$NAME:$HTTP_PORT/jobs?state=parked" | tr -d '\r' |
    grep -i "^location: $SERVER/jobs?state=parked$"
}

needs_a_key() {
  expect 'a list without a key' 401 "$(status "$SERVER/v1/jobs")"
  expect 'a list with another key' 401 "$(status --header 'Authorization: Bearer spk_0123456789' "$SERVER/v1/jobs")"
  local body='{"s3Url":"s3://spaceport/uploads/local/none/","email":"pilot@example.com"}'
  expect 'a start without a key' 401 "$(status --json "$body" "$SERVER/start-job")"
  expect 'a list with the key' 200 "$(with_key status "$SERVER/v1/jobs")"
}

passes_bodies_on() {
  expect 'S3, without a signature' 403 "$("${outside[@]}" node "$here/unfinished-upload.mjs" "$STORAGE/spaceport/x" "$ca")"
}

refuses_to_start() {
  local code=0 output
  output=$(docker compose run --rm --no-deps -e SPACEPORT_PUBLIC_URL="http://$NAME" -e SPACEPORT_TRUST_PROXY=0 \
    -e SPACEPORT_PUBLIC_S3_ENDPOINT="http://$NAME:9000" -e SPACEPORT_ADMIN_KEY_HASH= server 2>&1) || code=$?
  echo "$output"
  expect 'the server' 1 "$code"
  local variable
  for variable in ADMIN_KEY_HASH PUBLIC_URL PUBLIC_S3_ENDPOINT TRUST_PROXY; do
    grep -q "SPACEPORT_$variable: " <<<"$output"
  done
}

begins_a_job() {
  begin_job first
  expect 'a job of that id' 200 "$(with_key status "$SERVER/v1/jobs/$(id_of first)")"
}

streams_events() {
  wait_for first '"step":"(sfm|training)"'
  # It ends by curl's clock; an answer that was held back would have come to nothing by then.
  with_key ask --no-buffer --max-time 10 "$SERVER/v1/jobs/$(id_of first)/events" >"$work/events" 2>&1 || true
  grep '^data: {.*"state":"running"' "$work/events" || { cat "$work/events"; return 1; }
}

runs_as_nobody() {
  local service
  for service in server worker s3 sagemaker; do
    expect "the user of $service" 1000 "$(docker compose exec -T "$service" id -u)"
  done
}

saves_the_scene() {
  mkdir -p "$work/saved" && chmod 777 "$work/saved"
  spaceport --volume "$work/saved:/saved" -- download "$(id_of first)" --output /saved
  find "$work/saved" -type f -size +0 -printf '%f %s\n' | sort | tee "$work/saved.list"
  grep '^scene.sog ' "$work/saved.list"
}

logs_no_secret() {
  local url token
  url=$(with_key ask --json '{"scopes":["view"]}' "$SERVER/v1/jobs/$(id_of first)/shares" |
    sed -n 's/.*"url":"\([^"]*\)".*/\1/p')
  token=${url##*/}
  expect 'a shared link' 200 "$(status "$url")"
  docker compose stop server >/dev/null
  expect 'a shared link, with the server away' 502 "$(status --header "Referer: $url" "$url")"
  docker compose start server >/dev/null
  wait_until_ready
  docker compose logs --no-log-prefix --no-color proxy >"$work/proxy.log"
  grep -c '"uri":"/s/spl_…"' "$work/proxy.log"
  grep '"level":"error"' "$work/proxy.log" | grep -q '"uri":"/s/spl_…"'
  ! grep -E "$token|${key#spk_}|X-Amz-Signature" "$work/proxy.log"
}

# The profile `observe`; without Grafana where nothing stands in for it.
is_observed() {
  local services=(prometheus alertmanager) end=$((SECONDS + 60)) answer=
  [ -n "$own_daemon" ] || services+=(grafana)
  docker compose --profile tls --profile observe up --detach --wait "${services[@]}"
  until [ "$(grep -o '"health":"up"' <<<"$answer" | wc -l)" = 2 ]; do
    [ "$SECONDS" -lt "$end" ] || { echo "$answer"; return 1; }
    sleep 1
    answer=$("${outside[@]}" curl --silent --show-error "$PROMETHEUS/api/v1/targets?state=active")
  done
  "${outside[@]}" curl --silent --show-error "$PROMETHEUS/api/v1/rules" | grep -o '"type":"alerting"' | wc -l | grep -v '^0$'
  "${outside[@]}" curl --silent --show-error "$PROMETHEUS/api/v1/alertmanagers" | grep '"url":"http://alertmanager:9093'
  docker compose --profile observe down --volumes "${services[@]}"
}

draws_the_scene() { draws first; }

print_layers() {
  local image
  for image in $(docker compose --profile tls config --images | sort -u); do
    printf '%s\n' "$image"
    docker history --no-trunc --format '{{.Size}}\t{{.CreatedBy}}' "$image" | grep -v '^0B' | cut -c 1-110 | sed 's/^/  /'
  done
}
