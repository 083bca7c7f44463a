/* SPDX-License-Identifier: Apache-2.0 */
/* From an entry and its image to a bundle. */
#include <stdlib.h>

#include "base/mem.h"
#include "bundle/label-grants.h"
#include "bundle/spec.h"
#include "contract/paths.h"

enum { SPEC_SIZE_MAX = 16 << 20, SPEC_INDENT = 2 };

static int finish(struct buf *b, const char *what, char **ret, struct werr **err)
{
	buf_putc(b, '\n');
	if (buf_error(b) < 0)
		return werr_set(err, WERR_LIMIT, "%s is too large", what);
	*ret = buf_steal(b);
	return 0;
}

static int make_config(const struct settings *s, char **ret, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(SPEC_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, SPEC_INDENT);
	int r;

	json_open_object(&w);
	json_key_string(&w, "ociVersion", "1.2.1");
	r = spec_write_process(&w, s, err);
	if (r < 0)
		return r;
	json_key(&w, "root");
	json_open_object(&w);
	json_key_string(&w, "path", BUNDLE_ROOT);
	if (settings_bool(s, "readonly"))
		json_key_bool(&w, "readonly", true);
	json_close_object(&w);
	json_key_string_opt(&w, "hostname", settings_text(s, "hostname"));
	spec_write_mounts(&w, s);
	spec_write_list(&w, "annotations", settings_get(s, "annotations"));
	spec_write_linux(&w, s);
	json_close_object(&w);
	return finish(&out, BUNDLE_CONFIG, ret, err);
}

static int make_runtime(const struct settings *s, const char *files, char **ret, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(SPEC_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&out, SPEC_INDENT);

	spec_write_runtime(&w, s, files);
	return finish(&out, BUNDLE_RUNTIME, ret, err);
}

static void add_unkept(const struct settings *s, struct strv *ret)
{
	const char *path;

	STRV_FOREACH (path, &s->image->volumes)
		if (!spec_mounts_itself(s, path))
			strv_add(ret, path);
}

int bundle_make(const struct config *c, const struct config_container *entry,
	const struct image_config *image, const struct bundle_image_files *image_files,
	const char *shared, struct bundle **ret, struct werr **err)
{
	CLEANUP(bundle) struct bundle *k = mem_new(struct bundle);
	CLEANUP(document) struct document *label = NULL;
	struct settings s;
	const char *files;
	int r = settings_init(&s, c, entry, image, &label, err);

	if (r < 0)
		return r;
	s.files = image_files;
	k->readonly = settings_bool(&s, "readonly");
	k->has_command = spec_has_command(&s);
	add_unkept(&s, &k->unkept);
	k->id_base = spec_id_base(&s);
	if (k->id_base)
		shared = NULL;
	if (!shared)
		k->files_dir =
			str_printf("%s/%s", entry->dir, k->readonly ? BUNDLE_ROOT : BUNDLE_LOWER);
	files = shared ? shared : k->files_dir;
	if (shared || !k->readonly)
		strv_addf(&k->dirs, "%s/" BUNDLE_ROOT, entry->dir);
	if (!k->readonly)
		strv_addf(&k->dirs, "%s/" BUNDLE_TMP, entry->dir);
	if (!c->compat)
		label_grants_find(s.label, s.yaml, &k->grant_names, &k->grants);
	r = make_config(&s, &k->config_json, err);
	s.set_id = true;
	if (r == 0 && !settings_get(&s, "noNewPrivileges") && spec_limits(&s) != LIMITS_NONE)
		r = make_config(&s, &k->set_id_config_json, err);
	if (r == 0)
		r = make_runtime(&s, files, &k->runtime_json, err);
	if (r == 0)
		*ret = STEAL(k);
	return r;
}

void bundle_image_grants(const struct image_config *image, struct strv *texts)
{
	static const struct config none;
	const struct config_container entry = {.name = (char[]){""}, .image = (char[]){""}};
	CLEANUP(document) struct document *label = NULL;
	CLEANUP(strv) struct strv names = {0};
	struct settings s;

	if (settings_init(&s, &none, &entry, image, &label, NULL) == 0)
		label_grants_find(s.label, NULL, &names, texts);
}

void bundle_free(struct bundle *c)
{
	if (!c)
		return;
	free(c->config_json);
	free(c->set_id_config_json);
	free(c->runtime_json);
	free(c->files_dir);
	strv_clear(&c->unkept);
	strv_clear(&c->dirs);
	strv_clear(&c->grants);
	strv_clear(&c->grant_names);
	free(c);
}
