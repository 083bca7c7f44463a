/* SPDX-License-Identifier: Apache-2.0 */
/* Writing an image's configuration as JSON. */
#include <stdlib.h>

#include "base/mem.h"
#include "data/json.h"
#include "oci/image-config.h"

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct annotation *)a)->key, ((const struct annotation *)b)->key);
}

static void write_labels(struct json_writer *w, const struct image_config *c)
{
	CLEANUP(free) struct annotation *sorted = NULL;

	if (c->n_labels == 0)
		return;
	sorted = mem_dup(c->labels, c->n_labels * sizeof(*c->labels));
	qsort(sorted, c->n_labels, sizeof(*sorted), by_key);
	json_key(w, "Labels");
	json_open_object(w);
	for (size_t i = 0; i < c->n_labels; i++)
		json_key_string(w, sorted[i].key, sorted[i].value);
	json_close_object(w);
}

/* A set, as a map whose values are empty. */
static void write_keys(struct json_writer *w, const char *key, const struct strv *keys)
{
	const char *name;

	if (keys->n == 0)
		return;
	json_key(w, key);
	json_open_object(w);
	STRV_FOREACH (name, keys) {
		json_key(w, name);
		json_open_object(w);
		json_close_object(w);
	}
	json_close_object(w);
}

static void write_process(struct json_writer *w, const struct image_config *c)
{
	json_key(w, "config");
	json_open_object(w);
	json_key_string_opt(w, "User", c->user);
	write_keys(w, "ExposedPorts", &c->exposed_ports);
	json_key_strings_opt(w, "Env", &c->env);
	json_key_strings_opt(w, "Entrypoint", &c->entrypoint);
	json_key_strings_opt(w, "Cmd", &c->cmd);
	write_keys(w, "Volumes", &c->volumes);
	json_key_string_opt(w, "WorkingDir", c->working_dir);
	write_labels(w, c);
	json_key_string_opt(w, "StopSignal", c->stop_signal);
	json_close_object(w);
}

char *image_config_write(const struct image_config *c, size_t *ret_size)
{
	/* Our own structures: their contents were limited when they were read. */
	CLEANUP(buf) struct buf out = BUF_INIT(SIZE_MAX / 2);
	struct json_writer w = JSON_WRITER(&out, 0);

	json_open_object(&w);
	json_key_string_opt(&w, "created", c->created);
	json_key_string_opt(&w, "author", c->author);
	json_key_string(&w, "architecture", c->platform.arch);
	json_key_string_opt(&w, "variant", c->platform.variant);
	json_key_string(&w, "os", c->platform.os);
	write_process(&w, c);
	json_key(&w, "rootfs");
	json_open_object(&w);
	json_key_string(&w, "type", "layers");
	json_key_strings(&w, "diff_ids", &c->diff_ids);
	json_close_object(&w);
	json_close_object(&w);
	*ret_size = out.len;
	return buf_steal(&out);
}
