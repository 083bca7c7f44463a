/* SPDX-License-Identifier: Apache-2.0 */
/* build: from YAML files to outputs. */
#include <errno.h>
#include <unistd.h>

#include "base/atomic-file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "output/build.h"
#include "output/format.h"
#include "cli/bill.h"
#include "cli/component-loaders.h"
#include "cli/component-make.h"
#include "cli/input.h"
#include "cli/input-lock.h"
#include "cli/built.h"
#include "cli/last-build.h"
#include "cli/print.h"
#include "cli/replaced.h"
#include "cli/sign.h"
#include "cli/verbs.h"
#include "data/json.h"
#include "net/engine-api.h"
#include "net/net.h"

enum { THREADS_MAX = 1024 };

struct options {
	struct input_options input;
	struct input_lock_options lock;
	struct component_make_options make;
	struct sign_options sign;
	struct bill_options bill;
	const char *compress, *dir, *disk_compress, *input_tar, *name, *output, *root;
	struct strv formats;
	uint64_t size, threads;
	bool decompress_kernel, docker, dry_run, fresh, offline, pull;
};

static const struct option options[] = {
	{.name = "compress",
		.kind = OPTION_TEXT,
		.value = "HOW",
		.help = "How to compress the initrd, also with a level, as in zstd:19; by "
			"default zstd, or gzip with --compat",
		.choices = codec_names,
		.choices_begin = true,
		.offset = offsetof(struct options, compress)},
	{.name = "decompress-kernel",
		.kind = OPTION_FLAG,
		.help = "Unpack a kernel that is compressed by gzip, xz, zstd or lz4",
		.offset = offsetof(struct options, decompress_kernel)},
	{.name = "dir",
		.kind = OPTION_TEXT,
		.value = "DIR",
		.help = "Directory for the outputs, made if it is missing; by default the current "
			"one",
		.offset = offsetof(struct options, dir)},
	{.name = "disk-compress",
		.kind = OPTION_TEXT,
		.value = "METHOD",
		.help = "How to compress the clusters of qcow2 disks",
		.fallback = "none",
		.choices = disk_compression_names,
		.offset = offsetof(struct options, disk_compress)},
	{.name = "docker",
		.kind = OPTION_FLAG,
		.help = "Look for images in Docker or Podman first, through its local API",
		.offset = offsetof(struct options, docker)},
	{.name = "dry-run",
		.kind = OPTION_FLAG,
		.help = "Only show the configuration that all FILEs make up together",
		.offset = offsetof(struct options, dry_run)},
	{.name = "format",
		.letter = 'f',
		.kind = OPTION_LIST,
		.value = "FORMAT",
		.help = "What to write; by default kernel+initrd, or tar with -o",
		.choices = format_names,
		.offset = offsetof(struct options, formats)},
	{.name = "fresh",
		.kind = OPTION_FLAG,
		.help = "Encode everything again, also what earlier builds left in the cache",
		.offset = offsetof(struct options, fresh)},
	{.name = "input-tar",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Reuse what has not changed from the tar of an earlier build",
		.offset = offsetof(struct options, input_tar)},
	{.name = "locked",
		.kind = OPTION_FLAG,
		.help = "Fail unless FILE.lock has every image; see `wherry help lock`",
		.offset = offsetof(struct options, lock.locked)},
	{.name = "name",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.help = "Base name of the outputs; by default that of the last FILE",
		.offset = offsetof(struct options, name)},
	{.name = "o",
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Write the only output, which is a single file, to this one; \"-\" is "
			"stdout, for tar and docker",
		.offset = offsetof(struct options, output)},
	{.name = "offline",
		.kind = OPTION_FLAG,
		.help = "Fetch nothing: all images must be in the cache",
		.offset = offsetof(struct options, offline)},
	{.name = "pull",
		.kind = OPTION_FLAG,
		.help = "Ask the registries also for images that are in the cache",
		.offset = offsetof(struct options, pull)},
	{.name = "root",
		.kind = OPTION_TEXT,
		.value = "KIND",
		.help = "Where the root file system is: in memory (initrd), or read-only on the "
			"disk; by default what each format says",
		.choices = root_kind_names,
		.offset = offsetof(struct options, root)},
	{.name = "size",
		.kind = OPTION_SIZE,
		.value = "SIZE",
		.help = "How large a disk is to be, such as 512M or 2G; a plain number is in MiB; "
			"by default as large as its content",
		.offset = offsetof(struct options, size)},
	{.name = "strict",
		.kind = OPTION_FLAG,
		.help = "Treat warnings about the files as mistakes, and rights that images' "
			"labels ask for as well",
		.offset = offsetof(struct options, input.strict)},
	{.name = "threads",
		.kind = OPTION_NUMBER,
		.value = "N",
		.help = "How many parts to work on at once; by default one for each processor",
		.offset = offsetof(struct options, threads)},
	{.name = "update-lock",
		.kind = OPTION_FLAG,
		.help = "Rewrite FILE.lock with what the names stand for now",
		.offset = offsetof(struct options, lock.update)},
	{0},
};

