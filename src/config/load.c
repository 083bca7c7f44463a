/* SPDX-License-Identifier: Apache-2.0 */
/* From YAML files to a configuration. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "config/internal.h"
#include "config/volumes.h"
#include "data/yaml.h"

static bool is_stdin(const char *path)
{
	return str_eq(path, "-");
}

static int read_text(const char *path, char **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(reader) struct reader *r = NULL;

	if (str_after(path, "http://") || str_after(path, "https://"))
		return werr_set(err, WERR_UNSUPPORTED,
			"can't read %s: YAML files from the network are not supported yet", path);
	if (!is_stdin(path))
		return file_read(path, YAML_SIZE_MAX, ret, ret_size, err);
	r = fd_reader_new(STDIN_FILENO, false, "stdin");
	return reader_read_all(r, YAML_SIZE_MAX, ret, ret_size, err);
}

/* "dir/os.yml" gives "os". */
static char *output_name(const char *path)
{
	char *base, *dot;

	if (is_stdin(path))
		return str_dup("moby");
	base = path_base(path);
	dot = strrchr(base, '.');
	if (dot && dot != base)
		*dot = '\0';
	return base;
}

/* "@pkg:DIR" becomes the package's image. */
static void resolve_package(struct document *d, struct checker *checker, struct node *n,
	const struct config_options *options)
{
	const char *written = str_after(n->text, "@pkg:");
	CLEANUP(free) char *folder = NULL;
	CLEANUP(free) char *dir = NULL;
	CLEANUP(free) char *image = NULL;
	struct werr *err = NULL;

	if (!written)
		return;
	if (!options || !options->pkg_tag) {
		checker_add(checker, n, "'%.80s' can't be resolved here", n->text);
		return;
	}
	folder = path_dir(d->name);
	dir = path_join(str_eq(folder, ".") ? "" : folder, written);
	if (options->pkg_tag(dir, &image, options->ctx, &err) < 0)
		checker_take(checker, n, err);
	else
		document_replace_text(d, n, image);
}

static void resolve_packages(struct document *d, struct checker *checker, struct node *n,
	const struct config_options *options)
{
	if (n->kind == NODE_SCALAR)
		resolve_package(d, checker, n, options);
	for (size_t i = 0; i < n->n; i++)
		resolve_packages(d, checker, n->items[i], options);
}

static void check_document(
	struct document *d, struct checker *checker, const struct config_options *options)
{
	const struct node *root = d->root;

	checker->document = d;
	if (root->kind == NODE_NULL && root->line > 0)
		return; /* "---" is a configuration without anything */
	if (root->kind == NODE_NULL) {
		checker_add(checker, &(struct node){.line = 1, .column = 1}, "the file is empty");
		return;
	}
	if (root->kind != NODE_MAP) {
		checker_add(checker, root, "expected a map with kernel, init, services ..., not %s",
			node_kind_name(root));
		return;
	}
	resolve_packages(d, checker, d->root, options);
	check_map(checker, &schema_file, root);
}

static void load_text(struct config *c, struct checker *checker, const struct config_text *text,
	const struct config_options *options)
{
	const char *name = is_stdin(text->name) ? "stdin" : text->name;
	struct document *d = NULL;
	struct werr *err = NULL;

	if (yaml_parse(name, text->text, text->size, &d, &err) < 0) {
		checker->incomplete = true;
		checker->n_errors++;
		werr_append(&checker->errors, err);
		return;
	}
	c->documents[c->n_documents++] = d;
	check_document(d, checker, options);
}

/* unread: the errors of files that could not be read, owned. */
static int load_texts(const struct config_text *texts, size_t n, struct werr *unread,
	const struct config_options *options, struct config **ret, struct werr **err)
{
	CLEANUP(config) struct config *c = mem_new(struct config);
	CLEANUP(checker) struct checker checker = CHECKER_INIT(NULL);
	int r;

	checker.errors = unread;
	checker.n_errors = unread ? 1 : 0;
	checker.incomplete = unread;
	c->documents = mem_new_array(struct document *, n);
	for (size_t i = 0; i < n; i++)
		load_text(c, &checker, &texts[i], options);
	c->name = output_name(n > 0 ? texts[n - 1].name : "-");
	config_build_kernel(c, &checker);
	config_build_init(c);
	config_build_containers(c, &checker);
	config_build_files(c, &checker);
	config_build_volumes(c, &checker);
	if (checker.n_errors == 0)
		config_warn(c, &checker);
	if (options && options->warnings)
		*options->warnings = checker_steal_warnings(&checker);
	r = checker_finish(&checker, err);
	if (r == 0)
		*ret = STEAL(c);
	return r;
}

int config_load_texts(const struct config_text *texts, size_t n,
	const struct config_options *options, struct config **ret, struct werr **err)
{
	return load_texts(texts, n, NULL, options, ret, err);
}

static void texts_free(struct config_text *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)texts[i].text);
	free(texts);
}

int config_load(const char *const *paths, size_t n, const struct config_options *options,
	struct config **ret, struct werr **err)
{
	struct config_text *texts = mem_new_array(struct config_text, n);
	struct werr *unread = NULL;
	size_t n_read = 0;
	int r;

	for (size_t i = 0; i < n; i++) {
		struct config_text t = {.name = paths[i]};
		struct werr *one = NULL;
		char *text = NULL;

		if (read_text(paths[i], &text, &t.size, &one) < 0)
			werr_append(&unread, one);
		t.text = text;
		if (text)
			texts[n_read++] = t;
	}
	r = load_texts(texts, n_read, unread, options, ret, err);
	texts_free(texts, n_read);
	return r;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_documents; i++)
		document_free(c->documents[i]);
	for (size_t i = 0; i < c->init.n; i++)
		free(c->init.images[i]);
	for (size_t i = 0; i < c->n_containers; i++) {
		free(c->containers[i].name);
		free(c->containers[i].image);
		free(c->containers[i].dir);
	}
	for (size_t i = 0; i < c->n_files; i++) {
		free(c->files[i].path);
		free(c->files[i].contents);
		free(c->files[i].source);
		free(c->files[i].target);
	}
	volumes_free(c);
	free(c->kernel.image);
	free(c->kernel.cmdline);
	free(c->kernel.binary);
	free(c->kernel.tar);
	free(c->kernel.ucode);
	free(c->documents);
	free(c->init.images);
	free(c->init.nodes);
	free(c->containers);
	free(c->ids);
	free(c->files);
	free(c->name);
	free(c);
}

const struct document *config_document_of(const struct config *c, const struct node *n)
{
	for (size_t i = 0; i < c->n_documents; i++)
		if (document_owns(c->documents[i], n))
			return c->documents[i];
	return NULL;
}
