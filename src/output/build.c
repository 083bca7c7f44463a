/* SPDX-License-Identifier: Apache-2.0 */
#include "output/build.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/pool.h"
#include "output/made-dir.h"
#include "output/write.h"
#include "plan/doubts.h"

enum { BUILD_FORMATS_MAX = 16 };
_Static_assert(BUILD_FORMATS_MAX *FORMAT_ENCODINGS_MAX <= PIECES_ENCODINGS_MAX,
	"the encodings of all formats must fit");

/* A file that is being written. */
struct output {
	const struct output_file *how;
	const char *format;
	char *path; /* "-": stdout */
	struct atomic_file *file;
	uint64_t size;
	bool missing; /* nothing was written */
};

struct build {
	const struct build_options *options;
	const struct plan *plan;
	const struct format *formats[BUILD_FORMATS_MAX];
	size_t n_formats;
	struct pieces_options wanted;
	struct pieces *pieces;
	struct output *outputs;
	size_t n_outputs;
	struct made_dir dir;
};

static bool wants(const struct build *b, const struct encoding *e)
{
	for (size_t i = 0; i < b->wanted.n; i++)
		if (b->wanted.encodings[i] == e)
			return true;
	return false;
}

static int choose_format(struct build *b, const char *name, struct werr **err)
{
	const struct format *f = format_find(name);

	if (!f)
		return werr_set(err, WERR_USAGE, "unknown format '%s'", name);
	if (!format_is_supported(f))
		return werr_set(
			err, WERR_UNSUPPORTED, "format %s of LinuxKit is not supported yet", name);
	for (size_t i = 0; i < b->n_formats; i++)
		if (b->formats[i] == f)
			return 0;
	if (b->n_formats == BUILD_FORMATS_MAX)
		return werr_set(err, WERR_USAGE, "more than %d formats", BUILD_FORMATS_MAX);
	b->formats[b->n_formats++] = f;
	for (size_t i = 0; i < FORMAT_ENCODINGS_MAX && f->encodings[i]; i++)
		if (!wants(b, f->encodings[i]))
			b->wanted.encodings[b->wanted.n++] = f->encodings[i];
	return 0;
}

/* "tar or docker"; owned by the caller. */
static char *stream_names(void)
{
	CLEANUP(strv) struct strv names = {0};

	for (const char *const *name = format_names(); *name; name++)
		if (format_find(*name)->is_stream)
			strv_add(&names, *name);
	return strv_join(&names, " or ");
}

static int refuse_output(struct werr **err)
{
	CLEANUP(free) char *names = stream_names();

	werr_set(err, WERR_USAGE, "--output needs one format that is a single file: %s", names);
	werr_hint(err, "name several files by --dir DIR and --name NAME");
	return werr_code(WERR_USAGE);
}

/* Which formats go together, and with --output. */
static int check_formats(const struct build *b, bool compat, struct werr **err)
{
	const struct build_options *o = b->options;

	for (size_t i = 0; i < b->n_formats; i++) {
		const struct format *f = b->formats[i];

		if (f->is_stream && b->n_formats > 1 && compat)
			return werr_set(err, WERR_USAGE, "format %s cannot be combined with others",
				f->name);
		if (o->output && (!f->is_stream || b->n_formats > 1))
			return refuse_output(err);
	}
	if (o->output && o->input_tar && str_eq(o->output, o->input_tar))
		return werr_set(
			err, WERR_USAGE, "%s cannot be both --input-tar and the output", o->output);
	if (o->name && !*o->name)
		return werr_set(err, WERR_USAGE, "--name is empty: the outputs need a name");
	if (o->output && (o->name || o->dir))
		return werr_set(err, WERR_USAGE,
			"--output has its own name and directory: it cannot be combined with "
			"--%s",
			o->name ? "name" : "dir");
	return 0;
}