static int show(const struct build_report *report, const struct config *config,
	const struct global_options *g, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1 << 20);
	char size[16];

	if (g->json) {
		built_add_compressors(&out);
		replaced_add_lines(config, &out);
	}
	for (size_t i = 0; g->json && i < report->n_images; i++)
		built_add_image(&out, &report->images[i]);
	for (size_t i = 0; g->json && i < report->parts; i++)
		built_add_part(&out, &report->part_items[i]);
	if (!g->json && report->n && !str_eq(report->outputs[0].path, "-") && isatty(STDOUT_FILENO))
		built_add_parts(&out, report);
	for (size_t i = 0; i < report->n; i++) {
		const struct build_output *o = &report->outputs[i];

		if (str_eq(o->path, "-"))
			return 0;
		if (g->json)
			built_add_output(&out, o);
		else
			buf_printf(&out, "%s %s %s\n", o->path, str_size(size, o->size),
				*o->sha256 ? o->sha256 : "-");
	}
	return g->quiet && !g->json ? 0 : print_result(&out, err);
}

/* What would be built, as one YAML file. */
static int show_config(const struct config *config, struct werr **err)
{
	static const struct resolved_options as_given;
	CLEANUP(buf) struct buf out = BUF_INIT(CONFIG_TEXT_MAX);
	int r = config_write(config, &as_given, &out, err);

	return r < 0 ? r : print_result(&out, err);
}

/* What a build needs besides its options. */
struct sources {
	struct store *store;
	struct lockfile *lock;
	struct net *net;       /* NULL with --offline */
	char *engine;          /* the socket of a local engine, or NULL */
	char *sbom;            /* the SBOM's path in the OS, or NULL */
	struct signer *signer; /* or NULL */
};

static void sources_cleanup(struct sources *s)
{
	if (s->store)
		store_free(s->store);
	if (s->lock)
		lockfile_free(s->lock);
	if (s->net)
		net_free(s->net);
	free(s->engine);
	free(s->sbom);
	if (s->signer)
		signer_free(s->signer);
}

static int check_exclusions(const struct options *o, struct werr **err)
{
	if (o->offline && (o->pull || o->docker))
		return werr_set(err, WERR_USAGE, "--offline and --%s are mutually exclusive",
			o->pull ? "pull" : "docker");
	if (o->input_tar && o->pull)
		return werr_set(err, WERR_USAGE, "--input-tar and --pull are mutually exclusive");
	return 0;
}

/* As LinuxKit, whose build scripts have --docker where no Docker runs. */
static int find_engine(char **ret, struct werr **err)
{
	CLEANUP(werr) struct werr *why = NULL;
	int r = engine_find(ret, &why);

	if (r == -ENOENT) {
		log_warning("--docker: %s: images come from the cache and from registries",
			why->message);
		return 0;
	}
	if (r < 0)
		werr_pass(err, STEAL(why));
	return r;
}

static int open_sources(
	const struct context *ctx, const struct options *o, struct sources *ret, struct werr **err)
{
	int r = context_open_store(ctx, &ret->store, err);

	if (r == 0)
		r = bill_path(&o->bill, &ret->sbom, err);
	if (r == 0)
		r = check_exclusions(o, err);
	if (r == 0)
		r = sign_open(&o->sign, &ret->signer, err);
	if (r == 0 && o->docker)
		r = find_engine(&ret->engine, err);
	if (r == 0 && !o->offline)
		r = context_open_net(ctx, &ret->net, err);
	return r;
}

/* What is built for, and how it is compressed. LinuxKit asks for no variant of an architecture. */
static int choose_target(const struct context *ctx, const struct options *o,
	struct build_options *b, struct werr **err)
{
	bool compat = input_is_compat(ctx, &o->input);
	const char *compress = o->compress ? o->compress : compat ? "gzip" : "zstd";
	struct platform *p = &b->images.platform;
	int r = codec_parse(compress, &b->compression, err);

