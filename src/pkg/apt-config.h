/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of a private directory for apt. */
#ifndef WHERRY_PKG_APT_CONFIG_H
#define WHERRY_PKG_APT_CONFIG_H

#include <stdbool.h>

#include "base/error.h"

#include "base/str.h"
#include "pkg/apt.h"

#define APT_KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

/* For questions that apt answers without a network: against hangs, not busy machines. */
enum { APT_ASK_TIMEOUT = 10 * 60 }; /* seconds */

struct apt_mirrors {
	char *main, *security; /* security may be NULL */
	bool guessed;          /* security was not named but guessed */
	bool no_updates;       /* of the release alone */
};
void apt_mirrors_cleanup(struct apt_mirrors *m);

/*
 * Find the mirrors in the environment, or else in the configuration of this machine's apt. When the
 * archive of security updates is not named, it is guessed where mirrors have it: beside the main
 * one. When it is named "none", there are no updates at all.
 */
int apt_find_mirrors(struct apt_mirrors *ret, struct werr **err);
/*
 * Take what is not set yet from lines "ORIGIN|LABEL|RELEASE|URI": the first line of Debian's main
 * and of its security archive. Before its first update a machine does not know origins; then the
 * release's name decides.
 */
void apt_take_mirrors(const char *lines, struct apt_mirrors *m);
/* The same from lines of `apt-get update --print-uris`: "'URI/dists/RELEASE/InRelease' ...". */
void apt_take_releases(const char *lines, struct apt_mirrors *m);

/*
 * "http://d.test/debian-security" for "http://d.test/debian"; NULL when main does not end like
 * that. Owned by the caller.
 */
char *apt_security_beside(const char *main);

/* The text of a deb822 file of sources (sources.list(5)); owned by the caller. */
char *apt_sources_text(const struct apt_mirrors *m, const struct apt_suite *suite, bool source);
/*
 * The text of apt.conf for a private directory. acquire: lines of `apt-config dump`, of which the
 * relevant ones are taken over.
 */
int apt_config_text(
	const char *dir, const char *arch, const char *acquire, char **ret, struct werr **err);

#endif
