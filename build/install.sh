#!/bin/sh
# Installs Debian packages where it may: `install.sh NAME…`, where A|B is the first of both that the system knows. Otherwise prints the command to type.
set -eu

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    as_root=none
fi

if [ "$as_root" = none ] || ! command -v apt-get >/dev/null 2>&1; then
    names=$(for name in "$@"; do printf '%s ' "${name##*|}"; done)
    echo "Type:  sudo apt-get update && sudo apt-get install -y ${names% }  (or your system's packages for it), then run make again." >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
chosen=""
for name in "$@"; do
    first=${name%%|*}
    if [ "$first" != "$name" ] && ! apt-cache policy "$first" 2>/dev/null | grep -q 'Candidate: [0-9]'; then
        first=${name#*|}
    fi
    chosen="$chosen $first"
done
# shellcheck disable=SC2086 # Several names.
$as_root apt-get install -y -qq --no-install-recommends $chosen >/dev/null