	/* It is one of the choices. */
	(void)disk_compression_find(o->disk_compress, &b->disk_compression);
	if (r == 0)
		r = input_platform(&o->input, p, err);
	if (r == 0 && compat)
		str_copy(p->variant, sizeof(p->variant), PLATFORM_ANY_VARIANT);
	return r;
}

static int build(struct context *ctx, const struct options *o, const char *const *files,
	const struct config *config, struct build_options *b, struct build_report *ret,
	struct werr **err)
{
	CLEANUP(sources) struct sources sources = {0};
	CLEANUP(component_loaders) struct component_loaders loaders = {0};
	CLEANUP(strv) struct strv packages = {0};
	bool to_stdout = o->output && (str_eq(o->output, "-") || file_is_stdout(o->output));
	int r = to_stdout ? print_check_stdout(err) : 0;

	if (r == 0)
		r = open_sources(ctx, o, &sources, err);
	b->sbom = sources.sbom;
	b->signer = sources.signer;
	b->images.store = sources.store;
	b->images.net = sources.net;
	b->images.engine = sources.engine;
	b->images.pull = o->pull;
	b->images.progress = ctx->progress;
	if (r == 0)
		r = component_make_missing(ctx, &o->input, &o->make, config, &b->images, err);
	if (r == 0)
		r = input_lock_prepare(files, &o->lock, config, &b->images, &sources.lock, err);
	build_loaders(&b->formats, b->images.platform.arch, &packages);
	if (r == 0)
		r = component_loaders_find(
			ctx, &o->input, &o->make, *files, &packages, &b->images, &loaders, err);
	b->loaders = loaders.items;
	b->n_loaders = loaders.n;
	if (r == 0)
		r = build_run(config, b, ret, err);
	if (r == 0)
		last_build_keep(sources.store, *files, b->images.platform.arch, ret);
	return r < 0 ? r : input_warn(ctx, &o->input, ret->doubts, err);
}

static int make(struct context *ctx, const struct options *o, const char *const *files,
	struct config **config, struct build_report *ret, struct werr **err)
{
	struct build_options b = {
		.name = o->name,
		.dir = o->dir,
		.formats = o->formats,
		.root = o->root,
		.size = o->size,
		.output = o->output,
		.input_tar = o->input_tar,
		.decompress_kernel = o->decompress_kernel,
		.fresh = o->fresh,
		.strict = o->input.strict,
		.release = true,
		.hash_pieces = ctx->global.json,
		.threads = (unsigned)(o->threads < THREADS_MAX ? o->threads : THREADS_MAX),
		.progress = ctx->progress,
	};
	struct input_options input = o->input;
	int r = choose_target(ctx, o, &b, err);

	bill_choose(&o->bill, &b);
	input.look_for_sources = !o->dry_run;
	if (r == 0)
		r = input_load(ctx, &input, files, config, err);
	if (r < 0)
		return r;
	return o->dry_run ? show_config(*config, err) : build(ctx, o, files, *config, &b, ret, err);
}

int verb_build(struct context *ctx, const void *options_, const char *const *files,
	struct build_report *ret, struct werr **err)
{
	CLEANUP(config) struct config *config = NULL;

	return make(ctx, options_, files, &config, ret, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(config) struct config *config = NULL;
	CLEANUP(build_report) struct build_report report = {0};
	int r = make(ctx, o, operands, &config, &report, err);

	return r < 0 || o->dry_run ? r : show(&report, config, &ctx->global, err);
}

const struct command command_build = {
	.name = "build",
	.summary = "Build a bootable image from a YAML file",
	.operands = "FILE...",
	.operands_min = 1,
	.operands_max = OPERANDS_ANY,
	.text = "Several FILEs are merged in order; \"-\" is stdin. Images that are not in the "
		"cache are fetched from their registries, and those of packages (@pkg:) are "
		"made. If there is a FILE.lock, it says which images these are (`wherry help "
		"lock`). Shows what was written and how large it is.\n"
		"\n"
		"    wherry build --format kernel+initrd examples/nginx.yml",
	.options =
		(const struct option_group[]){
			{input_options, offsetof(struct options, input)},
			{component_path_options, offsetof(struct options, input.packages)},
			{component_make_options, offsetof(struct options, make)},
			{sign_options, offsetof(struct options, sign)},
			{bill_options, offsetof(struct options, bill)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
