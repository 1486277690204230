# Images for the test's own daemon, under the names that the Dockerfiles and docker-compose.yml give: of Debian's
# packages, of programs that Go builds from the same versions' modules, and of this checkout's Temporal. What they lack is
# in docs/compose.md, "Check". Sourced by engine.sh.

make_own_images() {
  has_image "$PYTHON_IMAGE" || make_base_images
  make_own_image temporal temporal_root --change 'USER temporal' --change 'ENTRYPOINT ["temporal"]'
  make_own_image mailpit mailpit_root --change 'ENTRYPOINT ["/mailpit"]'
  make_own_image proxy caddy_root --change 'ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config'
  make_own_image prometheus prometheus_root --change 'USER nobody' --change 'ENTRYPOINT ["/bin/prometheus"]'
  make_own_image alertmanager alertmanager_root --change 'USER nobody' --change 'ENTRYPOINT ["/bin/alertmanager"]'
}

has_image() { docker image inspect "$1" >/dev/null 2>&1; }

# In one layer with Python lies what set-up has installed, torch for one: pip finds it there, and loads nothing.
make_base_images() {
  say "stand-ins for $NODE_IMAGE and $PYTHON_IMAGE"
  local root=$work/base installed
  rm -rf "$root"
  stand_in_base "$root" "$work"
  tar -C "$root" -c . | docker import - "$NODE_IMAGE" >/dev/null
  without_node_user "$root"
  installed=$(echo "$PWD"/.spaceport/python/lib/python3*/site-packages)
  cp -a --no-clobber --link "$installed/." "$(site_packages_of "$root")/" 2>/dev/null ||
    cp -a --no-clobber "$installed/." "$(site_packages_of "$root")/"
  tar -C "$root" -c . | docker import - "$PYTHON_IMAGE" >/dev/null
  rm -rf "$root"
}

# make_own_image SERVICE FUNCTION [OPTION...]: the image that the service names, of the folder that the function fills.
make_own_image() {
  local image root
  image=$(compose_file_image "$1")
  has_image "$image" && return
  say "a stand-in for $image"
  root=$(mktemp -d "$work/root.XXXXXX")
  "$2" "$root" "${image##*:}" >"$work/$1.log" 2>&1 || fail "no stand-in for $image: $(tail -n 5 "$work/$1.log")"
  tar -C "$root" -c . | docker import "${@:3}" --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' - "$image" >/dev/null
  rm -rf "$root"
}

compose_file_image() { # service
  awk -v service="  $1:" '$0 == service { found = 1 } found && $1 == "image:" { print $2; exit }' docker-compose.yml
}

# A shell and the small programs of Alpine, as in the images that are made of it.
busybox_root() {
  local root=$1 name
  mkdir -p "$root"/{bin,etc,tmp,usr/bin,usr/local/bin,home}
  chmod 1777 "$root/tmp"
  (cd "$work" && rm -f busybox-static_*.deb && apt-get download busybox-static && dpkg-deb -x busybox-static_*.deb busybox)
  cp "$work/busybox/bin/busybox" "$root/bin/busybox"
  for name in $("$root/bin/busybox" --list); do
    [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
  done
  printf '%s\n' root:x:0:0::/root:/bin/sh temporal:x:1000:1000::/home/temporal:/bin/sh nobody:x:65534:65534::/:/bin/false \
    >"$root/etc/passwd"
  printf '%s\n' root:x:0: temporal:x:1000: nobody:x:65534: >"$root/etc/group"
  mkdir -p "$root/etc/ssl/certs"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
}

go_program() { # package@version, folder
  CGO_ENABLED=0 GOBIN=$2 go install -p 2 -trimpath -ldflags '-s -w' "$1"
}

temporal_root() {
  busybox_root "$1"
  cp .spaceport/bin/temporal "$1/usr/local/bin/temporal"
  install -d -o 1000 -g 1000 "$1/home/temporal"
}

mailpit_root() { # root, tag
  busybox_root "$1"
  go_program "github.com/axllent/mailpit@$2" "$1"
}

caddy_root() { # root, tag such as 2.11.9-alpine
  busybox_root "$1"
  go_program "github.com/caddyserver/caddy/v2/cmd/caddy@v${2%%-*}" "$1/usr/bin"
  # As in the published image: it may bind low ports, and does not start where that right is taken away.
  setcap cap_net_bind_service=+ep "$1/usr/bin/caddy"
  mkdir -p "$1/data" "$1/config"
}

# Grafana is no package of Debian's, so that nothing stands in for it.
prometheus_root() { debian_program "$1" prometheus prometheus prometheus; }
alertmanager_root() { debian_program "$1" prometheus-alertmanager prometheus-alertmanager alertmanager; }

# root, package, the program in it, its name in the image; with its C library and templates, and a folder of
# that name for its data.
debian_program() {
  busybox_root "$1"
  (cd "$work" && rm -f "$2"_*.deb && apt-get download "$2" && dpkg-deb -x "$2"_*.deb "$2")
  cp "$work/$2/usr/bin/$3" "$1/bin/$4"
  mkdir -p "$1/usr/share"
  cp -r "$work/$2/usr/share/prometheus" "$1/usr/share/"
  local library
  for library in $(ldd "$1/bin/$4" | grep -o '/lib[^ ]*'); do install -D "$library" "$1$library"; done
  install -d -o nobody "$1/$4"
}