static int choose_formats(struct build *b, bool compat, struct werr **err)
{
	const struct build_options *o = b->options;
	int r = 0;

	if (o->formats.n == 0)
		r = choose_format(b, o->output ? "tar" : "kernel+initrd", err);
	for (size_t i = 0; r == 0 && i < o->formats.n; i++)
		r = choose_format(b, o->formats.items[i], err);
	return r < 0 ? r : check_formats(b, compat, err);
}

/* Begin every output before anything is fetched: an unwritable directory is reported at once. */
static int open_output(
	struct build *b, const struct config *c, const struct output_file *how, struct werr **err)
{
	const struct build_options *o = b->options;
	struct output *out = &b->outputs[b->n_outputs++];
	const char *name = o->name ? o->name : c->name;
	int r;

	out->how = how;
	if (o->output) {
		out->path = str_dup(file_is_stdout(o->output) ? "-" : o->output);
	} else {
		CLEANUP(free) char *file = str_printf("%s%s", name, how->suffix);

		out->path = path_join(o->dir ? o->dir : "", file);
	}
	if (str_eq(out->path, "-"))
		return 0;
	r = atomic_file_open_named(&out->file, out->path, 0644, err);
	if (r == -ENOENT)
		werr_hint(err, "make its directory first");
	return r;
}

/* Formats have files in common, which are written once: the kernel. */
static bool is_open(const struct build *b, const struct output_file *how)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		if (str_eq(b->outputs[i].how->suffix, how->suffix))
			return true;
	return false;
}

static int open_outputs(struct build *b, const struct config *c, struct werr **err)
{
	struct output *out;

	const char *dir = b->options->dir;
	int made = dir && *dir ? made_dir_make(&b->dir, dir, err) : 0;

	if (made < 0)
		return made;
	b->outputs = mem_new_array(struct output, b->n_formats * FORMAT_FILES_MAX);
	for (size_t i = 0; i < b->n_formats; i++)
		for (const struct output_file *how = b->formats[i]->files;
			how < b->formats[i]->files + FORMAT_FILES_MAX && how->suffix; how++) {
			int r = is_open(b, how) ? 0 : open_output(b, c, how, err);

			if (r < 0)
				return r;
			out = &b->outputs[b->n_outputs - 1];
			out->format = out->format ? out->format : b->formats[i]->name;
		}
	return 0;
}

static int write_output(struct build *b, struct output *out, struct werr **err)
{
	CLEANUP(writer)
	struct writer *file = fd_writer_new(out->file ? out->file->fd : STDOUT_FILENO, FD_LENT,
		out->file ? out->path : "stdout");
	CLEANUP(writer) struct writer *counter = count_writer_new(file, &out->size);

	int r = out->how->piece ? output_write_piece(b->pieces, out->how->piece, counter, err)
				: out->how->write(b->plan, b->pieces, counter, err);

	out->missing = r == OUTPUT_NONE;
	if (out->missing && !b->plan->config->kernel.image)
		log_warning("%s is not written: the configuration has no kernel", out->path);
	return r < 0 ? r : 0;
}

/* A kernel belongs to its initrd: replace all files, or none. */
static int commit_outputs(struct build *b, struct werr **err)
{
	struct atomic_file *files[BUILD_FORMATS_MAX * FORMAT_FILES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < b->n_outputs; i++)
		if (b->outputs[i].file && !b->outputs[i].missing)
			files[n++] = b->outputs[i].file;
	return atomic_file_commit_all(files, n, err);
}

static int write_outputs(struct build *b, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n_outputs; i++)
		r = write_output(b, &b->outputs[i], err);
	return r < 0 ? r : commit_outputs(b, err);
}

