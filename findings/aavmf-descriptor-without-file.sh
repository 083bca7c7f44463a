#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# qemu-efi-aarch64 2022.11-6+deb12u2 (Debian 12): a firmware descriptor names a file that the package does not have.
#
# 50-edk2-aarch64-secure.json is for Secure Boot without keys, as one needs to boot what is signed with a key of one's
# own. The firmware that it names is not there:
#     /usr/share/AAVMF/AAVMF_CODE.secboot.fd
# AAVMF_CODE.fd is the one to take: the descriptor with Microsoft's keys names AAVMF_CODE.ms.fd, which is a link to it.
# The template of variables, AAVMF_VARS.fd, is there, but has nothing but zeros, and no header of a variable store.
#
# What chooses firmware by descriptors (docs/interop/firmware.json of QEMU) must skip those whose files are missing,
# and what adds keys to a template must begin a store where there is none.

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
timeout 120 apt-get -qq -o APT::Sandbox::User=root download qemu-efi-aarch64=2022.11-6+deb12u2 || exit 2
dpkg -x ./*.deb root

named=$(sed -n 's/.*"filename": "\(.*\)".*/\1/p' root/usr/share/qemu/firmware/50-edk2-aarch64-secure.json)
for file in $named; do
    if [ -e "root$file" ]; then echo "$file"; else echo "$file: not there"; fi
done
[ "$named" = "/usr/share/AAVMF/AAVMF_CODE.secboot.fd
/usr/share/AAVMF/AAVMF_VARS.fd" ] || changed "the descriptor names other files"
[ ! -e root/usr/share/AAVMF/AAVMF_CODE.secboot.fd ] || changed "AAVMF_CODE.secboot.fd is there"

cd root/usr/share/AAVMF
[ "$(readlink AAVMF_CODE.ms.fd)" = AAVMF_CODE.fd ] || changed "AAVMF_CODE.ms.fd is no link to AAVMF_CODE.fd"
[ "$(tr -d '\0' <AAVMF_VARS.fd | wc -c)" = 0 ] || changed "AAVMF_VARS.fd has a variable store"
echo "as described: the firmware is missing, and the variables are zeros"
