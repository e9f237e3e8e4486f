#!/bin/sh
# Makes sure that the system has what the native libraries need: GTK 3, which OpenCV's library links to.
# Installs it where it may; otherwise says exactly what to type.
set -eu

has_gtk() {
    ldconfig -p 2>/dev/null | grep -q 'libgtk-3\.so\.0' || ls /usr/lib/*/libgtk-3.so.0 /usr/lib/libgtk-3.so.0 /usr/lib64/libgtk-3.so.0 >/dev/null 2>&1
}

command -v dotnet >/dev/null 2>&1 || {
    echo "The .NET 10 SDK is not on the PATH; install it (package dotnet-sdk-10.0) and run make again." >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || exit 0
has_gtk && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "OpenCV needs GTK 3 (libgtk-3.so.0); install your system's package for it (gtk3 on Fedora and Arch) and run make again." >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "OpenCV needs GTK 3. Type:  sudo apt-get update && sudo apt-get install -y libgtk-3-0  (Debian 13, Ubuntu 24.04: libgtk-3-0t64), then run make again." >&2
    exit 1
fi

echo "Installing GTK 3, which OpenCV needs."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# Debian 13 and Ubuntu 24.04 renamed the package.
package=$(apt-cache policy libgtk-3-0t64 2>/dev/null | grep -q 'Candidate: [0-9]' && echo libgtk-3-0t64 || echo libgtk-3-0)
$as_root apt-get install -y -qq --no-install-recommends "$package" >/dev/null
has_gtk || { echo "GTK 3 was installed as $package, yet libgtk-3.so.0 is not found; run ldconfig, or look at: apt-get install $package" >&2; exit 1; }
