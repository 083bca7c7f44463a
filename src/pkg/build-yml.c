/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/build-yml.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "data/json.h"
#include "yaml/yaml.h"
#include "config/check.h"
#include "pkg/yml-build.h"
#include "pkg/yml-fields.h"
#include "pkg/yml-files.h"
#include "pkg/yml-schema.h"

enum { CONFIG_SIZE_MAX = 1 << 20 };

/* As in the label that it becomes, and with all mistakes at their places. */
static void check_config(struct yml_context *c, const struct node *n)
{
	CLEANUP(checker) struct checker checker = CHECKER_INIT;
	struct werr *mistakes = NULL;

	checker.label = true;
	check_map(&checker, &schema_entry, n);
	if (checker_finish(&checker, &mistakes) < 0)
		werr_append(&c->errors, mistakes);
}

static void read_config(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	CLEANUP(buf) struct buf b = BUF_INIT(CONFIG_SIZE_MAX);
	struct json_writer w = JSON_WRITER(&b, 0);
	struct pkg_yml *y = dst;

	if (n->kind != NODE_MAP) {
		yml_error(c, n, "'%s' must be a map of keys, not %s", key, node_kind_name(n));
		return;
	}
	json_node(&w, n);
	if (buf_error(&b) < 0)
		yml_error(c, n, "'%s' is larger than %d bytes", key, CONFIG_SIZE_MAX);
	else
		y->config = buf_steal(&b);
	y->config_node = n;
}

static void read_build_args(struct yml_context *c, const char *key, const struct node *n, void *dst)
{
	struct strv *args = dst;
	const char *text;

	yml_texts(c, key, n, args);
	STRV_FOREACH (text, args)
		if (*text == '=' || !strchr(text, '='))
			yml_error(c, n, "'%s' in %s must be \"NAME=VALUE\"", text, key);
}

static const struct yml_field top_fields[] = {
	{"image", yml_text, offsetof(struct pkg_yml, image), YML_TEXT, "the image's name",
		.required = true},
	{"org", yml_text, offsetof(struct pkg_yml, org), YML_TEXT,
		"what precedes the name (default: wherry)"},
	{"tag", yml_text, offsetof(struct pkg_yml, tag), YML_TEXT,
		"the tag, in which {{.Hash}} is the hash (default: {{.Hash}})"},
	{"arches", yml_texts, offsetof(struct pkg_yml, arches), YML_TEXTS,
		"architectures it can be built for (default: all)"},
	{"extra-sources", yml_extras, 0, YML_TEXTS,
		"src:dst: what else of the repository belongs to the package, and where"},
	{"include", yml_text, offsetof(struct pkg_yml, include), YML_TEXT,
		"a file whose extra-sources and build count as if they stood here"},
	{"config", read_config, 0, YML_ENTRY,
		"keys of an entry that users of the image need not write"},
	{"entrypoint", yml_texts, offsetof(struct pkg_yml, entrypoint), YML_TEXTS,
		"the program that Docker and podman start"},
	{"build", yml_build, 0, YML_MAP, "a command that makes files", .map = &yml_build_map},
	{"debian", yml_debian, offsetof(struct pkg_yml, debian), YML_MAP,
		"files of Debian packages", .map = &yml_debian_map},
	{"files", yml_files, 0, YML_MAPS, "single files, over those of packages",
		.map = &yml_files_map},
	{"network", yml_bool, offsetof(struct pkg_yml, network), YML_BOOL,
		"the command has the machine's network"},
	/* For a Dockerfile; without effect beside build, debian and files. */
	{"dockerfile", yml_text, offsetof(struct pkg_yml, dockerfile), YML_TEXT,
		"the Dockerfile in the directory (default: Dockerfile)"},
	{"buildArgs", read_build_args, offsetof(struct pkg_yml, build_args), YML_TEXTS,
		"NAME=VALUE: what ARG has in the Dockerfile"},
	{"disable-cache", yml_bool, offsetof(struct pkg_yml, disable_cache), YML_BOOL,
		"the builder of the Dockerfile uses no cache of its own"},
	{"gitrepo", yml_text, offsetof(struct pkg_yml, gitrepo), YML_TEXT,
		"where the sources are kept, for the label of a Dockerfile's image"},
	{"depends", yml_depends, offsetof(struct pkg_yml, depends), YML_MAP,
		"images for the Dockerfile's context", .map = &yml_depends_map},
	{0},
};

