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

static void list_names(const struct strv *packages, const struct arch *arch, struct strv *ret)
{
	const char *name;

	STRV_FOREACH (name, packages) {
		const char *at = strstr(name, PKG_DEBIAN_ARCH);

		if (at)
			strv_addf(ret, "%.*s%s%s", (int)(at - name), name, arch->debian,
				at + strlen(PKG_DEBIAN_ARCH));
		else
			strv_add(ret, name);
	}
}

int debian_fetch(const struct apt_suite *suite, const struct strv *packages, const char *cache_dir,
	const struct arch *arch, struct apt_files *ret, struct werr **err)
{
	CLEANUP(apt) struct apt *a = NULL;
	CLEANUP(strv) struct strv names = {0};
	int r = apt_open(&a, cache_dir, suite, arch->debian, err);

	list_names(packages, arch, &names);
	if (r == 0)
		r = apt_fetch_packages(a, &names, ret, err);
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
	const struct apt_suite suite = {d->suite, d->firmware};
	size_t unmatched = SIZE_MAX;
	int r = package_tree_new(&from, cache_dir, err);

	if (r == 0 && d->packages.n)
		r = debian_fetch(&suite, &d->packages, cache_dir, arch, &files, err);
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