static void report(struct build *b, struct build_report *ret)
{
	ret->outputs = mem_new_array(struct build_output, b->n_outputs);
	ret->parts = b->plan->n;
	ret->parts_kept = pieces_count_found(b->pieces);
	for (size_t i = 0; i < b->n_outputs; i++)
		if (!b->outputs[i].missing)
			ret->outputs[ret->n++] = (struct build_output){STEAL(b->outputs[i].path),
				b->outputs[i].size, b->outputs[i].format};
	ret->images = mem_new_array(struct build_image, b->plan->n_images);
	for (size_t i = 0; i < b->plan->n_images; i++) {
		const struct image *image = b->plan->images[i];

		if (!image)
			continue;
		ret->images[ret->n_images++] = (struct build_image){
			str_dup(image->name), image->top.digest, image->descriptor.digest};
	}
}

static void build_cleanup(struct build *b)
{
	for (size_t i = 0; i < b->n_outputs; i++) {
		if (b->outputs[i].file)
			atomic_file_free(b->outputs[i].file);
		free(b->outputs[i].path);
	}
	free(b->outputs);
	made_dir_remove(&b->dir);
	made_dir_cleanup(&b->dir);
	if (b->pieces)
		pieces_free(b->pieces);
}

/* Take pieces from the store and encode the others, after which the plan no longer changes. */
static int make_pieces(struct build *b, struct plan *plan, struct werr **err)
{
	int r = pieces_find(&b->pieces, plan, &b->wanted, err);

	if (r == 0 && pieces_need_kernel(b->pieces))
		r = plan_load_kernel(plan, err);
	return r < 0 ? r : pieces_encode(b->pieces, err);
}

/*
 * Once the pieces are made, the store knows the programs of the images. What an earlier tar has
 * comes without them.
 */
static int find_doubts(const struct build *b, struct werr **ret, struct werr **err)
{
	const struct plan *p = b->plan;
	CLEANUP(free)
	const struct digest **tops = mem_new_array(const struct digest *, p->n_images);

	if (p->earlier)
		return 0;
	for (size_t i = 0; i < p->n_images; i++)
		tops[i] = p->images[i] ? &p->images[i]->top.digest : NULL;
	doubts_find(&(struct doubts_input){.config = p->config,
			    .store = p->store,
			    .platform = &p->images_from.platform,
			    .uses = p->uses,
			    .tops = tops,
			    .images = p->images,
			    .n = p->n_images},
		ret);
	if (!b->options->strict || !*ret)
		return 0;
	werr_append(err, STEAL(*ret));
	return werr_code(WERR_INVALID);
}

int build_run(const struct config *c, const struct build_options *o, struct build_report *ret,
	struct werr **err)
{
	CLEANUP(plan) struct plan *plan = NULL;
	CLEANUP(werr) struct werr *doubts = NULL;
	CLEANUP(build)
	struct build b = {.options = o,
		.wanted = {.fresh = o->fresh, .threads = o->threads, .progress = o->progress}};
	const struct plan_options options = {.decompress_kernel = o->decompress_kernel,
		.strict = o->strict,
		.release = o->release,
		.sbom = o->sbom,
		.input_tar = o->input_tar,
		.compression = o->compression,
		.sbom_time = o->sbom_time ? o->sbom_time : BUILD_TIME};
	int r = choose_formats(&b, c->compat, err);

	if (r == 0)
		r = open_outputs(&b, c, err);
	if (r == 0)
		r = plan_make(&plan, c, &o->images, &options, err);
	if (r < 0)
		return r;
	b.plan = plan;
	if (o->images.lock && wants(&b, &encoding_initrd))
		lockfile_check_compressor(o->images.lock, o->compression.codec);
	r = make_pieces(&b, plan, err);
	if (r == 0)
		r = find_doubts(&b, &doubts, err);
	if (r == 0)
		r = write_outputs(&b, err);
	if (r < 0)
		return r;
	report(&b, ret);
	ret->doubts = STEAL(doubts);
	return 0;
}

void build_report_cleanup(struct build_report *r)
{
	werr_free(STEAL(r->doubts));
	for (size_t i = 0; i < r->n; i++)
		free(r->outputs[i].path);
	free(r->outputs);
	for (size_t i = 0; i < r->n_images; i++)
		free(r->images[i].name);
	free(r->images);
	*r = (struct build_report){0};
}
