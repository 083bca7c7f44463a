/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/kernel-config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/codec.h"

enum {
	WINDOW = 256 * 1024,
	OVERLAP = 64, /* of two windows; nothing that is searched for is longer */
	PACKED_MAX = 1 << 20,
	MARK = 8, /* bytes of IKCFG_ST */
};

#define BANNER       "Linux version "
#define CONFIG_BEGIN "IKCFG_ST\x1f\x8b" /* and the beginning of the gzip stream */
#define CONFIG_END   "IKCFG_ED"

struct scan {
	struct reader *kernel;
	char *p;
	size_t n;
	bool ended;
};

/* The end of the last window, followed by the next one. */
static int next_window(struct scan *s, struct werr **err)
{
	size_t kept = s->n < OVERLAP ? s->n : OVERLAP;
	int r = cancel_check(err);

	memmove(s->p, s->p + s->n - kept, kept);
	s->n = kept;
	while (r == 0 && !s->ended && s->n < WINDOW) {
		size_t got = 0;

		r = reader_read(s->kernel, s->p + s->n, WINDOW - s->n, &got, err);
		s->n += got;
		s->ended = r == 0 && got == 0;
	}
	return r;
}

static const char *find(const struct scan *s, const char *what)
{
	return memmem(s->p, s->n, what, strlen(what));
}

bool kernel_parse_version(const char *text, unsigned *major, unsigned *minor)
{
	CLEANUP(strv) struct strv parts = {0};
	size_t n = strspn(text, "0123456789.");
	CLEANUP(free) char *number = str_printf("%.*s", (int)(n < OVERLAP ? n : OVERLAP), text);
	uint64_t a, b;

	strv_split(&parts, number, '.');
	if (parts.n < 2 || str_to_u64(parts.items[0], 10, &a) < 0 ||
		str_to_u64(parts.items[1], 10, &b) < 0 || a == 0 || a > 1000 || b > 1000)
		return false;
	*major = (unsigned)a;
	*minor = (unsigned)b;
	return true;
}

/* If the window cuts it off, the next one has it whole. */
static void take_version(const struct scan *s, struct kernel_facts *f)
{
	const char *banner = f->major ? NULL : find(s, BANNER);
	char text[OVERLAP / 2];
	size_t left;

	if (!banner)
		return;
	banner += strlen(BANNER);
	left = (size_t)(s->p + s->n - banner);
	if (left < sizeof(text) && !s->ended)
		return;
	left = left < sizeof(text) - 1 ? left : sizeof(text) - 1;
	memcpy(text, banner, left);
	text[left] = 0;
	kernel_parse_version(text, &f->major, &f->minor);
}

/* What turns out not to be a configuration counts as none. */
static int unpack(const char *p, size_t size, struct kernel_facts *f)
{
	CLEANUP(reader) struct reader *text = NULL;
	size_t n;
	int r = decompress_reader_new(mem_reader_new(p, size), "the configuration", &text, NULL);

	return r < 0 ? r : reader_read_all(text, KERNEL_CONFIG_MAX, &f->config, &n, NULL);
}

static int take_config(struct scan *s, const char *begin, struct kernel_facts *f, struct werr **err)
{
	CLEANUP(buf) struct buf packed = BUF_INIT(PACKED_MAX + WINDOW);
	const char *end;
	int r = 0;

	begin += MARK;
	buf_add(&packed, begin, (size_t)(s->p + s->n - begin));
	while (r == 0 && !(end = memmem(packed.data, packed.len, CONFIG_END, MARK)) && !s->ended &&
		packed.len < PACKED_MAX) {
		s->n = 0;
		r = next_window(s, err);
		buf_add(&packed, s->p, s->n);
	}
	if (r == 0 && end)
		(void)unpack(packed.data, (size_t)(end - packed.data), f);
	return r;
}

int kernel_scan(struct reader *kernel, struct kernel_facts *ret, struct werr **err)
{
	CLEANUP(free) char *window = mem_alloc(WINDOW);
	struct scan s = {.kernel = kernel, .p = window};
	struct kernel_facts f = {0};
	int r = 0;

	while (r == 0 && !s.ended && !f.config) {
		const char *begin;

		r = next_window(&s, err);
		if (r < 0)
			break;
		take_version(&s, &f);
		begin = find(&s, CONFIG_BEGIN);
		if (begin)
			r = take_config(&s, begin, &f, err);
	}
	if (r < 0)
		kernel_facts_cleanup(&f);
	else
		*ret = f;
	return r;
}

void kernel_facts_cleanup(struct kernel_facts *f)
{
	free(f->config);
	*f = (struct kernel_facts){0};
}

static bool has_line(const char *config, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = config; (p = strstr(p, line)); p += n)
		if ((p == config || p[-1] == '\n') && (p[n] == '\n' || p[n] == '\r' || !p[n]))
			return true;
	return false;
}

bool kernel_config_has(const char *config, const char *symbol)
{
	CLEANUP(free) char *line = str_printf("%s=y", symbol);

	return has_line(config, line);
}

bool kernel_config_is_whole(const char *config)
{
	return kernel_config_has(config, "CONFIG_BLK_DEV_INITRD") ||
	       has_line(config, "# CONFIG_BLK_DEV_INITRD is not set");
}
