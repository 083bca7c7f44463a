/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of files that dpkg, apk and rpm keep, and the form in which owners are kept. */
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "inventory/owners.h"
#include "inventory/rpm-header.h"

enum { SUM_DIGITS = 32 };

void owners_cleanup(struct owners *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->packages[i].name);
		free(o->packages[i].version);
	}
	for (size_t i = 0; i < o->n_files; i++)
		free(o->files[i].path);
	free(o->packages);
	free(o->files);
	*o = (struct owners){0};
}

/* The text is taken over. */
static bool add_package(struct owners *o, enum software_kind kind, char *name)
{
	if (o->n >= SOFTWARE_MAX) {
		free(name);
		return false;
	}
	mem_grow(&o->packages, o->n, &o->cap, sizeof(*o->packages));
	o->packages[o->n++] = (struct owners_package){kind, name, str_dup("")};
	return true;
}

/* Before a path is made, as that takes as long when it can't be used. */
static bool count_path(struct owners *o, size_t size)
{
	if (o->n_files >= OWNERS_FILES_MAX || size > OWNERS_SIZE_MAX - o->bytes ||
		cancel_requested())
		return false;
	o->bytes += size;
	return true;
}

static void keep_file(struct owners *o, const char *path)
{
	char *inside = path_inside(path);

	if (!inside || !*inside) {
		free(inside);
		return;
	}
	mem_grow(&o->files, o->n_files, &o->cap_files, sizeof(*o->files));
	o->files[o->n_files++] = (struct owners_file){inside, (uint32_t)(o->n - 1)};
}

/* Of the last package. false: there is no room for more. */
static bool add_file(struct owners *o, const char *path)
{
	if (!count_path(o, strlen(path) + 1))
		return false;
	keep_file(o, path);
	return true;
}

/* The same in a directory that many have in common. No file has a path as long as that can be. */
static bool add_file_in(struct owners *o, const char *dir, const char *name)
{
	size_t size = strnlen(dir, PATH_MAX_BYTES);
	CLEANUP(free) char *path = NULL;

	if (!count_path(o, size + strlen(name) + 1))
		return false;
	if (size == PATH_MAX_BYTES)
		return true;
	path = path_join(dir, name);
	keep_file(o, path);
	return true;
}

/* The next line, owned by the caller; NULL: there is none. */
static char *take_line(const char **p, const char *end)
{
	const char *feed;
	char *line;

	if (*p >= end)
		return NULL;
	feed = memchr(*p, '\n', (size_t)(end - *p));
	line = str_dup_n(*p, (size_t)((feed ? feed : end) - *p));
	*p = feed ? feed + 1 : end;
	return line;
}

bool owners_add_list(struct owners *o, const char *name, const char *text, size_t size)
{
	const char *p = text, *end = text + size;

	if (!add_package(o, SOFTWARE_DEB, str_dup(name)))
		return false;
	while (p < end) {
		CLEANUP(free) char *line = take_line(&p, end);

		if (!add_file(o, line))
			return false;
	}
	return true;
}

bool owners_add_sums(struct owners *o, const char *name, const char *text, size_t size)
{
	const char *p = text, *end = text + size;

	if (!add_package(o, SOFTWARE_DEB, str_dup(name)))
		return false;
	while (p < end) {
		CLEANUP(free) char *line = take_line(&p, end);

		if (strlen(line) > SUM_DIGITS && line[SUM_DIGITS] == ' ' &&
			!add_file(o, line + SUM_DIGITS + strspn(line + SUM_DIGITS, " *")))
			return false;
	}
	return true;
}

