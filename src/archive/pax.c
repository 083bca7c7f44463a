/* SPDX-License-Identifier: Apache-2.0 */
/* Members' pax records. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "archive/tar-impl.h"
#include "tar/tar-header.h"

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

static bool is_utf8(const char *s)
{
	return utf8_is_valid(s, strlen(s));
}

bool pax_needs(const char *name)
{
	return !is_ascii(name) && is_utf8(name);
}

static void put_text(struct buf *to, const char *key, const char *value)
{
	if (value)
		tar_record_put(to, key, value, strlen(value));
}

static void put_number(struct buf *to, const char *key, uint64_t value)
{
	char text[24];

	if (value == 0)
		return;
	str_format(text, sizeof(text), "%llu", (unsigned long long)value);
	put_text(to, key, text);
}

/* Seconds as a decimal fraction; mtime_nsec counts forward, also before 1970. */
static void put_mtime(struct buf *to, const struct tree_meta *m)
{
	bool borrow = m->mtime < 0 && m->mtime_nsec > 0;
	uint32_t nsec = borrow ? 1000000000 - m->mtime_nsec : m->mtime_nsec;
	int64_t seconds = m->mtime + borrow;
	char text[40];
	size_t n;

	str_format(text, sizeof(text), "%s%lld.%09u", borrow && seconds == 0 ? "-" : "",
		(long long)seconds, nsec);
	n = strlen(text);
	while (text[n - 1] == '0')
		n--;
	tar_record_put(to, "mtime", text, text[n - 1] == '.' ? n - 1 : n);
}

static int put_xattrs(struct buf *to, const struct tree_meta *m, struct werr **err)
{
	for (uint32_t i = 0; i < m->n_xattrs; i++) {
		const struct tree_xattr *x = &m->xattrs[i];
		CLEANUP(free) char *key = str_printf("SCHILY.xattr.%s", x->name);

		if (strchr(x->name, '='))
			return werr_set(err, WERR_UNSUPPORTED,
				"the extended attribute %s has '=' in its name", x->name);
		tar_record_put(to, key, x->value, x->size);
	}
	return 0;
}

int pax_records(const struct pax *p, struct buf *to, struct werr **err)
{
	bool binary = (p->path && !is_utf8(p->path)) || (p->target && !is_utf8(p->target));
	int r;

	put_text(to, "LINUXKIT.location", p->location);
	put_text(to, "LINUXKIT.source", p->source);
	r = put_xattrs(to, p->meta, err);
	if (r < 0)
		return r;
	put_number(to, "gid", p->gid);
	put_text(to, "hdrcharset", binary ? "BINARY" : NULL);
	put_text(to, "linkpath", p->target);
	if (p->mtime)
		put_mtime(to, p->meta);
	put_text(to, "path", p->path);
	put_number(to, "size", p->size);
	put_number(to, "uid", p->uid);
	if (buf_error(to) < 0)
		return werr_set(err, WERR_LIMIT, "its attributes are too large");
	return 0;
}
