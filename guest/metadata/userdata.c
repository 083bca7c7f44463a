/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/userdata.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "metadata/confdir.h"

static const char whole[] = "userdata"; /* the file that has all */

enum { MODE_FILE = 0644, MODE_DIR = 0755, MODE_MAX = 07777 };

static int write_entry(
	int dir_fd, const struct node *key, const struct node *entry, struct werr **err);

/* Octal digits in quotes, as LinuxKit has it. */
static int parse_mode(const struct node *entry, mode_t normal, mode_t *ret, struct werr **err)
{
	const struct node *perm = node_get(entry, "perm");
	uint64_t n;

	*ret = normal;
	if (!perm || perm->kind == NODE_NULL || (perm->quoted && !perm->size))
		return 0;
	if (perm->kind != NODE_SCALAR || !perm->quoted || str_to_u64(perm->text, 8, &n) < 0 ||
		n > MODE_MAX) {
		int r = node_error(err, perm, "perm is not a mode");

		werr_hint(err, "a mode is octal, in quotes, as in \"0600\"");
		return r;
	}
	*ret = n & 0777;
	return 0;
}

static int write_entries(int dir_fd, const struct node *map, struct werr **err)
{
	int result = 0;

	for (size_t i = 0; i < map->n; i++) {
		struct werr *why = NULL;
		int r = write_entry(dir_fd, map->keys[i], map->items[i], &why);

		node_place(&why, map->keys[i]);
		werr_collect(err, &result, r, why);
	}
	return result;
}

static int write_directory(int dir_fd, const struct node *key, const struct node *entry,
	const struct node *entries, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	mode_t mode;
	int r = parse_mode(entry, MODE_DIR, &mode, err);

	if (r == 0)
		r = confdir_enter(dir_fd, key->text, &fd, err);
	if (r < 0)
		return r;
	r = write_entries(fd, entries, err);
	/* Last, as it might not let anybody in. */
	if (fchmod(fd, mode) < 0 && r == 0)
		r = werr_errno(err, errno, "can't set the mode of %s", key->text);
	return r;
}

static const struct node *get(const struct node *entry, const char *key)
{
	const struct node *n = node_get(entry, key);

	return n && n->kind != NODE_NULL ? n : NULL;
}

static int write_entry(
	int dir_fd, const struct node *key, const struct node *entry, struct werr **err)
{
	const struct node *content = get(entry, "content"), *entries = get(entry, "entries");
	mode_t mode;
	int r;

	if (!content == !entries ||
		(content && (content->kind != NODE_SCALAR || !content->quoted)) ||
		(entries && entries->kind != NODE_MAP)) {
		r = node_error(err, key, "'%.80s' is no entry: it has %s", key->text,
			content && entries ? "both content and entries"
			: content          ? "a content that is not text"
			: entries          ? "entries that are not a map"
					   : "neither content nor entries");
		werr_hint(err, "it is left out; the file userdata has all");
		return r;
	}
	if (entries)
		return write_directory(dir_fd, key, entry, entries, err);
	r = parse_mode(entry, MODE_FILE, &mode, err);
	return r < 0 ? r
		     : confdir_write(dir_fd, key->text, content->text, content->size, mode, err);
}

/* The entries at the top, of which some have names that are taken. */
static int write_top(int dir_fd, const struct strv *own, const struct node *map, struct werr **err)
{
	int result = 0;

	for (size_t i = 0; i < map->n; i++) {
		const struct node *key = map->keys[i];
		struct werr *why = NULL;
		int r;

		if (str_eq(key->text, whole) || strv_has(own, key->text)) {
			r = node_error(&why, key, "'%.80s' is a file of metadata's own", key->text);
			werr_hint(&why, "the entry is left out; the file userdata has all");
		} else {
			r = write_entry(dir_fd, key, map->items[i], &why);
		}
		node_place(&why, key);
		werr_collect(err, &result, r, why);
	}
	return result;
}

int userdata_write(
	int dir_fd, const struct strv *own, const char *data, size_t size, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	size_t spaces = 0;
	int r = confdir_write(dir_fd, whole, data, size, MODE_FILE, err);

	while (spaces < size && strchr(" \t\r\n", data[spaces]) && data[spaces])
		spaces++;
	if (r < 0 || spaces == size || data[spaces] != '{')
		return r;
	r = json_parse(whole, data, size, &d, err);
	if (r == 0)
		r = write_top(dir_fd, own, d->root, err);
	return r;
}
