/* SPDX-License-Identifier: Apache-2.0 */
/* new: a YAML file to start from. */
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/mem.h"
#include "base/path.h"
#include "cli/called.h"
#include "cli/cli.h"
#include "cli/image-choice.h"
#include "cli/print.h"
#include "cli/starter.h"
#include "net/net.h"
#include "store/registry.h"

enum { TEXT_SIZE_MAX = 1 << 20, FILE_MODE = 0644, NAME_SIZE_MAX = 64 };

struct options {
	const char *from;
	bool force;
};

static const struct option options[] = {
	{.name = "from",
		.kind = OPTION_TEXT,
		.value = "STARTER",
		.help = "What to start from, as listed above",
		.choices = starter_names,
		.fallback = "minimal",
		.offset = offsetof(struct options, from)},
	{.name = "force",
		.kind = OPTION_FLAG,
		.help = "Replace a file that is already there",
		.offset = offsetof(struct options, force)},
	{0},
};

/* ---- the names ---- */

/* "shop" of "dir/shop", "dir/shop.yml" and "dir/shop.yaml". It becomes part of file names. */
static int name_of(const char *operand, char **ret, struct werr **err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	CLEANUP(free) char *name = path_base(operand);
	static const char *const suffixes[] = {".yml", ".yaml"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (str_ends_with(name, suffixes[i])) {
			name[strlen(name) - strlen(suffixes[i])] = '\0';
			break;
		}
	if (!*name || strlen(name) > NAME_SIZE_MAX || strspn(name, allowed) != strlen(name) ||
		strchr(".-", *name) || str_ends_with(operand, "/")) {
		werr_set(err, WERR_USAGE, "'%s' can't be the name of an OS", operand);
		werr_hint(err, "letters, digits and . _ - are allowed, at most %d of them",
			NAME_SIZE_MAX);
		return werr_code(WERR_USAGE);
	}
	*ret = STEAL(name);
	return 0;
}

static char *file_of(const char *operand)
{
	bool is_file = str_ends_with(operand, ".yml") || str_ends_with(operand, ".yaml");

	return is_file ? str_dup(operand) : str_printf("%s.yml", operand);
}

/* What an entry of this image is called: "redis" for "docker.io/library/redis:7". */
static char *service_of(const struct image *image)
{
	CLEANUP(reference) struct reference ref = {0};

	if (reference_parse(image->name, &ref, NULL) < 0)
		return str_dup("service");
	return path_base(ref.repository);
}

/* ---- the image ---- */

static int pull(struct context *ctx, struct store *store, const char *text, struct werr **err)
{
	CLEANUP(net) struct net *net = NULL;
	CLEANUP(reference) struct reference ref = {0};
	struct werr *why = NULL;
	struct platform platform;
	int r = reference_parse(text, &ref, err);

	platform_host(&platform);
	if (r == 0)
		r = context_open_net(ctx, &net, err);
	if (r < 0)
		return r;
	r = store_pull(store, net, &ref, 1,
		&(struct pull_options){.platform = &platform, .progress = ctx->progress}, &why,
		err);
	if (why)
		werr_pass(err, why);
	return r;
}

/* The image from the store; else from its registry, as a build would get it. */
static int open_image(struct context *ctx, const char *text, struct image **ret, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(werr) struct werr *missing = NULL, *pulling = NULL;
	const struct choice_options any = {0};
	int r = context_open_store(ctx, &store, err);

	if (r < 0)
		return r;
	r = choice_open_image(&any, store, text, ret, &missing);
	if (r != werr_code(WERR_NOT_FOUND)) {
		werr_pass(err, STEAL(missing));
		return r;
	}
	r = pull(ctx, store, text, &pulling);
	if (r == 0)
		return choice_open_image(&any, store, text, ret, err);
	if (r == werr_code(WERR_CANCELLED) || r == werr_code(WERR_USAGE))
		werr_pass(err, STEAL(pulling));
	else {
		werr_append(&missing, STEAL(pulling));
		werr_pass(err, STEAL(missing));
	}
	return r;
}

/* ---- the verb ---- */

static int check(
	const struct starter *s, const char *image, const char *file, bool force, struct werr **err)
{
	if (s->takes_image && !image) {
		werr_set(err, WERR_USAGE, "--from %s needs the name of an image", s->name);
		werr_hint(err, "wherry new shop --from %s redis:7", s->name);
		return werr_code(WERR_USAGE);
	}
	if (!s->takes_image && image)
		return werr_set(err, WERR_USAGE, "--from %s takes no image, but '%s' was given",
			s->name, image);
	if (!force && access(file, F_OK) == 0) {
		werr_set(err, WERR_EXISTS, "%s is already there", file);
		werr_hint(err, "--force replaces it");
		return werr_code(WERR_EXISTS);
	}
	return 0;
}

static int report(const struct context *ctx, const struct starter_values *v, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_SIZE_MAX);
	CLEANUP(free) char *publish = starter_publish(v->starter, v->config);
	CLEANUP(free) char *build = called_text(&ctx->called, "    wherry build ");
	CLEANUP(free) char *run = called_text(&ctx->called, "    wherry run qemu ");

	if (ctx->global.json) {
		struct json_writer w = JSON_WRITER_SHOWN(&out);

		json_open_object(&w);
		json_key_string(&w, "file", v->file);
		json_close_object(&w);
		buf_putc(&out, '\n');
	} else if (!ctx->global.quiet) {
		buf_printf(&out, "wrote %s; build and start it with:\n", v->file);
		buf_printf(&out, "%s%s%s\n", build, v->starter->build, v->file);
		buf_printf(&out, "%s%s%s%s\n", run, publish, v->starter->run, v->name);
	}
	return print_result(&out, err);
}

static int write_starter(
	const struct context *ctx, const struct starter_values *v, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(TEXT_SIZE_MAX);
	int r;

	starter_write(&text, v);
	r = file_write_named(v->file, FILE_MODE, buf_str(&text), text.len, err);
	return r < 0 ? r : report(ctx, v, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	const struct starter *s = starter_find(o->from);
	CLEANUP(free) char *name = NULL, *file = file_of(operands[0]), *service = NULL;
	CLEANUP(image) struct image *image = NULL;
	int r = name_of(operands[0], &name, err);

	if (r == 0)
		r = check(s, operands[1], file, o->force, err);
	if (r == 0 && s->takes_image)
		r = open_image(ctx, operands[1], &image, err);
	if (r < 0)
		return r;
	if (image)
		service = service_of(image);
	return write_starter(ctx,
		&(struct starter_values){
			.starter = s,
			.name = name,
			.file = file,
			.image = operands[1],
			.service = service,
			.config = image ? image->config : NULL,
		},
		err);
}

const struct command command_new = {
	.name = "new",
	.summary = "Write a YAML file to start from",
	.operands = "NAME [IMAGE]",
	.operands_min = 1,
	.operands_max = 2,
	.text = "NAME.yml builds and boots as it is, and its comments say what can be changed. "
		"STARTER is one of:\n"
		"\n"
		"    minimal       A shell on the console\n"
		"    nginx         A web server with a page of its own\n"
		"    docker        Docker, with its data on a disk\n"
		"    docker-image  The IMAGE, from a registry or the cache, as a service\n"
		"    appliance     A data disk, restarts, health checks, no shell\n"
		"\n"
		"    wherry new shop --from docker-image redis:7",
	.options =
		(const struct option_group[]){
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
