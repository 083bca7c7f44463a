#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# $OUT/crun, static, small, with Debian's C library, libcap and libseccomp from $DEBIAN and crun's own copy of yajl.
set -eu

# The sources are not to be changed.
build=$TMPDIR/build
cp -a "$SOURCES/crun" "$build"
cd "$build"

# A change of one line of crun: FILE, an address of sed, and the s command; it must fit in one place.
change()
{
	before=$(cksum < "src/libcrun/$1")
	sed -i "$2 $3" "src/libcrun/$1"
	[ "$(cksum < "src/libcrun/$1")" != "$before" ] || {
		echo "$1 of crun is not the expected one: $3 changes nothing" >&2
		exit 1
	}
}

# Before it does anything crun copies itself into memory, lest a container write to its file, unless that is on a
# read-only mount. It never looks at the mount when the file is on a tmpfs, as all of an initramfs is: there each file
# has a seal, F_SEAL_SEAL, which means that it will never have others. So to have only that says nothing, and the mount
# is looked at there, too.
change cloned_binary.c '' 's/^\tif (ret >= 0) {$/\tif (ret >= 0 \&\& ret != F_SEAL_SEAL) {/'

# As runc does it, so that a container is the same under both:
# a container without device rules has the default devices only, and not all,
change cgroup-resources.c '/^update_cgroup_v2_resources/,/^}/' 's/if (resources->devices_len)/if (true)/'
# mounts that are made outside are seen in what it binds, unless `rootfsPropagation` says otherwise,
change linux.c '' 's/^    rootfs_propagation = MS_REC | MS_PRIVATE;/    rootfs_propagation = MS_REC | MS_SLAVE;/'
# and a bind is as read-only, nosuid, nodev and noexec as what it shows, unless its options have suid, dev or exec.
change linux.c '/^do_mounts (/,/^}/' 's/^          data = append_mode_if_missing (data, "mode=1755");/&\
          flags |= bind_kept_flags (path, def->mounts[i]);/'
change linux.c '' '/^do_mounts (/i\
bind_kept_flags (const char *path, runtime_spec_schema_defs_mount *m)\
{\
  unsigned long keep = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;\
  struct statfs sfs;\
  size_t i;\
\
  for (i = 0; i < m->options_len; i++)\
    {\
      if (strcmp (m->options[i], "suid") == 0)\
        keep \&= ~(unsigned long) MS_NOSUID;\
      else if (strcmp (m->options[i], "dev") == 0)\
        keep \&= ~(unsigned long) MS_NODEV;\
      else if (strcmp (m->options[i], "exec") == 0)\
        keep \&= ~(unsigned long) MS_NOEXEC;\
    }\
  return statfs (path, \&sfs) == 0 ? (int) (sfs.f_flags \& keep) : 0;\
}\
\
static int'

# What is started in a container later, such as a health check, has no_new_privs where the container has it.
change container.c '/use the configuration from the original config file/,/^    {/' 's/^    {/&\
      if (container->container_def->process->no_new_privileges)\
        process->no_new_privileges = true;\
/'

# --sysroot: the compiler finds the headers and libraries of the architecture there, as it would in /. All is linked
# statically, what configure tries and yajl's programs too: where Debian's dynamic linker is an absolute link, none is
# found below --sysroot. -all-static is libtool's word for it.
export PKG_CONFIG_SYSROOT_DIR="$DEBIAN" PKG_CONFIG_LIBDIR="$DEBIAN/usr/lib/$MULTIARCH/pkgconfig"
export CC="$TRIPLET-gcc --sysroot=$DEBIAN"
CFLAGS="-Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables" \
	LDFLAGS=-static \
	./configure --host="$TRIPLET" --disable-dependency-tracking --disable-maintainer-mode --disable-shared \
	--disable-dl --disable-systemd --disable-criu --enable-embedded-yajl
# Not `make all`, which links thirty tests as well.
make -C libocispec -j "${JOBS:-1}" LDFLAGS=-all-static
make .version git-version.h
make -j "${JOBS:-1}" LDFLAGS="-all-static -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code" crun

"$TRIPLET-strip" --strip-all --remove-section=.comment --remove-section='.note*' crun
mv crun "$OUT"