bool owners_add_apk(struct owners *o, const char *text, size_t size)
{
	const char *p = text, *end = text + size;
	CLEANUP(free) char *dir = str_dup("");
	bool has_package = false;

	while (p < end) {
		CLEANUP(free) char *line = take_line(&p, end);
		const char *value = *line && line[1] == ':' ? line + 2 : NULL;

		if (!value) {
			has_package = has_package && *line;
		} else if (*line == 'P') {
			has_package = add_package(o, SOFTWARE_APK, str_dup(value));
		} else if (*line == 'V' && has_package) {
			str_replace(&o->packages[o->n - 1].version, value);
		} else if (*line == 'F') {
			str_replace(&dir, value);
		} else if (*line == 'R' && has_package && !add_file_in(o, dir, value)) {
			return false;
		}
	}
	return true;
}

/* A rpm_visit_file. */
static bool add_rpm_file(const char *dir, const char *name, void *ctx)
{
	return add_file_in(ctx, dir, name);
}

bool owners_add_rpm(struct owners *o, const unsigned char *header, size_t size)
{
	struct rpm_header h;
	const struct software_slice *name = &h.texts[RPM_NAME];

	if (rpm_header_read(&h, header, size, NULL) < 0 || !name->size || rpm_header_is_key(&h))
		return true;
	if (!add_package(o, SOFTWARE_RPM, str_dup_n(name->p, name->size)))
		return false;
	free(o->packages[o->n - 1].version);
	o->packages[o->n - 1].version = rpm_header_version(&h);
	return rpm_visit_files(&h, add_rpm_file, o);
}

/* ---- as text: of each package its kind, name, version, its paths, and an empty text ---- */

static void put(struct buf *out, const char *text)
{
	buf_add(out, text, strlen(text) + 1);
}

void owners_write(const struct owners *o, struct buf *out)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct owners_package *p = &o->packages[i];
		const char kind[] = {(char)('0' + p->kind), '\0'};

		put(out, kind);
		put(out, p->name);
		put(out, p->version);
	}
	put(out, "");
	for (size_t i = 0; i < o->n_files; i++) {
		CLEANUP(free) char *number = str_printf("%u", o->files[i].package);

		put(out, number);
		put(out, o->files[i].path);
	}
}

struct texts {
	const char *at, *end;
};

/* The next text; NULL: it does not end. */
static const char *take(struct texts *t)
{
	const char *text = t->at;
	const char *nul = text < t->end ? memchr(text, '\0', (size_t)(t->end - text)) : NULL;

	if (nul)
		t->at = nul + 1;
	return nul ? text : NULL;
}

static bool take_packages(struct texts *t, struct owners *o)
{
	for (;;) {
		const char *kind = take(t), *name, *version;

		if (!kind || !*kind)
			return kind;
		name = take(t);
		version = name ? take(t) : NULL;
		if (*kind < '0' || *kind >= '0' + SOFTWARE_KINDS || kind[1] || !version ||
			!add_package(o, (enum software_kind)(*kind - '0'), str_dup(name)))
			return false;
		str_replace(&o->packages[o->n - 1].version, version);
	}
}

static bool take_files(struct texts *t, struct owners *o)
{
	while (t->at < t->end) {
		const char *number = take(t), *path = number ? take(t) : NULL;
		const char *last = o->n_files ? o->files[o->n_files - 1].path : "";
		uint64_t package;

		if (!path || strcmp(last, path) >= 0 || o->n_files >= OWNERS_FILES_MAX ||
			str_to_u64(number, 10, &package) < 0 || package >= o->n)
			return false;
		mem_grow(&o->files, o->n_files, &o->cap_files, sizeof(*o->files));
		o->files[o->n_files++] = (struct owners_file){str_dup(path), (uint32_t)package};
	}
	return true;
}

int owners_parse(const char *text, size_t size, struct owners *ret, struct werr **err)
{
	CLEANUP(owners) struct owners o = {0};
	struct texts t = {text, text + size};

	if (!take_packages(&t, &o) || !take_files(&t, &o))
		return werr_set(err, WERR_CORRUPT, "a list of packages' files is broken");
	*ret = o;
	o = (struct owners){0};
	return 0;
}
