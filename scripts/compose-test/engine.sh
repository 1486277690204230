# Which Docker the test uses. Sourced by main.sh.

# The words before a program that looks at the stack from outside: none where the daemon's ports are this machine's.
outside=()
own_daemon=

# find_engine [--own-daemon]: afterwards `docker compose` works, or the reasons why not have been said. Where no daemon
# answers, root on Debian gets one for this test alone, also without the option.
find_engine() {
  local option=${1:-} missing=()
  [ -z "$option" ] || [ "$option" = --own-daemon ] || fail "there is no option $option; --own-daemon is the only one"
  if [ "$option" = --own-daemon ] || { ! answers && [ "$(id -u)" -eq 0 ] && [ -e /etc/debian_version ]; }; then
    own_daemon=yes
    . scripts/stand-ins/base.sh
    . "$here/own-daemon.sh"
    . "$here/own-images.sh"
    start_own_daemon
    make_own_images
    return
  fi
  command -v docker >/dev/null || missing+=("the program docker is not installed (https://docs.docker.com/engine/install/)")
  [ ${#missing[@]} -gt 0 ] || answers ||
    missing+=("no Docker daemon answers: start it, or join the group that may ask it (docker info says why)")
  docker compose version >/dev/null 2>&1 || missing+=("the Compose plugin is not installed (docker compose version)")
  [ ${#missing[@]} -eq 0 ] && return
  printf 'Compose cannot be tried here:\n' >&2
  printf '  - %s\n' "${missing[@]}" "as root on Debian a daemon is started for this test alone" >&2
  exit 1
}

answers() { docker info >/dev/null 2>&1; }

stop_engine() { [ -z "$own_daemon" ] || stop_own_daemon; }
