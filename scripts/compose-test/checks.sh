# What is expected of the stack, a sentence each. Sourced by main.sh.

run_checks() {
  passed=0 failed=0
  check 'server and S3 answer by HTTPS, with a certificate of this server that others do not trust' answers_by_https
  check 'plain HTTP leads to HTTPS' leads_to_https
  check 'nothing is told and nothing begins without a key' needs_a_key
  check 'the body of a request passes before it is complete' passes_bodies_on
  check 'a public address without key, HTTPS and declared proxy is refused, each by its variable' refuses_to_start
  photos=$(synthetic_photos)
  check 'a job of photos that come by HTTPS begins' begins_a_job
  check 'a stream tells of the job while it runs: the proxy holds nothing back' streams_events
  check 'a restart of server and worker in the middle of a job loses nothing' survives_a_restart
  check 'the scene is there, and is saved by HTTPS' saves_the_scene
  check 'the log of the proxy has no link, key or signature, whether a request succeeds or fails' logs_no_secret
  print_layers
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}

# A check is a function in a shell of its own, which ends at the first command that fails.
check() { # sentence, function
  local output=$work/check.log code
  # Without ||, which would switch -e off inside.
  set +e
  (set -e; "$2") >"$output" 2>&1
  code=$?
  set -e
  if [ "$code" -eq 0 ]; then
    passed=$((passed + 1))
    say "passed: $1"
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

synthetic_photos() {
  local rendered=$root/.spaceport/synthetic-photos/photos folder=$work/photos
  "$root/.spaceport/python/bin/python" "$root/local/synthetic-photos/render.py" "$rendered" \
    --truth "$root/.spaceport/synthetic-photos/truth.json" >&2
  rm -rf "$folder"
  cp -r "$rendered" "$folder"
  # Names as people give them travel through proxy and signature too.
  mv "$folder/DJI_0001.JPG" "$folder/Über dem Dach (1)+50%.JPG"
  chmod -R a+rX "$folder"
  echo "$folder"
}

begins_a_job() {
  spaceport --volume "$photos:/photos:ro" -- run /photos --email pilot@example.com --preset preview --no-follow \
    >"$work/job" 2>"$work/run.log" || { cat "$work/run.log"; return 1; }
  expect 'a job of that id' 200 "$(with_key status "$SERVER/v1/jobs/$(cat "$work/job")")"
}

streams_events() {
  wait_for '"step":"(sfm|training)"'
  # It ends by curl's clock; an answer that was held back would have come to nothing by then.
  with_key ask --no-buffer --max-time 10 "$SERVER/v1/jobs/$(cat "$work/job")/events" >"$work/events" 2>&1 || true
  grep '^data: {.*"state":"running"' "$work/events" || { cat "$work/events"; return 1; }
}

survives_a_restart() {
  wait_for '"step":"training"'
  docker compose restart server worker
  wait_until_ready
  wait_for_end
  spaceport -- job "$(cat "$work/job")" --json >"$work/job.json"
  job_says state succeeded
  job_says "attempts.map((attempt) => attempt.stage + attempt.attempt).join()" sfm1,training1,compression1
}

saves_the_scene() {
  mkdir -p "$work/saved" && chmod 777 "$work/saved"
  spaceport --volume "$work/saved:/saved" -- download "$(cat "$work/job")" --output /saved
  find "$work/saved" -type f -size +0 -printf '%f %s\n' | sort | tee "$work/saved.list"
  grep '^scene.sog ' "$work/saved.list"
}

logs_no_secret() {
  local url token
  url=$(with_key ask --json '{"scopes":["view"]}' "$SERVER/v1/jobs/$(cat "$work/job")/shares" |
    sed -n 's/.*"url":"\([^"]*\)".*/\1/p')
  token=${url##*/}
  expect 'a shared link' 200 "$(status "$url")"
  docker compose stop server >/dev/null
  expect 'a shared link, with the server away' 502 "$(status --header "Referer: $url" "$url")"
  docker compose start server >/dev/null
  wait_until_ready
  docker compose logs --no-log-prefix --no-color proxy >"$work/proxy.log"
  grep -c '/v1/shared/spl_…' "$work/proxy.log"
  grep '"level":"error"' "$work/proxy.log" | grep -q '/v1/shared/spl_…'
  ! grep -E "$token|${key#spk_}|X-Amz-Signature" "$work/proxy.log"
}

wait_until_ready() {
  local end=$((SECONDS + 120))
  until [ "$(status "$SERVER/readyz")" = 200 ]; do
    [ "$SECONDS" -lt "$end" ] || { echo 'the server is not back'; return 1; }
    sleep 1
  done
}

wait_for() { # a pattern in what the API says of the job
  local end=$((SECONDS + 1800))
  until with_key ask "$SERVER/v1/jobs/$(cat "$work/job")" | grep -Eq "$1"; do
    [ "$SECONDS" -lt "$end" ] || { echo "the job does not come to $1"; return 1; }
    sleep 1
  done
}

# A job that has failed waits for a person to retry it.
wait_for_end() { wait_for '"state":"(succeeded|failed|cancelled|parked)"'; }

job_says() { # expression over the job, wanted
  expect "$1" "$2" "$(node -e "const job = JSON.parse(require('fs').readFileSync(0)); with (job) console.log($1)" <"$work/job.json")"
}

print_layers() {
  local image
  for image in $(docker compose --profile tls config --images | sort -u); do
    printf '%s\n' "$image"
    docker history --no-trunc --format '{{.Size}}\t{{.CreatedBy}}' "$image" | grep -v '^0B' | cut -c 1-110 | sed 's/^/  /'
  done
}
