/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/rpm.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "inventory/sqlite.h"

enum {
	INTRO_SIZE = 8,
	ENTRY_SIZE = 16,
	TYPE_INT32 = 4,
	TYPE_STRING = 6,
	TYPE_I18NSTRING = 9,
	EPOCH_DIGITS = 11,
};

enum tag { NAME, VERSION, RELEASE, EPOCH, LICENSE, ARCH, SOURCE, TAGS };
static const uint32_t numbers[TAGS] = {1000, 1001, 1002, 1003, 1014, 1022, 1044};

static int broken(struct werr **err, const char *what)
{
	return werr_set(err, WERR_CORRUPT, "broken rpm header: %s", what);
}

struct header {
	struct software_slice texts[TAGS];
	char epoch[EPOCH_DIGITS];
};

static int take_entry(struct header *h, const unsigned char *entry, const unsigned char *data,
	size_t size, struct werr **err)
{
	uint32_t tag = be32_get(entry), type = be32_get(entry + 4), offset = be32_get(entry + 8);
	const char *at = (const char *)data + offset;
	size_t i = 0;

	while (i < TAGS && numbers[i] != tag)
		i++;
	if (i == TAGS)
		return 0;
	if (offset >= size)
		return broken(err, "a value is outside");
	if (type == TYPE_STRING || type == TYPE_I18NSTRING) {
		const char *end = memchr(at, '\0', size - offset);

		if (!end)
			return broken(err, "a text does not end");
		h->texts[i] = (struct software_slice){at, (size_t)(end - at)};
	} else if (type == TYPE_INT32 && i == EPOCH && size - offset >= 4) {
		(void)str_format(h->epoch, sizeof(h->epoch), "%u", be32_get(at));
		h->texts[i] = (struct software_slice){h->epoch, strlen(h->epoch)};
	}
	return 0;
}

static int add_package(struct software_list *l, const struct header *h, struct werr **err)
{
	const struct software_slice *t = h->texts;
	CLEANUP(free)
	char *version = str_printf("%.*s%s%.*s", (int)(t[VERSION].size % SOFTWARE_TEXT_MAX),
		t[VERSION].p ? t[VERSION].p : "", t[RELEASE].p ? "-" : "",
		(int)(t[RELEASE].size % SOFTWARE_TEXT_MAX), t[RELEASE].p ? t[RELEASE].p : "");
	const struct software_slice texts[SOFTWARE_TEXTS] = {
		[SOFTWARE_NAME] = t[NAME],
		[SOFTWARE_VERSION] = {version, strlen(version)},
		[SOFTWARE_EPOCH] = t[EPOCH],
		[SOFTWARE_ARCH] = t[ARCH],
		[SOFTWARE_SOURCE] = t[SOURCE],
		[SOFTWARE_LICENSE] = t[LICENSE],
	};

	return software_slice_is(&t[NAME], "gpg-pubkey")
		       ? 0
		       : software_add(l, SOFTWARE_RPM, texts, err);
}

int rpm_read_header(struct software_list *l, const unsigned char *p, size_t size, struct werr **err)
{
	struct header h = {0};
	uint32_t n;
	const unsigned char *data;
	int r = 0;

	if (size < INTRO_SIZE)
		return broken(err, "it is too short");
	n = be32_get(p);
	if (n > RPM_TAGS_MAX || (size_t)n * ENTRY_SIZE > size - INTRO_SIZE)
		return broken(err, "its number of entries");
	data = p + INTRO_SIZE + (size_t)n * ENTRY_SIZE;
	if (be32_get(p + 4) > (size_t)(p + size - data))
		return broken(err, "the size of its data");
	for (uint32_t i = 0; r == 0 && i < n; i++)
		r = take_entry(
			&h, p + INTRO_SIZE + (size_t)i * ENTRY_SIZE, data, be32_get(p + 4), err);
	return r < 0 ? r : add_package(l, &h, err);
}

/* A sqlite_visit of the table Packages: hnum, blob. */
static int visit(const struct sqlite_value *v, size_t n, void *ctx, struct werr **err)
{
	if (n < 2 || v[1].type != SQLITE_BLOB)
		return broken(err, "a row has none");
	return rpm_read_header(ctx, v[1].p, v[1].size, err);
}

int rpm_read_database(struct software_list *l, const struct io_range *file, struct werr **err)
{
	return sqlite_read_table(file, "Packages", visit, l, err);
}
