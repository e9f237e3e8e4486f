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

echo "Installing GTK 3, libdrm and libatomic, which OpenCV needs (missing: ${lacking% })."
# Debian 13 and Ubuntu 24.04 renamed the first package.
sh "$(dirname "$0")/install.sh" 'libgtk-3-0t64|libgtk-3-0' libdrm2 libatomic1 || exit 1
lacking=$(missing)
[ -z "$lacking" ] || { echo "The packages were installed, yet ${lacking% } is not found; run ldconfig, or look at: apt-get install libgtk-3-0 libdrm2 libatomic1" >&2; exit 1; }
