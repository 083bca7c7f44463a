#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Linux 6.1 (Debian 12: user-mode-linux 6.1um4), ext4: after a power cut during an online resize, the next mount
# replays the journal, and then refuses to grow the file system further, and marks it as one with errors.
#
# When the end of the growth is in the journal alone, ext4 has counted its groups from the old superblock before it
# replays the journal, and knows fewer of them than the new superblock says. `mount` and `resize2fs` then say
#     EXT4-fs (ubda): recovery complete
#     EXT4-fs error (device ubda): ext4_get_group_desc:276: comm resize2fs: block_group >= groups_count - ...
#     resize2fs: Structure needs cleaning While checking for on-line resizing support
# From then on the state is "clean with errors", with which no online resize is allowed. e2fsck finds nothing wrong
# with the same disk, and a second mount before the resize is enough: it counts what is there.
#
# A machine that grows its data at each boot, as cloud images do, and loses its power in the middle of that, stays as
# small as it was until somebody runs fsck. Mount and unmount once, or run e2fsck -p, before resize2fs.

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
command -v python3 >/dev/null || exit 2
timeout 300 apt-get -qq -o APT::Sandbox::User=root download user-mode-linux=6.1um4+b13 \
    busybox-static=1:1.35.0-4+deb12u1+b1 e2fsprogs=1.47.0-2+b2 libext2fs2=1.47.0-2+b2 libcom-err2=1.47.0-2+b2 \
    libss2=1.47.0-2+b2 || exit 2
timeout 300 apt-get -qq -o APT::Sandbox::User=root download libblkid1/bookworm libuuid1/bookworm libc6/bookworm ||
    exit 2
for package in *.deb; do
    dpkg -x "$package" root
done
tool() {
    LD_LIBRARY_PATH=root/lib/x86_64-linux-gnu:root/usr/lib/x86_64-linux-gnu timeout 60 "root/sbin/$@"
}

# An ext4 of 24 MiB in whose journal is what makes it one of 40. What lies behind its old end is there already.
tool mke2fs -q -t ext4 -b 1024 disk 24M
cp disk grown
truncate -s 40M disk grown
tool resize2fs grown >/dev/null 2>&1
python3 - <<'END' >commands
numbers = []
with open("disk", "r+b") as f, open("grown", "rb") as g, open("blocks", "wb") as journal:
    for n in range(40 << 10):
        content = g.read(1024)
        if f.read(1024) == content:
            continue
        if n >= 24 << 10:
            f.seek(n * 1024)
            f.write(content)
        else:
            journal.write(content)
            numbers.append(str(n))
print("jo\njw -b %s blocks\njc" % ",".join(numbers))
END
tool debugfs -w -f commands disk >/dev/null 2>&1
cp disk checked
tool e2fsck -E journal_only -p checked >/dev/null 2>&1 || [ $? = 1 ] || changed "e2fsck can't replay the journal"
tool e2fsck -f -n checked >/dev/null 2>&1 || changed "e2fsck finds something wrong"
truncate -s 64M disk
cp disk again

# In a kernel that is a process: grow the disk to its 64 MiB, after as many mounts as the kernel's word `mounts` says.
mkdir -p root/dev root/proc root/mnt
cat >root/go <<'END'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t ext4 /dev/ubda /mnt
if [ "$mounts" = 2 ]; then
    /bin/busybox umount /mnt
    /bin/busybox mount -t ext4 /dev/ubda /mnt
fi
/sbin/resize2fs /dev/ubda
/bin/busybox umount /mnt
/bin/busybox poweroff -f
END
chmod +x root/go
grow() {
    TMPDIR=$dir timeout 60 root/usr/bin/linux.uml mem=128M "ubda=$1" root=/dev/root rootfstype=hostfs \
        "rootflags=$dir/root" rw init=/go "mounts=$2" con=null con0=fd:0,fd:1 </dev/null >"$1.said" 2>&1 || exit 2
    grep -E 'EXT4-fs.*(error|recovery)|resize2fs: ' "$1.said" || :
    tool dumpe2fs -h "$1" 2>/dev/null | grep -E 'state|Block count'
}

echo "mounted once:"
grow disk 1 >once
cat once
grep -q 'recovery complete' once || changed "the journal was not replayed"
grep -q 'block_group >= groups_count' once || changed "it grows"
grep -q 'clean with errors' once || changed "it is not marked"
echo "mounted twice:"
grow again 2 >twice
cat twice
grep -q 'Block count: *65536' twice || changed "it does not grow after a second mount either"
echo "as described: what the first mount has replayed, only the second one counts"
