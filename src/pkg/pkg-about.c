/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/pkg-about.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "pkg/build-yml.h"
#include "pkg/package.h"

void pkg_about_cleanup(struct pkg_about *a)
{
	free(a->image);
	free(a->comment);
	free(a->does);
	free(a->net);
	free(a->pid);
	strv_clear(&a->arches);
	strv_clear(&a->capabilities);
	strv_clear(&a->binds);
	strv_clear(&a->devices);
}

char *pkg_about_comment(const char *text)
{
	CLEANUP(buf) struct buf b = BUF_INIT(PKG_YML_MAX);

	while (*text == '#') {
		const char *line = text + 1 + strspn(text + 1, " \t");
		size_t n = strcspn(line, "\n");

		text = line + n + (line[n] == '\n');
		while (n > 0 && strchr(" \t\r", line[n - 1]))
			n--;
		if (n > 0 && b.len > 0)
			buf_putc(&b, ' ');
		buf_add(&b, line, n);
	}
	return str_dup(buf_str(&b));
}

char *pkg_about_begin(const char *comment)
{
	bool is_code = false;
	const char *p;

	for (p = comment; *p; p++) {
		if (*p == '`')
			is_code = !is_code;
		if (!is_code && strchr(".:;", *p) && (!p[1] || p[1] == ' '))
			break;
	}
	return str_dup_n(comment, (size_t)(p - comment));
}

/* ---- the label ---- */

/* What of each item of a list can be shown: itself, or what a map has under the key. */
static void add_items(const struct node *list, const char *key, struct strv *ret)
{
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++) {
		const struct node *item = list->items[i];
		const char *text = item->kind == NODE_SCALAR ? item->text : NULL;

		if (key)
			text = node_get_text(item, key);
		if (text)
			strv_add(ret, text);
	}
}

static char *text_of(const struct node *config, const char *key)
{
	const char *text = node_get_text(config, key);

	return text ? str_dup(text) : NULL;
}

static void read_label(const struct node *config, struct pkg_about *a)
{
	add_items(node_get(config, "capabilities"), NULL, &a->capabilities);
	add_items(node_get(config, "binds"), NULL, &a->binds);
	add_items(node_get(config, "devices"), "path", &a->devices);
	a->net = text_of(config, "net");
	a->pid = text_of(config, "pid");
}

int pkg_about_read(const char *dir, struct pkg_about *ret, struct werr **err)
{
	CLEANUP(free) char *path = path_join(dir, "build.yml"), *text = NULL;
	CLEANUP(pkg_yml) struct pkg_yml *yml = NULL;
	size_t size;
	int r = file_read_at_once(path, PKG_YML_MAX, &text, &size, err);

	if (r == 0)
		r = pkg_yml_parse(path, text, size, dir, &yml, err);
	if (r < 0)
		return r;
	*ret = (struct pkg_about){
		.image = str_dup(yml->image),
		.comment = pkg_about_comment(text),
		.runs = yml->config_node || yml->entrypoint.n,
	};
	ret->does = pkg_about_begin(ret->comment);
	strv_add_all(&ret->arches, &yml->arches);
	read_label(yml->config_node, ret);
	return 0;
}
