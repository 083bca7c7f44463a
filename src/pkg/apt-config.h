/* SPDX-License-Identifier: Apache-2.0 */
/* What a private folder of apt is configured with. */
#ifndef WHERRY_PKG_APT_CONFIG_H
#define WHERRY_PKG_APT_CONFIG_H

#include <stdbool.h>

#include "base/error.h"

#include "base/str.h"

#define APT_KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

struct apt_mirrors {
	char *main, *security; /* security may be NULL */
	bool guessed;          /* nobody named the one for security */
};
void apt_mirrors_cleanup(struct apt_mirrors *m);

/*
 * From the environment, or else from this machine's own apt; the archive of security updates, when
 * nobody names it, is where mirrors have it: beside the main one.
 */
int apt_find_mirrors(struct apt_mirrors *ret, struct werr **err);
/*
 * From lines "ORIGIN|LABEL|RELEASE|URI": the first of Debian's own and of its security archive are
 * taken for what is not set yet. Before its first update a machine knows no origins; then the
 * release's name decides.
 */
void apt_take_mirrors(const char *lines, struct apt_mirrors *m);
/* The same from lines of `apt-get update --print-uris`: "'URI/dists/RELEASE/InRelease' ...". */
void apt_take_releases(const char *lines, struct apt_mirrors *m);

/*
 * "http://d.test/debian-security" for "http://d.test/debian"; NULL when main has no such part.
 * Owned by the caller.
 */
char *apt_security_beside(const char *main);

/* The file of sources in deb822's form (sources.list(5)); owned by the caller. */
char *apt_sources_text(const struct apt_mirrors *m, const char *suite, bool source);
/* apt.conf for a private folder; acquire: lines of `apt-config dump`, of which those that fit are
 * carried over. */
int apt_config_text(
	const char *dir, const char *arch, const char *acquire, char **ret, struct werr **err);

#endif
