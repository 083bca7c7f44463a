/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/deb.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

#define AR_MAGIC "!<arch>\n"

enum { AR_HEADER = 60, AR_MEMBERS_MAX = 16, FIELD_MAX = 255 };

void deb_info_cleanup(struct deb_info *i)
{
	free(i->name);
	free(i->version);
	free(i->architecture);
	free(i->source);
	free(i->source_version);
	*i = (struct deb_info){0};
}

/* ---- ar(5) ---- */

/* Where a member of an ar archive is. */
struct ar_member {
	char name[17];
	uint64_t offset, size;
};

static int parse_member(
	const char *header, const char *name, struct ar_member *m, struct werr **err)
{
	char size[11] = {0};

	memcpy(m->name, header, 16);
	memcpy(size, header + 48, 10);
	m->name[strcspn(m->name, " /")] = '\0';
	size[strcspn(size, " ")] = '\0';
	if (memcmp(header + 58, "`\n", 2) != 0 || str_to_u64(size, 10, &m->size) < 0)
		return werr_set(err, WERR_CORRUPT, "%s: broken ar archive", name);
	return 0;
}

/* Call found for each member; another result than 0 ends it and is returned. */
static int ar_list(int fd, const char *name,
	int (*found)(const struct ar_member *m, void *ctx, struct werr **err), void *ctx,
	struct werr **err)
{
	uint64_t offset = strlen(AR_MAGIC), file_size;
	char header[AR_HEADER];
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", name);
	file_size = (uint64_t)st.st_size;
	r = file_size < offset ? 0 : fd_read_at(fd, name, 0, header, offset, err);
	if (r < 0)
		return r;
	if (file_size < offset || memcmp(header, AR_MAGIC, offset) != 0)
		return werr_set(err, WERR_CORRUPT, "%s is not a Debian package", name);
	for (unsigned i = 0; offset < file_size; i++) {
		struct ar_member m = {0};

		if (i == AR_MEMBERS_MAX)
			return werr_set(
				err, WERR_CORRUPT, "%s: too many members in the ar archive", name);
		r = fd_read_at(fd, name, offset, header, sizeof(header), err);
		if (r == 0)
			r = parse_member(header, name, &m, err);
		if (r < 0)
			return r;
		m.offset = offset + AR_HEADER;
		/*
		 * These sums can't overflow, as sizes have at most ten digits. Members begin at
		 * even offsets.
		 */
		offset = m.offset + m.size + (m.size & 1);
		if (m.offset + m.size > file_size)
			return werr_set(err, WERR_CORRUPT, "%s: broken ar archive", name);
		r = found(&m, ctx, err);
		if (r != 0)
			return r;
	}
	return 0;
}

/* ---- control ---- */

/* Parse "pool (1.2-3)" or "pool"; without a version, it is that of the binary package. */
static void take_source(const char *value, struct deb_info *i)
{
	size_t size = strcspn(value, " ");
	const char *open = strchr(value, '('), *close = open ? strchr(open, ')') : NULL;

	free(i->source);
	i->source = str_dup_n(value, size);
	if (close) {
		free(i->source_version);
		i->source_version = str_dup_n(open + 1, (size_t)(close - open - 1));
	}
}

static void take_field(const char *line, struct deb_info *i)
{
	const struct {
		const char *key;
		char **dst;
	} fields[] = {
		{"Package:", &i->name},
		{"Version:", &i->version},
		{"Architecture:", &i->architecture},
	};
	const char *value = str_after(line, "Source:");

	if (value)
		take_source(value + strspn(value, " \t"), i);
	for (size_t k = 0; k < ARRAY_SIZE(fields); k++) {
		value = str_after(line, fields[k].key);
		if (value)
			str_replace(fields[k].dst, value + strspn(value, " \t"));
	}
}

/*
 * Whether all characters are Debian's (deb-version(7) lists most of them), so that the text is safe
 * in a list, in a label and on a terminal.
 */
static bool is_plain(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.+-:~_";

	return *text && strlen(text) <= FIELD_MAX && !text[strspn(text, letters)];
}

int deb_parse_control(const char *name, const char *text, struct deb_info *ret, struct werr **err)
{
	CLEANUP(deb_info) struct deb_info i = {0};
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		if (!*line)
			break;
		take_field(line, &i);
	}
	if (!i.name || !i.version || !i.architecture)
		return werr_set(err, WERR_CORRUPT,
			"%s: the name, the version or the architecture is missing", name);
	if (!i.source)
		i.source = str_dup(i.name);
	if (!i.source_version)
		i.source_version = str_dup(i.version);
	if (!is_plain(i.name) || !is_plain(i.version) || !is_plain(i.architecture) ||
		!is_plain(i.source) || !is_plain(i.source_version))
		return werr_set(err, WERR_CORRUPT,
			"%s: the name, the version or the architecture has invalid characters",
			name);
	*ret = i;
	i = (struct deb_info){0};
	return 0;
}

/* ---- the package ---- */

struct reading {
	int fd;
	const char *name, *spool_dir;
	struct deb_info *info;
	struct tree *data;
	bool have_control, have_data;
};

static int apply(
	const struct reading *g, const struct ar_member *m, struct tree *t, struct werr **err)
{
	CLEANUP(free) char *what = str_printf("%s: %s", g->name, m->name);
	CLEANUP(reader)
	struct reader *packed = fd_range_reader_new(g->fd, what, m->offset, m->size);

	return tree_apply_wide_layer(t, packed, what, err);
}

static int read_control(struct reading *g, const struct ar_member *m, struct werr **err)
{
	CLEANUP(tree) struct tree *t = NULL;
	CLEANUP(reader) struct reader *file = NULL;
	CLEANUP(free) char *text = NULL;
	const struct tree_node *n;
	size_t size;
	int r = tree_new(&t, g->spool_dir, err);

	if (r == 0)
		r = apply(g, m, t, err);
	if (r < 0)
		return r;
	n = tree_find(t, "control");
	if (!n || !S_ISREG(n->meta.mode))
		return werr_set(err, WERR_CORRUPT, "%s does not have a control file", g->name);
	file = tree_open_file(t, n);
	r = reader_read_all(file, DEB_CONTROL_MAX, &text, &size, err);
	return r < 0 ? r : deb_parse_control(g->name, text, g->info, err);
}

static int take_member(const struct ar_member *m, void *ctx, struct werr **err)
{
	struct reading *g = ctx;

	if (str_after(m->name, "control.tar") && !g->have_control) {
		g->have_control = true;
		return read_control(g, m, err);
	}
	if (str_after(m->name, "data.tar") && !g->have_data) {
		g->have_data = true;
		return g->data ? apply(g, m, g->data, err) : 0;
	}
	return 0;
}

int deb_read(int fd, const char *name, const char *spool_dir, struct deb_info *info,
	struct tree *data, struct werr **err)
{
	CLEANUP(deb_info) struct deb_info i = {0};
	struct reading g = {
		.fd = fd, .name = name, .spool_dir = spool_dir, .info = &i, .data = data};
	int r = ar_list(fd, name, take_member, &g, err);

	if (r < 0)
		return r;
	if (!g.have_control || !g.have_data)
		return werr_set(err, WERR_CORRUPT, "%s is not a Debian package", name);
	*info = i;
	i = (struct deb_info){0};
	return 0;
}
