/* SPDX-License-Identifier: Apache-2.0 */
/* Where things are in the OS. Paths are relative to its root, without a slash at the beginning. */
#ifndef WHERRY_CONTRACT_PATHS_H
#define WHERRY_CONTRACT_PATHS_H

#include <stddef.h>

#define CONTAINERS_DIR "containers"
#define VOLUMES_DIR    CONTAINERS_DIR "/volumes" /* a directory for each volume, by its name */

/* In the directory of a container, which is an OCI bundle: */
#define BUNDLE_CONFIG  "config.json"
#define BUNDLE_RUNTIME "runtime.json"
#define BUNDLE_ROOT    "rootfs" /* the image's files, or the overlay */
#define BUNDLE_LOWER   "lower"  /* the image's files, below the overlay */
#define BUNDLE_TMP     "tmp"    /* what is above them, in memory */

/* In the directory of a volume: */
#define VOLUME_LOWER  "lower"  /* what it begins with */
#define VOLUME_TMP    "tmp"    /* what is written to it, in memory; absent when it is read-only */
#define VOLUME_MERGED "merged" /* what containers see */

enum container_kind { CONTAINER_ONBOOT, CONTAINER_SERVICE, CONTAINER_ONSHUTDOWN, CONTAINER_KINDS };

/* Where the containers of a kind are: "containers/services". */
const char *contract_dir(enum container_kind kind);
/* The directory of one: "containers/services/nginx"; steps are numbered by their place from 0 in
 * the YAML, "containers/onboot/000-dhcp". Owned by the caller. */
char *contract_bundle(enum container_kind kind, size_t place, const char *name);
/* The name in the last part of that, "000-dhcp": "dhcp". Points into it. */
const char *contract_name(enum container_kind kind, const char *id);

#endif
