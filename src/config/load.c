/* SPDX-License-Identifier: Apache-2.0 */
/* From YAML files to a configuration. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/replacement.h"
#include "config/model-build.h"
#include "config/packages.h"
#include "config/sources.h"
#include "yaml/yaml.h"

static bool is_stdin(const char *path)
{
	return str_eq(path, "-");
}

static int read_file(
	const char *path, char **ret, size_t *ret_size, ATTR_UNUSED void *ctx, struct werr **err)
{
	CLEANUP(reader) struct reader *r = NULL;

	if (!is_stdin(path))
		return file_read(path, YAML_SIZE_MAX, ret, ret_size, err);
	r = fd_reader_new(STDIN_FILENO, FD_LENT, "stdin");
	return reader_read_all(r, YAML_SIZE_MAX, ret, ret_size, err);
}

/* "dir/os.yml" gives "os". */
static char *output_name(const char *path, bool compat)
{
	CLEANUP(free) char *path_only = NULL;
	char *base, *dot;

	if (is_stdin(path))
		return str_dup(compat ? "moby" : "os");
	path_only = str_dup_n(path, source_is_url(path) ? strcspn(path, "?#") : strlen(path));
	base = path_base(path_only);
	dot = strrchr(base, '.');
	if (dot && dot != base)
		*dot = '\0';
	return base;
}

static void check_document(struct config *c, struct document *d, struct checker *checker,
	const struct config_options *options)
{
	const struct node *root = d->root;

	if (d->ignored_line)
		checker_warn(checker,
			&(struct node){.document = d, .line = d->ignored_line, .column = 1},
			"only the first document of a file is read: what follows is ignored");
	if (root->kind == NODE_NULL && root->line > 0)
		return; /* "---" is an empty configuration */
	if (root->kind == NODE_NULL) {
		checker_add(checker, &(struct node){.document = d, .line = 1, .column = 1},
			"the file is empty");
		return;
	}
	if (root->kind != NODE_MAP) {
		checker_add(checker, root, "expected a map with kernel, init, services ..., not %s",
			node_kind_name(root));
		return;
	}
	packages_resolve(c, d, checker, options);
	check_map(checker, &schema_file, root);
}

/* The variables of the command line. */
static int load_given(struct variables *given, const struct config_options *o, struct werr **err)
{
	const char *item;

	if (o->compat && ((o->env_files && o->env_files->n) || (o->set && o->set->n)))
		return werr_set(err, WERR_USAGE, "variables are not replaced with --compat");
	if (o->compat && o->components && !str_eq(o->components, "none"))
		return werr_set(
			err, WERR_USAGE, "--components and --compat are mutually exclusive");
	if (o->env_files)
		STRV_FOREACH (item, o->env_files) {
			CLEANUP(free) char *text = NULL;
			size_t size;
			int r = sources_read(o, item, &text, &size, err);

			if (r == 0)
				r = variables_add_file(given, item, text, size, err);
			if (r < 0)
				return r;
		}
	if (o->set)
		STRV_FOREACH (item, o->set) {
			int r = variables_add_setting(given, item, err);

			if (r < 0)
				return r;
		}
	return 0;
}

/* As soon as there is one variable, "${...}" is replaced in all files. */
static void replace_variables(struct config *c, struct checker *checker, struct variables *given)
{
	CLEANUP(variables) struct variables all = {0};
	bool any = given->n > 0;

	for (size_t i = 0; i < c->n_documents; i++) {
		any = any || node_get(c->documents[i]->root, "variables");
		variables_add_map(&all, c->documents[i]);
	}
	if (!any)
		return;
	variables_add_all(&all, given);
	variables_finish(&all, checker);
	for (size_t i = 0; i < c->n_documents; i++)
		variables_expand_all(&all, checker, c->documents[i]);
}

static void refuse_extensions(const struct config *c, struct checker *checker)
{
	static const char *const keys[][2] = {{"variables", "variables are not replaced"},
		{"components", "images of LinuxKit's are not replaced"},
		{"network", "'network' is an extension, which is not applied"}};

	for (size_t i = 0; i < c->n_documents; i++)
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			const struct node *n = node_get(c->documents[i]->root, keys[k][0]);

			if (n)
				checker_add(checker, n, "%s with --compat", keys[k][1]);
		}
}

static void build_model(
	struct config *c, struct checker *checker, const struct config_options *options)
{
	for (size_t i = 0; i < c->n_documents; i++)
		check_document(c, c->documents[i], checker, options);
	if (options->platform)
		config_leave_out(c, options->platform);
	config_build_kernel(c, checker);
	config_build_init(c);
	config_build_containers(c, checker);
	config_build_files(c, checker);
	config_check_network(c, checker);
	if (options->look_for_sources)
		config_check_sources(c, checker);
	config_build_volumes(c, checker);
	config_load_profiles(c, checker, options);
	if (checker->n_errors == 0)
		config_build_references(c, checker);
	if (checker->n_errors == 0)
		config_warn(c, checker, options->platform);
	if (checker->n_errors == 0)
		config_build_metadata(c, checker);
}

/* Texts that are NULL are read. */
static int load_texts(const struct config_text *texts, size_t n,
	const struct config_options *options, struct config **ret, struct werr **err)
{
	CLEANUP(config) struct config *c = mem_new(struct config);
	CLEANUP(checker) struct checker checker = CHECKER_INIT;
	CLEANUP(variables) struct variables given = {.given_only = true};
	CLEANUP(sources)
	struct sources sources = {.c = c, .checker = &checker, .options = options, .given = &given};
	int r = load_given(&given, options, err);

	if (r < 0)
		return r;
	variables_finish(&given, &checker);
	c->compat = checker.compat = options->compat;
	c->name = output_name(n > 0 ? texts[n - 1].name : "-", options->compat);
	for (size_t i = 0; i < n; i++)
		sources_add(&sources, &texts[i]);
	if (options->compat) {
		refuse_extensions(c, &checker);
	} else {
		replace_variables(c, &checker, &given);
		replacement_run(c, &checker, options);
		config_expand_network(c, &checker);
	}
	build_model(c, &checker, options);
	if (options->warnings)
		*options->warnings = checker_steal_warnings(&checker);
	r = checker_finish(&checker, err);
	if (r == 0)
		*ret = STEAL(c);
	return r;
}

int config_load_texts(const struct config_text *texts, size_t n,
	const struct config_options *options, struct config **ret, struct werr **err)
{
	static const struct config_options none;

	return load_texts(texts, n, options ? options : &none, ret, err);
}

int config_load(const char *const *paths, size_t n, const struct config_options *options,
	struct config **ret, struct werr **err)
{
	CLEANUP(free) struct config_text *texts = mem_new_array(struct config_text, n);
	struct config_options with_files = options ? *options : (struct config_options){0};

	if (!with_files.read)
		with_files.read = read_file;
	for (size_t i = 0; i < n; i++)
		texts[i].name = paths[i];
	return load_texts(texts, n, &with_files, ret, err);
}
