/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian packages by apt's own tools, in a private directory: this machine's package state is not
 * changed, and nothing of it is read except the mirror, the proxy and Acquire::Check-*. apt checks
 * the signatures of what it fetches.
 */
#ifndef WHERRY_PKG_APT_H
#define WHERRY_PKG_APT_H

#include <stdbool.h>
#include <stdint.h>

#include "hash/sha256.h"
#include "base/str.h"

/*
 * From now on nothing is fetched, as with WHERRY_OFFLINE. Not while another thread uses this.
 */
void apt_go_offline(void);

/* A release of Debian ("bookworm"), of which main is used. */
struct apt_suite {
	const char *name;
	bool firmware; /* and non-free-firmware */
};

/* The private directory of one suite and architecture, locked for this process. */
struct apt;

/*
 * What is fetched: .deb files for an architecture ("amd64"), or source packages.
 */
#define APT_SOURCE "source"

/*
 * Create or open the directory below cache_dir. The package index is fetched when it is older than
 * a day, unless WHERRY_OFFLINE is set. The mirrors are this machine's, or WHERRY_DEBIAN_MIRROR and
 * WHERRY_DEBIAN_SECURITY_MIRROR.
 */
int apt_open(struct apt **ret, const char *cache_dir, const struct apt_suite *suite,
	const char *arch, struct werr **err);
void apt_free(struct apt *a);
DEFINE_CLEANUP(struct apt *, apt_free, apt)

struct apt_file {
	char *name; /* libc6_2.36-9+deb12u10_amd64.deb */
	char *path; /* its path on this machine */
	uint64_t size;
	char sha256[SHA256_HEX + 1];
};
struct apt_files {
	struct apt_file *items;
	size_t n, cap;
};
void apt_files_cleanup(struct apt_files *f);

/* Fetch the packages and all that they depend on, unless they have been fetched before. */
int apt_fetch_packages(
	struct apt *a, const struct strv *packages, struct apt_files *ret, struct werr **err);
/* Fetch the upstream tarballs of a source package (APT_SOURCE), or all of its files. */
int apt_fetch_source(
	struct apt *a, const char *package, bool whole, struct apt_files *ret, struct werr **err);

/* ---- apt-files.c ---- */

/*
 * Parse lines of `apt-get --print-uris`, sorted by name; other lines are skipped. dir: where the
 * files will be.
 */
int apt_parse_uris(const char *text, const char *dir, struct apt_files *ret, struct werr **err);
/* Whether the file exists and has the hash that the signed index names. */
bool apt_file_is_whole(const struct apt_file *f);
/* Whether all of them do. Broken files are removed, so that apt fetches them again. */
bool apt_files_are_whole(const struct apt_files *files);

#endif
