/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/result.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/print.h"
#include "data/json.h"
#include "store/registry.h"
#include "vm/machines.h"

enum { RESULT_MAX = 1 << 20 };

int result_show(
	const struct context *ctx, const char *text, const struct buf *json, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(RESULT_MAX);

	if (ctx->global.json)
		buf_printf(&out, "%s\n", buf_str(json));
	else if (!ctx->global.quiet)
		buf_printf(&out, "%s\n", text);
	return print_result(&out, err);
}

int result_show_image(const struct context *ctx, const struct result_image *i, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(RESULT_MAX);
	CLEANUP(buf) struct buf json = BUF_INIT(RESULT_MAX);
	struct json_writer w = JSON_WRITER_SHOWN(&json);
	char size[16];

	json_open_object(&w);
	json_key_string(&w, "name", i->name);
	json_key_string(&w, "digest", i->digest.text);
	if (i->size)
		json_key_u64(&w, "size", i->size);
	if (i->key)
		json_key_bool(&w, i->key, i->before);
	json_close_object(&w);
	buf_printf(&text, "%s %s", i->name, i->digest.text);
	if (i->size)
		buf_printf(&text, " %s", str_size(size, i->size));
	if (i->key && i->before)
		buf_printf(&text, " (%s)", i->was);
	return result_show(ctx, buf_str(&text), &json, err);
}

int result_look_up(struct store *store, const struct reference *ref, struct result_image *ret,
	struct werr **err)
{
	CLEANUP(store_platforms) struct store_platforms platforms = {0};
	struct descriptor top = {0};
	int r = store_resolve(store, ref, &top, err);

	if (r == 0)
		r = store_list_platforms(store, &top, &platforms, err);
	if (r == 0) {
		*ret = (struct result_image){.name = ref->name, .digest = top.digest};
		for (size_t i = 0; i < platforms.n; i++)
			ret->size += platforms.items[i].here ? platforms.items[i].size : 0;
	}
	descriptor_cleanup(&top);
	return r;
}

int result_show_file(const struct context *ctx, const char *path, struct werr **err)
{
	CLEANUP(buf) struct buf json = BUF_INIT(RESULT_MAX);
	CLEANUP(free) char *text = NULL;
	struct json_writer w = JSON_WRITER_SHOWN(&json);
	struct stat st;
	bool sized = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	char size[16] = "";

	json_open_object(&w);
	json_key_string(&w, "output", path);
	if (sized)
		json_key_u64(&w, "size", (uint64_t)st.st_size);
	json_close_object(&w);
	if (sized)
		str_size(size, (uint64_t)st.st_size);
	text = str_printf("%s%s%s", path, sized ? " " : "", size);
	return result_show(ctx, text, &json, err);
}

int result_push(const struct context *ctx, struct store *store, struct net *net,
	const struct reference *ref, const struct push_options *o, struct werr **err)
{
	struct push_result pushed = {0};
	struct result_image i;
	int r = store_push(store, net, ref, o, &pushed, err);

	i = (struct result_image){.name = pushed.name,
		.digest = pushed.digest,
		.before = pushed.was_there,
		.key = "there",
		.was = "was there already"};
	if (r == 0)
		r = result_show_image(ctx, &i, err);
	free(pushed.name);
	return r;
}

int result_show_login(const struct context *ctx, const char *did, const char *registry,
	const char *how, const char *file, struct werr **err)
{
	CLEANUP(free) char *text = str_printf("%s %s; %s %s", did, registry, how, file);
	CLEANUP(buf) struct buf json = BUF_INIT(RESULT_MAX);
	struct json_writer w = JSON_WRITER_SHOWN(&json);

	json_open_object(&w);
	json_key_string(&w, "registry", registry);
	json_key_string(&w, "file", file);
	json_close_object(&w);
	return result_show(ctx, text, &json, err);
}

int result_show_removed(
	const struct context *ctx, const char *name, size_t n, uint64_t freed, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	CLEANUP(buf) struct buf json = BUF_INIT(RESULT_MAX);
	struct json_writer w = JSON_WRITER_SHOWN(&json);
	char size[16];

	json_open_object(&w);
	if (name)
		json_key_string(&w, "removed", name);
	else
		json_key_u64(&w, "removed", n);
	json_key_u64(&w, "freed", freed);
	json_close_object(&w);
	str_size(size, freed);
	text = name ? str_printf("removed %s; %s freed", name, size)
		    : str_printf("removed %zu image%s; %s freed", n, n == 1 ? "" : "s", size);
	return result_show(ctx, text, &json, err);
}

void result_add_machine(const struct vm_machine *m, struct buf *text, struct buf *json)
{
	struct json_writer w = JSON_WRITER_SHOWN(json);

	json_open_object(&w);
	json_key_string(&w, "name", m->name);
	json_key_u64(&w, "process", m->pid);
	json_key_string(&w, "state", m->dir);
	json_key_bool(&w, "foreground", m->foreground);
	json_close_object(&w);
	buf_printf(text, "%llu ", (unsigned long long)m->pid);
	print_add_printable(text, m->name);
	buf_putc(text, ' ');
	print_add_printable(text, m->dir);
	if (m->foreground)
		buf_puts(text, " (in the foreground)");
}

int result_show_machine(const struct context *ctx, const struct vm_machine *m, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(1 << 20), json = BUF_INIT(1 << 20);

	result_add_machine(m, &text, &json);
	return result_show(ctx, buf_str(&text), &json, err);
}
