#!/bin/sh
# bare-chroot.sh MODEL.onnx IMAGE...: runs examples/console, published with its own .NET, in a bare Debian 13 and on this system, and compares the answers.
# Needs root, debootstrap, and the packages of "make packages".
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$folder/system/proc"
    rm -rf --one-file-system "$folder"
}
trap cleanup EXIT
debootstrap --variant=minbase trixie "$folder/system" >/dev/null
dotnet publish "$root/examples/console" -r linux-x64 --self-contained -o "$folder/system/program" -v quiet --nologo
mkdir "$folder/system/images"
cp "$1" "$folder/system/model.onnx"
shift
cp "$@" "$folder/system/images/"
mount --bind /proc "$folder/system/proc" && mounted=yes
cd "$folder/system/images"
"$folder/system/program/console" ../model.onnx ./* >"$folder/here" 2>&1 || [ $? = 3 ]
chroot "$folder/system" sh -c 'cd /images && ../program/console ../model.onnx ./*' >"$folder/there" 2>&1 || [ $? = 3 ]
cmp "$folder/here" "$folder/there"
echo "$(wc -l <"$folder/there") answers are the same"
