#!/bin/sh
# Makes sure that the system has what OpenCV's library links to and a bare system may lack: GTK 3 (which brings X11, cairo,
# pango, FreeType and HarfBuzz along), libdrm and libatomic (which it does not bring everywhere: Debian 13's does not).
# Installs it where it may; otherwise says exactly what to type.
set -eu

needed="libgtk-3.so.0 libdrm.so.2 libatomic.so.1"

missing() {
    for library in $needed; do
        ldconfig -p 2>/dev/null | grep -qF "$library" || ls /usr/lib/*/"$library" /usr/lib/"$library" /usr/lib64/"$library" >/dev/null 2>&1 || printf '%s ' "$library"
    done
}

command -v dotnet >/dev/null 2>&1 || {
    echo "The .NET 10 SDK is not on the PATH; install it (package dotnet-sdk-10.0) and run make again." >&2
    exit 1
}

[ "$(uname -s)" = Linux ] || exit 0
lacking=$(missing)
[ -z "$lacking" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "OpenCV needs ${lacking% }; install your system's packages for it (gtk3, libdrm, libatomic on Fedora; gtk3, libdrm, gcc-libs on Arch) and run make again." >&2
    exit 1
fi

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "OpenCV needs ${lacking% }. Type:  sudo apt-get update && sudo apt-get install -y libgtk-3-0 libdrm2 libatomic1  (Debian 13, Ubuntu 24.04: libgtk-3-0t64 in place of libgtk-3-0), then run make again." >&2
    exit 1
fi

echo "Installing GTK 3, libdrm and libatomic, which OpenCV needs (missing: ${lacking% })."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# Debian 13 and Ubuntu 24.04 renamed the package.
package=$(apt-cache policy libgtk-3-0t64 2>/dev/null | grep -q 'Candidate: [0-9]' && echo libgtk-3-0t64 || echo libgtk-3-0)
$as_root apt-get install -y -qq --no-install-recommends "$package" libdrm2 libatomic1 >/dev/null
lacking=$(missing)
[ -z "$lacking" ] || { echo "$package, libdrm2 and libatomic1 were installed, yet ${lacking% } is not found; run ldconfig, or look at: apt-get install $package libdrm2 libatomic1" >&2; exit 1; }
