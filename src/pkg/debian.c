/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/debian.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cancel.h"
#include "pkg/apt.h"
#include "pkg/closure.h"

const struct arch *debian_arch(const char *name)
{
	const struct arch *arch = arch_find(name);

	return arch && arch->debian ? arch : NULL;
}

const char *debian_suite(const struct arch *arch)
{
	return arch->debian_since ? arch->debian_since : pkg_suites[0];
}

void debian_names(const struct strv *packages, const struct arch *arch, struct strv *ret)
{
	const char *name;

	STRV_FOREACH (name, packages) {
		char *full = pkg_package_name(name, arch);

		if (full)
			strv_take(ret, full);
	}
}

static int check_suite(const char *suite, const struct arch *arch, struct werr **err)
{
	const char *since = debian_suite(arch);
	int r;

	for (size_t i = 0; !str_eq(pkg_suites[i], since); i++)
		if (str_eq(pkg_suites[i], suite)) {
			r = werr_set(err, WERR_UNSUPPORTED, "Debian's %s has no packages for %s",
				suite, arch->debian);
			werr_hint(err, "write suite: %s, or leave it out", since);
			return r;
		}
	return 0;
}

int debian_fetch(const struct apt_suite *suite, const struct strv *names, const char *cache_dir,
	const struct arch *arch, struct apt_files *ret, struct werr **err)
{
	CLEANUP(apt) struct apt *a = NULL;
	int r = check_suite(suite->name, arch, err);

	if (r == 0)
		r = apt_open(&a, cache_dir, suite, arch->debian, err);
	if (r == 0)
		r = apt_fetch_packages(a, names, ret, err);
	if (r < 0)
		werr_wrap(err, "fetch Debian packages (%s, %s)", suite->name, arch->debian);
	return r;
}

int debian_copy(const struct pkg_debian *d, const char *cache_dir, const struct arch *arch,
	struct tree *to, struct records *records, struct werr **err)
{
	CLEANUP(apt_files) struct apt_files files = {0};
	CLEANUP(package_tree) struct package_tree *from = NULL;
	CLEANUP(werr) struct werr *problem = NULL;
	const struct apt_suite suite = {d->suite ? d->suite : debian_suite(arch), d->firmware};
	CLEANUP(strv) struct strv names = {0};
	size_t unmatched = SIZE_MAX;
	int r = package_tree_new(&from, cache_dir, err);

	debian_names(&d->packages, arch, &names);
	if (r == 0 && names.n)
		r = debian_fetch(&suite, &names, cache_dir, arch, &files, err);
	for (size_t i = 0; r == 0 && i < files.n; i++) {
		r = cancel_check(err);
		if (r == 0)
			r = package_tree_add_deb(from, files.items[i].path, err);
	}
	if (r == 0)
		r = package_tree_seal(from, err);
	if (r < 0)
		return r;
	r = closure_copy(from, to, arch, &d->keep, &unmatched, &problem);
	if (r < 0 && unmatched != SIZE_MAX)
		return node_error(err, d->keep_node->items[unmatched], "%s", problem->message);
	werr_pass(err, STEAL(problem));
	if (r == 0)
		records_add_used(records, from);
	return r;
}
