#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From Debian's packages in $DEBIAN: what is in $OUT, see build.yml.
set -eu

cd "$DEBIAN/usr"
cp lib/raspi-firmware/bootcode.bin lib/raspi-firmware/start.elf lib/raspi-firmware/fixup.dat "$OUT"
cp share/doc/raspi-firmware/copyright "$OUT/LICENCE.broadcom"
cp lib/linux-image-*/broadcom/bcm2837-rpi-3-*.dtb "$OUT"
chmod 0644 "$OUT"/*
