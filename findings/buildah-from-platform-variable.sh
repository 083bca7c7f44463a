#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# buildah 1.28.2 (Debian 12): FROM --platform=$BUILDPLATFORM means the platform to build for.
#
# Docker's reference has BUILDPLATFORM as an argument that FROM may use without a declaration: a stage that compiles for
# another platform then runs on this one. buildah does not fill it in there, and silently takes the base image for the
# target. With an image that is there for this platform alone, and --platform linux/arm64:
#     FROM --platform=linux/amd64 localhost/base:1      builds
#     FROM --platform=$BUILDPLATFORM localhost/base:1   "localhost/base:1: image not known"
# When the registry has both, the stage gets the other platform's programs, and RUN needs an emulator or fails with
# "exec format error". Who writes for buildah as well says the platform, or fills it in before.

set -eu
export LC_ALL=C

changed() {
    echo "$0: not as described: $*" >&2
    exit 1
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 120 apt-get -qq -o APT::Sandbox::User=root download buildah=1.28.2+ds1-3+deb12u1+b3 libgpgme11 libassuan0 \
    libdevmapper1.02.1 || exit 2
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu" HOME="$dir"

mkdir context
echo a >context/a
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >policy.json

# build FROM PLATFORM TAG: the last line that it writes.
build() {
    printf 'FROM %s\nCOPY a /\n' "$1" >Dockerfile
    timeout 50 root/usr/bin/buildah --root "$dir/storage" --runroot "$dir/run" --storage-driver vfs \
        --registries-conf /dev/null build --signature-policy policy.json --isolation chroot --pull=never \
        --platform "$2" --tag "$3" --file Dockerfile context 2>&1 | tail -n 1
}

build scratch linux/amd64 localhost/base:1 | grep -qE '^[0-9a-f]{64}$' || exit 2
said=$(build "--platform=linux/amd64 localhost/base:1" linux/arm64 localhost/one:1)
echo "linux/amd64: $said"
echo "$said" | grep -qE '^[0-9a-f]{64}$' || changed "a platform that is said is not heeded"
# shellcheck disable=SC2016
variable=$(build '--platform=$BUILDPLATFORM localhost/base:1' linux/arm64 localhost/two:1)
echo "\$BUILDPLATFORM: $variable"
case $variable in
*"localhost/base:1: image not known"*) ;;
*) changed "BUILDPLATFORM is filled in" ;;
esac
