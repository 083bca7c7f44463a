/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/rpm.h"

#include <string.h>

#include "base/mem.h"
#include "inventory/rpm-header.h"
#include "inventory/sqlite.h"

const char *const rpm_databases[] = {
	"var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite", NULL};

struct visiting {
	rpm_visit_header *visit;
	void *ctx;
};

/* A sqlite_visit of the table Packages: hnum, blob. */
static int visit_row(const struct sqlite_value *v, size_t n, void *ctx, struct werr **err)
{
	const struct visiting *visiting = ctx;

	if (n < 2 || v[1].type != SQLITE_BLOB)
		return werr_set(err, WERR_CORRUPT, "broken rpm database: a row has no header");
	return visiting->visit(v[1].p, v[1].size, visiting->ctx, err);
}

int rpm_visit_database(
	const struct io_range *file, rpm_visit_header *visit, void *ctx, struct werr **err)
{
	struct visiting visiting = {visit, ctx};

	return sqlite_read_table(file, "Packages", visit_row, &visiting, err);
}

/* ---- packages ---- */

int rpm_read_header(struct software_list *l, const unsigned char *p, size_t size, struct werr **err)
{
	struct rpm_header h;
	CLEANUP(free) char *version = NULL;
	int r = rpm_header_read(&h, p, size, err);

	if (r < 0 || rpm_header_is_key(&h))
		return r;
	version = rpm_header_version(&h);
	return software_add(l, SOFTWARE_RPM,
		(const struct software_slice[SOFTWARE_TEXTS]){
			[SOFTWARE_NAME] = h.texts[RPM_NAME],
			[SOFTWARE_VERSION] = {version, strlen(version)},
			[SOFTWARE_EPOCH] = h.texts[RPM_EPOCH],
			[SOFTWARE_ARCH] = h.texts[RPM_ARCH],
			[SOFTWARE_SOURCE] = h.texts[RPM_SOURCE],
			[SOFTWARE_LICENSE] = h.texts[RPM_LICENSE],
		},
		err);
}

/* A rpm_visit_header. */
static int add_package(const unsigned char *p, size_t size, void *ctx, struct werr **err)
{
	return rpm_read_header(ctx, p, size, err);
}

int rpm_read_database(struct software_list *l, const struct io_range *file, struct werr **err)
{
	return rpm_visit_database(file, add_package, l, err);
}
