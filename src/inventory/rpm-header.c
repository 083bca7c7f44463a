/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/rpm-header.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	INTRO_SIZE = 8,
	ENTRY_SIZE = 16,
	TYPE_INT32 = 4,
	TYPE_STRING = 6,
	TYPE_STRINGS = 8,
	TYPE_I18NSTRING = 9,
	NUMBER_SIZE = 4,
	TAG_INDEXES = 1116,
	TAG_NAMES = 1117,
	TAG_DIRS = 1118,
};

static const uint32_t text_tags[RPM_TEXTS] = {1000, 1001, 1002, 1003, 1014, 1022, 1044};

/* An entry, with the bytes from where its value begins. */
struct entry {
	uint32_t tag, type, n;
	const char *p;
	size_t size;
};

static int broken(struct werr **err, const char *what)
{
	return werr_set(err, WERR_CORRUPT, "broken rpm header: %s", what);
}

static int take_text(struct rpm_header *h, size_t i, const struct entry *e, struct werr **err)
{
	if (h->texts[i].p)
		return 0;
	if (e->type == TYPE_STRING || e->type == TYPE_I18NSTRING) {
		const char *end = memchr(e->p, '\0', e->size);

		if (!end)
			return broken(err, "a text does not end");
		h->texts[i] = (struct software_slice){e->p, (size_t)(end - e->p)};
	} else if (e->type == TYPE_INT32 && i == RPM_EPOCH && e->size >= NUMBER_SIZE) {
		(void)str_format(h->epoch, sizeof(h->epoch), "%u", be32_get(e->p));
		h->texts[i] = (struct software_slice){h->epoch, strlen(h->epoch)};
	}
	return 0;
}

static int take_list(struct rpm_header *h, const struct entry *e, struct werr **err)
{
	const struct {
		uint32_t tag, type;
		size_t unit; /* bytes that each of them has at least */
		struct rpm_list *to;
	} lists[] = {
		{TAG_INDEXES, TYPE_INT32, NUMBER_SIZE, &h->indexes},
		{TAG_NAMES, TYPE_STRINGS, 1, &h->names},
		{TAG_DIRS, TYPE_STRINGS, 1, &h->dirs},
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (lists[i].tag != e->tag || lists[i].type != e->type || lists[i].to->p)
			continue;
		if (e->n > RPM_FILES_MAX || e->n > e->size / lists[i].unit)
			return broken(err, "the number of its files");
		*lists[i].to = (struct rpm_list){e->p, e->size, e->n};
	}
	return 0;
}

static int take_entry(struct rpm_header *h, const unsigned char *entry, const unsigned char *data,
	size_t size, struct werr **err)
{
	uint32_t offset = be32_get(entry + 8);
	struct entry e = {
		.tag = be32_get(entry), .type = be32_get(entry + 4), .n = be32_get(entry + 12)};
	bool is_list = e.tag >= TAG_INDEXES && e.tag <= TAG_DIRS;
	size_t i = 0;

	while (i < RPM_TEXTS && text_tags[i] != e.tag)
		i++;
	if (i == RPM_TEXTS && !is_list)
		return 0;
	if (offset >= size)
		return broken(err, "a value is outside");
	e.p = (const char *)data + offset;
	e.size = size - offset;
	return is_list ? take_list(h, &e, err) : take_text(h, i, &e, err);
}

int rpm_header_read(struct rpm_header *ret, const unsigned char *p, size_t size, struct werr **err)
{
	const unsigned char *data;
	uint32_t n;
	int r = 0;

	*ret = (struct rpm_header){0};
	if (size < INTRO_SIZE)
		return broken(err, "it is too short");
	n = be32_get(p);
	if (n > RPM_TAGS_MAX || (size_t)n * ENTRY_SIZE > size - INTRO_SIZE)
		return broken(err, "its number of entries");
	data = p + INTRO_SIZE + (size_t)n * ENTRY_SIZE;
	if (be32_get(p + 4) > (size_t)(p + size - data))
		return broken(err, "the size of its data");
	for (uint32_t i = n; r == 0 && i-- > 0;)
		r = take_entry(
			ret, p + INTRO_SIZE + (size_t)i * ENTRY_SIZE, data, be32_get(p + 4), err);
	return r;
}

char *rpm_header_version(const struct rpm_header *h)
{
	const struct software_slice *version = &h->texts[RPM_VERSION];
	const struct software_slice *release = &h->texts[RPM_RELEASE];

	return str_printf("%.*s%s%.*s", (int)(version->size % SOFTWARE_TEXT_MAX),
		version->p ? version->p : "", release->p ? "-" : "",
		(int)(release->size % SOFTWARE_TEXT_MAX), release->p ? release->p : "");
}

bool rpm_header_is_key(const struct rpm_header *h)
{
	return software_slice_is(&h->texts[RPM_NAME], "gpg-pubkey");
}

/* ---- files ---- */

/* The first of its texts, which is taken off; NULL: there is none. */
static const char *next_text(struct rpm_list *l)
{
	const char *text = l->p, *nul = l->n ? memchr(text, '\0', l->size) : NULL;

	if (!nul)
		return NULL;
	*l = (struct rpm_list){nul + 1, l->size - (size_t)(nul + 1 - text), l->n - 1};
	return text;
}

bool rpm_visit_files(const struct rpm_header *h, rpm_visit_file *visit, void *ctx)
{
	CLEANUP(free) const char **dirs = mem_new_array(const char *, h->dirs.n);
	struct rpm_list left = h->dirs, names = h->names;
	const char *text;
	uint32_t n = 0;

	while ((text = next_text(&left)))
		dirs[n++] = text;
	for (uint32_t i = 0; i < h->indexes.n && (text = next_text(&names)); i++) {
		uint32_t dir = be32_get(h->indexes.p + (size_t)i * NUMBER_SIZE);

		if (dir < n && !visit(dirs[dir], text, ctx))
			return false;
	}
	return true;
}
