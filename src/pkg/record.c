/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/record.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"

enum { RECORDS_SIZE_MAX = 1 << 20, RECORDS_MAX = 2 * PACKAGES_MAX };

void records_cleanup(struct records *r)
{
	for (size_t i = 0; i < r->n; i++)
		deb_info_cleanup(&r->items[i]);
	free(r->items);
	*r = (struct records){0};
}

void records_add(struct records *r, const struct deb_info *info)
{
	mem_grow(&r->items, r->n, &r->cap, sizeof(*r->items));
	r->items[r->n++] = (struct deb_info){
		.name = str_dup(info->name),
		.version = str_dup(info->version),
		.architecture = str_dup(info->architecture),
		.source = str_dup(info->source),
		.source_version = str_dup(info->source_version),
	};
}

void records_add_used(struct records *r, const struct package_tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->packages[i].used)
			records_add(r, &t->packages[i].info);
}

static int compare(const void *a, const void *b)
{
	const struct deb_info *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	if (c == 0)
		c = strcmp(x->architecture, y->architecture);
	return c ? c : strcmp(x->version, y->version);
}

void records_sort(struct records *r)
{
	size_t n = 0;

	if (r->n)
		qsort(r->items, r->n, sizeof(*r->items), compare);
	for (size_t i = 0; i < r->n; i++)
		if (i + 1 < r->n && compare(&r->items[i], &r->items[i + 1]) == 0)
			deb_info_cleanup(&r->items[i]);
		else
			r->items[n++] = r->items[i];
	r->n = n;
}

void records_remove(struct records *r, const struct records *others)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (others->n && bsearch(&r->items[i], others->items, others->n,
					 sizeof(*others->items), compare))
			deb_info_cleanup(&r->items[i]);
		else
			r->items[n++] = r->items[i];
	r->n = n;
}

static void add_json(struct json_writer *w, const struct records *r, bool is_of_step)
{
	for (size_t i = 0; i < r->n; i++) {
		json_open_object(w);
		json_key_string(w, "name", r->items[i].name);
		json_key_string(w, "version", r->items[i].version);
		json_key_string(w, "architecture", r->items[i].architecture);
		json_key_string(w, "source", r->items[i].source);
		json_key_string(w, "sourceVersion", r->items[i].source_version);
		if (is_of_step)
			json_key_bool(w, "step", true);
		json_close_object(w);
	}
}

int records_json(const struct records *in_image, const struct records *of_step, char **ret,
	struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(RECORDS_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&b, 0);

	json_open_array(&w);
	add_json(&w, in_image, false);
	add_json(&w, of_step, true);
	json_close_array(&w);
	if (buf_error(&b) < 0)
		return werr_set(err, WERR_LIMIT, "too many packages to record");
	*ret = buf_steal(&b);
	return 0;
}

char *records_text(const struct records *r)
{
	CLEANUP(strv) struct strv v = {0};

	for (size_t i = 0; i < r->n; i++)
		strv_addf(&v, "%s=%s", r->items[i].name, r->items[i].version);
	return strv_join(&v, " ");
}

int records_save(const struct records *r, const char *path, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(RECORDS_SIZE_MAX);

	for (size_t i = 0; i < r->n; i++)
		buf_printf(&b, "%s\t%s\t%s\t%s\t%s\n", r->items[i].name, r->items[i].version,
			r->items[i].architecture, r->items[i].source, r->items[i].source_version);
	if (buf_error(&b) < 0)
		return werr_set(err, WERR_LIMIT, "too many packages to record");
	return file_write_atomic(path, 0644, buf_str(&b), b.len, err);
}

int records_parse(struct records *r, const char *name, const char *text, struct werr **err)
{
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, text, '\n');
	STRV_FOREACH (line, &lines) {
		CLEANUP(strv) struct strv f = {0};

		if (!*line)
			continue;
		strv_split(&f, line, '\t');
		if (f.n != 5 || r->n == RECORDS_MAX)
			return werr_set(err, WERR_CORRUPT, "%s: broken record", name);
		records_add(r, &(struct deb_info){
				       f.items[0], f.items[1], f.items[2], f.items[3], f.items[4]});
	}
	return 0;
}

int records_load(struct records *r, const char *path, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int result = file_read(path, RECORDS_SIZE_MAX, &text, &size, err);

	return result < 0 ? result : records_parse(r, path, text, err);
}