void pkg_yml_schema(struct json_writer *w)
{
	static const struct yml_map top = {"build.yml", top_fields};

	yml_write_schema(w, &top);
}

static int hand_on_errors(const struct yml_context *c, struct werr **err)
{
	int r = c->errors ? werr_code(c->errors->kind) : 0;

	if (r < 0)
		werr_pass(err, c->errors);
	return r;
}

int pkg_yml_parse(const char *name, const char *text, size_t size, const char *dir,
	struct pkg_yml **ret, struct werr **err)
{
	CLEANUP(pkg_yml) struct pkg_yml *y = mem_new(struct pkg_yml);
	struct yml_context c = {.dir = dir};
	int r = yaml_parse(name, text, size, &y->document, err);

	if (r < 0)
		return r;
	yml_read(&c, "build.yml", y->document->root, top_fields, y);
	if (y->include && y->build_node)
		yml_error(
			&c, y->build_node, "'build' can't stand beside 'include', which brings it");
	/* Of what needs a Dockerfile only the name is of interest here. */
	if (y->config_node && pkg_yml_has_content(y))
		check_config(&c, y->config_node);
	r = hand_on_errors(&c, err);
	if (r == 0)
		*ret = STEAL(y);
	return r;
}

int pkg_yml_include(struct pkg_yml *y, const char *name, const char *text, size_t size,
	const char *dir, struct werr **err)
{
	static const struct yml_field fields[] = {
		{"extra-sources", yml_extras, 0, YML_TEXTS, ""},
		{"build", yml_build, 0, YML_MAP, "", .map = &yml_build_map, .required = true},
		{0},
	};
	struct yml_context c = {.dir = dir};
	int r = yaml_parse(name, text, size, &y->included, err);

	if (r < 0)
		return r;
	yml_read(&c, "an included file", y->included->root, fields, y);
	return hand_on_errors(&c, err);
}

bool pkg_yml_has_content(const struct pkg_yml *y)
{
	return y->include || y->build.run || y->debian.packages.n || y->n_files;
}

static void debian_clear(struct pkg_debian *d)
{
	free(d->suite);
	strv_clear(&d->packages);
	strv_clear(&d->keep);
}

void pkg_yml_free(struct pkg_yml *y)
{
	if (!y)
		return;
	document_free(y->document);
	document_free(y->included);
	free(y->include);
	free(y->image);
	free(y->org);
	free(y->tag);
	free(y->config);
	free(y->dockerfile);
	free(y->gitrepo);
	strv_clear(&y->build_args);
	pkg_depends_cleanup(&y->depends);
	strv_clear(&y->arches);
	strv_clear(&y->entrypoint);
	for (size_t i = 0; i < y->n_extras; i++) {
		free(y->extras[i].src);
		free(y->extras[i].dst);
	}
	free(y->extras);
	free(y->build.run);
	free(y->build.suite);
	strv_clear(&y->build.packages);
	for (size_t i = 0; i < y->build.n_sources; i++) {
		free(y->build.sources[i].package);
		free(y->build.sources[i].suite);
	}
	free(y->build.sources);
	debian_clear(&y->build.debian);
	debian_clear(&y->debian);
	for (size_t i = 0; i < y->n_files; i++) {
		free(y->files[i].path);
		free(y->files[i].text);
	}
	free(y->files);
	free(y);
}
