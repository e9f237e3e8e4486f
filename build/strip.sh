#!/bin/sh
# strip.sh LIBRARY COPY: copies a native library without the symbol table that only debuggers read (92 MB of libtorch's).
# The table of the functions that other libraries call is another one and is kept. A library that strip cannot make smaller, or about
# which it prints anything, is copied as it is. Without binutils there is no copy, and the build uses the library itself.
command -v strip >/dev/null 2>&1 || exit 0
mkdir -p "$(dirname "$2")"
copy="$2.$$"
trap 'rm -f "$copy"' EXIT
complaints=$(LC_ALL=C strip --strip-unneeded -o "$copy" "$1" 2>&1)
[ $? = 0 ] && [ -z "$complaints" ] && [ -s "$copy" ] && [ "$(wc -c <"$copy")" -lt "$(wc -c <"$1")" ] || cp "$1" "$copy"
# Two programs may be built at the same time: the rename makes a copy appear whole.
mv -f "$copy" "$2"
