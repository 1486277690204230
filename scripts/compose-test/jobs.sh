# Jobs of the stack under test, each under a name of the test's own. Sourced by main.sh.

# As few photos, and as short a training, as a scene can be recognised in.
PHOTOS=(--photos 12 --width 640 --height 480)
QUICK=maxIterations=400,maxGaussians=5000

synthetic_photos() {
  local rendered=$root/.spaceport/synthetic-photos/compose/photos folder=$work/photos
  "$root/.spaceport/python/bin/python" "$root/local/synthetic-photos/render.py" "$rendered" "${PHOTOS[@]}" \
    --truth "${rendered%/*}/truth.json" >&2
  rm -rf "$folder"
  cp -r "$rendered" "$folder"
  # Names as people give them travel through proxy and signature too.
  mv "$folder/DJI_0001.JPG" "$folder/Über dem Dach (1)+50%.JPG"
  chmod -R a+rX "$folder"
  echo "$folder"
}

begin_job() { # name
  spaceport --volume "$photos:/photos:ro" -- run /photos --email pilot@example.com --preset preview --options "$QUICK" \
    --no-follow >"$work/$1.id" 2>"$work/run.log" || { cat "$work/run.log"; return 1; }
}

id_of() { cat "$work/$1.id"; }

wait_for() { # name, a pattern in what the API says of the job
  local end=$((SECONDS + 1200)) answer
  until answer=$(with_key ask "$SERVER/v1/jobs/$(id_of "$1")") && grep -Eq "$2" <<<"$answer"; do
    if [ "$SECONDS" -ge "$end" ] || grep -Eq "$ENDED" <<<"$answer"; then
      echo "the job $1 does not come to $2: $answer"
      return 1
    fi
    sleep 1
  done
}

# A job that has failed waits for a person to retry it.
ENDED='"state":"(succeeded|failed|cancelled|parked)"'
wait_for_end() { # name
  wait_for "$1" "$ENDED"
  spaceport -- job "$(id_of "$1")" --json >"$work/$1.json"
}

job_says() { # name, expression over the job, wanted
  expect "$2" "$3" \
    "$(node -e "const job = JSON.parse(require('fs').readFileSync(0)); with (job) console.log($2)" <"$work/$1.json")"
}

succeeds() { # name
  wait_for_end "$1"
  node -e "for (const { stage, attempt, status } of JSON.parse(require('fs').readFileSync(0)).attempts)
    console.log(stage, attempt, status)" <"$work/$1.json"
  job_says "$1" state succeeded
}

# Somebody elsewhere opens the scene in a browser; the picture stays in $work.
draws() { # name
  SPACEPORT_KEY=$key "${outside[@]}" nice -n 5 node -r "$root/test/helpers/register-typescript.js" \
    "$root/test/docker/look-at-scene.ts" "$SERVER" "$(id_of "$1")" "$ca" "$pictures/$1.png"
}

wait_until_ready() {
  local end=$((SECONDS + 120))
  until [ "$(status "$SERVER/readyz")" = 200 ]; do
    [ "$SECONDS" -lt "$end" ] || { echo 'the server is not back'; return 1; }
    sleep 1
  done
}
