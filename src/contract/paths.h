/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are in the OS. Paths are relative to its root and do not begin with a slash. */
#ifndef WHERRY_CONTRACT_PATHS_H
#define WHERRY_CONTRACT_PATHS_H

#include <stddef.h>

#define CONTAINERS_DIR "containers"
#define VOLUMES_DIR    CONTAINERS_DIR "/volumes" /* one directory per volume, with its name */

/* PID 1, and the same file by the name that it starts itself by: no other init has that. */
#define INIT_PROGRAM       "init"
#define SUPERVISOR_PROGRAM "sbin/wherry-supervisor"
#define MODPROBE_PROGRAM   "sbin/modprobe" /* the kernel calls it for what it misses */
#define MODULES_DIR        "lib/modules"   /* one directory per kernel, with its release */

#define OS_RELEASE    "etc/os-release" /* the build writes it, but not with --compat */
#define OS_RELEASE_ID "wherry"         /* what ID is there */

/* In the directory of a container, which is an OCI bundle: */
#define BUNDLE_CONFIG  "config.json"
#define BUNDLE_RUNTIME "runtime.json"
#define BUNDLE_ROOT    "rootfs" /* the image's files, or the overlay that is mounted there */
#define BUNDLE_LOWER   "lower"  /* the image's files, under the overlay */
#define BUNDLE_TMP     "tmp"    /* the overlay's upper layer, in memory */

/* In the directory of a volume: */
#define VOLUME_LOWER  "lower"  /* the initial content */
#define VOLUME_TMP    "tmp"    /* what is written, in memory; absent in a read-only volume */
#define VOLUME_MERGED "merged" /* what containers see */

enum container_kind { CONTAINER_ONBOOT, CONTAINER_SERVICE, CONTAINER_ONSHUTDOWN, CONTAINER_KINDS };

/* The directory with the containers of a kind: "containers/services". */
const char *contract_dir(enum container_kind kind);
/*
 * The directory of one container: "containers/services/nginx". Steps are numbered in the order of
 * the YAML, from 0: "containers/onboot/000-dhcp". Owned by the caller.
 */
char *contract_bundle(enum container_kind kind, size_t place, const char *name);
/* The name of the container whose directory ends in id: "dhcp" for "000-dhcp". Points into id. */
const char *contract_name(enum container_kind kind, const char *id);

#endif
