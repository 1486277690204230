#!/usr/bin/env bash
# Builds every Dockerfile of this repository and starts each image's programs: `scripts/check-images.sh [IMAGE...]`.
# Prints the layers of each with their sizes, and holds the list of its packages (`npm run sbom`) against what is in it.
#
# With a Docker daemon: docker, and the base images themselves. Without one, as root on Debian: buildah and podman
# (apt-get install podman buildah runc debootstrap), and stand-ins under the base images' names, made of Debian's own
# packages: their Python is Debian's, not the one that the Dockerfiles name.
#   CHECK_SITE_PACKAGES=DIR  an absolute path: a folder of installed Python packages for the stand-in, so that pip finds torch there
#   CHECK_WORK=DIR           where stand-ins and images are kept from one run to the next; else they are removed
# The image for GPUs is not built, since its base holds all of CUDA: gaussian-splatting is built for the CPU,
# from the same Dockerfile.
set -euo pipefail
cd "$(dirname "$0")/.."

ALL=(sfm compression gaussian-splatting product sagemaker temporal)
[ $# -gt 0 ] || set -- "${ALL[@]}"

. scripts/stand-ins/base.sh
GO_IMAGE=$(sed -n 's/^ARG GO_IMAGE=//p' docker/temporal/Dockerfile)
DEBIAN_IMAGE=$(sed -n 's/^ARG DEBIAN_IMAGE=//p' docker/temporal/Dockerfile)

work=${CHECK_WORK:-$(mktemp -d)}
mkdir -p "$work"
tree=$(mktemp -d)
clean_up() {
  rm -rf "$tree"
  [ -n "${CHECK_WORK:-}" ] || rm -rf "$work"
}
trap clean_up EXIT

say() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# --- the two engines: build NAME DOCKERFILE CONTEXT [OPTION...], runner [OPTION...] NAME [WORD...] --------------------

# vfs and runc need no more of the kernel than a container that this may itself run in grants.
storage=(--storage-driver vfs --root "$work/images" --runroot "$work/run")
site_packages=()
[ -z "${CHECK_SITE_PACKAGES:-}" ] || site_packages=(--volume "$CHECK_SITE_PACKAGES:/mnt/site-packages:ro")
if docker info >/dev/null 2>&1; then
  engine=docker
  images=(docker)
  builder=(docker build)
  runner=(docker run --rm)
else
  engine=podman
  images=(podman "${storage[@]}")
  builder=(buildah "${storage[@]}" bud --isolation chroot --network host --pull-never "${site_packages[@]}")
  runner=(podman "${storage[@]}" --runtime runc --cgroup-manager cgroupfs run --rm --network host
    --ulimit nofile=1024:1024 --ulimit nproc=10000:10000 "${site_packages[@]}")
fi
build() { "${builder[@]}" --tag "$1" --file "$2" "${@:4}" "$3" || fail "$1 does not build"; }

# --- stand-ins for the base images ------------------------------------------------------------------------------------

make_stand_ins() {
  if podman "${storage[@]}" image exists "docker.io/library/$PYTHON_IMAGE"; then return; fi
  say "stand-ins for $NODE_IMAGE and $PYTHON_IMAGE"
  stand_in_base "$work/base" "$work"
  echo /mnt/site-packages >"$(site_packages_of "$work/base")/check-images.pth"
  tar -C "$work/base" -c . | podman "${storage[@]}" import --quiet - "docker.io/library/$NODE_IMAGE" >/dev/null
  without_node_user "$work/base"
  tar -C "$work/base" -c . | podman "${storage[@]}" import --quiet - "docker.io/library/$PYTHON_IMAGE" >/dev/null
  rm -rf "$work/base"
}

# Of the image for Temporal: Debian's packages, and with them this machine's Go, which lends it its modules as well.
make_go_stand_ins() {
  if podman "${storage[@]}" image exists "docker.io/library/$GO_IMAGE"; then return; fi
  say "stand-ins for $GO_IMAGE and $DEBIAN_IMAGE"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/base" >"$work/debootstrap.log"
  tar -C "$work/base" -c . | podman "${storage[@]}" import --quiet - "docker.io/library/$DEBIAN_IMAGE" >/dev/null
  cp /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/ca-certificates.crt"
  cp -r "$(go env GOROOT)" "$work/base/usr/local/go"
  tar -C "$work/base" -c . |
    podman "${storage[@]}" import --quiet --change 'ENV PATH=/usr/local/go/bin:/usr/bin:/bin' \
      --change "ENV GOPROXY=$(go env GOPROXY)" - "docker.io/library/$GO_IMAGE" >/dev/null
  rm -rf "$work/base"
}

[ "$engine" = docker ] || make_stand_ins

# --- what is expected of each image -----------------------------------------------------------------------------------

# expect STATUS TEXT [OPTION...] IMAGE [WORD...]: the program ends with the status and says the text.
expect() {
  local status=0 wanted=$1 text=$2 output
  output=$("${runner[@]}" "${@:3}" 2>&1) || status=$?
  [ "$status" -eq "$wanted" ] || fail "status $status, not $wanted: ${*:3}"$'\n'"$output"
  grep -q -- "$text" <<<"$output" || fail "no \"$text\": ${*:3}"$'\n'"$output"
}

# A container program over an empty tree ends with 3 and says why where SageMaker looks for it.
expect_program() {
  local image=$1 message=$2
  rm -rf "${tree:?}"/*
  mkdir -p "$tree/processing/input" "$tree/processing/output" "$tree/input/data" "$tree/output" "$tree/model"
  chmod -R a+rwX "$tree"
  expect 3 SETTINGS_INVALID --volume "$tree:/opt/ml" "$image" "${@:3}"
  grep -q '^SETTINGS_INVALID: ' "$tree/$message" || fail "$image left no reason in /opt/ml/$message"
}

check_processing() {
  build "spaceport-$1" "containers/$1/Dockerfile" containers
  expect_program "spaceport-$1" output/message
}
check_sfm() { check_processing sfm; }
check_compression() { check_processing compression; }

check_gaussian-splatting() {
  build spaceport-gaussian-splatting containers/gaussian-splatting/Dockerfile containers \
    --build-arg "BASE=$PYTHON_IMAGE" --build-arg "BUILD_BASE=$PYTHON_IMAGE" --build-arg CUDA=0
  expect_program spaceport-gaussian-splatting output/failure train
}

check_product() {
  build spaceport-product docker/Dockerfile . --target product
  expect 1 'SPACEPORT_BUCKET' spaceport-product
  expect 1 'SPACEPORT_BUCKET' spaceport-product node dist/workers/main.js
  expect 2 'SPACEPORT_S3_ROOT' spaceport-product node dist/local/s3/main.js
  expect 1 'SPACEPORT_BUCKET' spaceport-product node docker/create-bucket.mjs
  expect 1 'SPACEPORT_BUCKET' spaceport-product node docker/upload.mjs /photos
  expect 1 'SPACEPORT_BUCKET' spaceport-product node docker/worker-polls.mjs
  expect 1 'ECONNREFUSED' spaceport-product node docker/answers.mjs http://127.0.0.1:59999/
  # Temporal's native part loads, and the workflows can be bundled.
  expect 0 'bundled' spaceport-product node -e \
    "require('./dist/workers/workflow-bundle.js').bundleWorkflows('plain').then(() => console.log('bundled'))"
}

check_temporal() {
  local modules=()
  if [ "$engine" = podman ]; then
    make_go_stand_ins
    modules=(--volume "$(go env GOMODCACHE):/root/go/pkg/mod" --volume "$(go env GOCACHE):/root/.cache/go-build")
  fi
  build spaceport-temporal docker/temporal/Dockerfile . "${modules[@]}"
  expect 0 'Server 1\.' spaceport-temporal temporal --version
  expect 0 '1\.31' spaceport-temporal temporal-server --version
  # The programs look for their database, and say that it is not there.
  local nowhere=(--env SQL_HOST=127.0.0.1 --env SQL_PORT=59999 --env SQL_USER=nobody --env SQL_PASSWORD=none)
  expect 1 'connect' "${nowhere[@]}" spaceport-temporal sh docker/temporal/set-up.sh
  expect 1 'connect' "${nowhere[@]}" spaceport-temporal
}

check_sagemaker() {
  build spaceport-sagemaker docker/Dockerfile . --target sagemaker
  expect 1 'SPACEPORT_SAGEMAKER_ROOT' spaceport-sagemaker
  # What the manifest names is there.
  expect 0 'names files' spaceport-sagemaker node -e "
    const { existsSync } = require('fs');
    for (const { cwd, env } of Object.values(require('./docker/images.json')))
      for (const path of [cwd, ...Object.values(env).filter((value) => value.startsWith('/'))])
        if (!existsSync(path)) throw new Error(path + ' is not there');
    console.log('the manifest names files');"
  # Each command of the manifest, as the endpoint starts it.
  local module message
  for module in sfm:output/message compression:output/message gaussian_splatting:output/failure; do
    message=${module#*:}
    expect_program spaceport-sagemaker "$message" sh -c "cd programs && exec python -m spaceport_${module%%:*}"
  done
}

# --- what is asked of all of them -------------------------------------------------------------------------------------

MOST_BYTES_OF_PRODUCT=400000000
# Of the published image of Node, generously: a stand-in has Python besides, so that this is counted in its place.
BYTES_OF_NODE_IMAGE=240000000

print_layers() { # image
  "${images[@]}" history --no-trunc --format '{{.Size}}\t{{.CreatedBy}}' "spaceport-$1" |
    grep -v '^0 \?B' | cut -c 1-110 | sed 's/^/  /'
}

bytes_of() { "${images[@]}" image inspect --format '{{.Size}}' "$1"; }

expect_size() { # image
  local bytes
  bytes=$(bytes_of "spaceport-$1")
  if [ "$engine:$1" = podman:product ]; then bytes=$((bytes - $(bytes_of "$NODE_IMAGE") + BYTES_OF_NODE_IMAGE)); fi
  echo "  $((bytes / 1000000)) MB"
  [ "$1" != product ] || [ "$bytes" -le "$MOST_BYTES_OF_PRODUCT" ] || fail "product is $bytes bytes, more than $MOST_BYTES_OF_PRODUCT"
}

# SageMaker's mounted folders belong to root, so that the programs of machine jobs do too.
expect_user() { # image
  local user=0
  case $1 in product | sagemaker | temporal) user=1000 ;; esac
  expect 0 "^$user\$" --entrypoint id "spaceport-$1" -u
}

# What npm has put into an image is in its list; what the list says of Python is in the image, in that version. (The
# stand-ins' Python holds more, and the list has what the pages were built from besides.)
expect_packages() { # image
  local list=$work/sbom/$1.cdx.json listed missing
  # The packages of programs that Go has built are in the programs themselves (`go version -m`).
  [ "$1" != temporal ] || return 0
  listed=$(sed -n 's/^ *"purl": "\(.*\)",\?$/\1/p' "$list" | sort -u)
  missing=$("${runner[@]}" --entrypoint sh "spaceport-$1" -c "$PACKAGES_OF_NPM" | grep -vxF "$listed" || true)
  [ -z "$missing" ] || fail "not in $list, but in the image:"$'\n'"$missing"
  if grep -q '^pkg:pypi/' <<<"$listed"; then
    missing=$(grep '^pkg:pypi/' <<<"$listed" |
      grep -vxF "$("${runner[@]}" --entrypoint python "spaceport-$1" -c "$PACKAGES_OF_PYTHON")" || true)
    [ -z "$missing" ] || fail "in $list, but not in the image:"$'\n'"$missing"
  fi
  echo "  $(wc -l <<<"$listed") packages, as ${list##*/} lists them"
}
# Each as a package URL, a line each.
PACKAGES_OF_NPM='find /opt -regex ".*/node_modules/\(@[^/]*/\)?[^/]*/package.json" |
  { command -v node >/dev/null && node -e "
    const { readFileSync } = require(\"fs\");
    for (const file of readFileSync(0, \"utf8\").split(\"\\n\").filter(Boolean)) {
      const { name, version } = JSON.parse(readFileSync(file, \"utf8\"));
      console.log(\"pkg:npm/\" + name.replace(\"@\", \"%40\") + \"@\" + version);
    }"; }'
PACKAGES_OF_PYTHON='
import importlib.metadata as metadata, re
for found in metadata.distributions():
    print("pkg:pypi/" + re.sub("[-_.]+", "-", found.metadata["Name"]).lower() + "@" + found.version)'

say 'lists of packages'
nice node scripts/spaceport.mjs sbom "$work/sbom"

for image in "$@"; do
  started=$SECONDS
  say "$image ($engine)"
  ("check_$image" && expect_user "$image" && expect_packages "$image" && print_layers "$image" && expect_size "$image") \
    >"$work/$image.log" 2>&1 || { cat "$work/$image.log" >&2; fail "$image"; }
  sed -n '/^  /p' "$work/$image.log" | tail -n 40
  say "$image: builds and starts ($((SECONDS - started)) s)"
done
