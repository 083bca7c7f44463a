/* SPDX-License-Identifier: Apache-2.0 */
#include "output/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/pool.h"
#include "output/build-part.h"
#include "output/chosen.h"
#include "output/made-dir.h"
#include "output/write.h"
#include "plan/doubts.h"

/* A file that is being written. */
struct output {
	const struct output_file *how;
	const struct format *format; /* the first one that has it */
	char *path;                  /* "-": stdout */
	struct atomic_file *file;
	uint64_t size;
	char sha256[SHA256_HEX + 1];
	bool missing; /* nothing was written */
};

struct build {
	const struct build_options *options;
	const struct plan *plan;
	struct chosen chosen;
	struct pieces *pieces;
	struct loaders *loaders;
	struct output *outputs;
	size_t n_outputs;
	struct made_dir *dirs; /* one for each output */
	size_t n_dirs;
};

/* Begin every output before anything is fetched: an unwritable directory is reported at once. */
static int open_output(struct build *b, const struct config *c, const struct format *f,
	const struct output_file *how, struct werr **err)
{
	const struct build_options *o = b->options;
	struct output *out = &b->outputs[b->n_outputs++];
	const char *name = o->name ? o->name : c->name;
	int r;

	out->how = how;
	out->format = f;
	if (o->output) {
		out->path = str_dup(file_is_stdout(o->output) ? "-" : o->output);
	} else {
		CLEANUP(free) char *file = str_printf("%s%s", name, how->suffix);

		out->path = path_join(o->dir ? o->dir : "", file);
	}
	if (str_eq(out->path, "-"))
		return 0;
	if (!o->output)
		return atomic_file_open_ahead(&out->file, out->path, 0644, err);
	r = atomic_file_open_named(&out->file, out->path, 0644, err);
	if (r == -ENOENT)
		werr_hint(err, "make its directory first");
	return r;
}

/* A disk also depends on what root it has. */
static bool is_same(const struct build *b, const struct output *a, const struct format *f,
	const struct output_file *how)
{
	return a->how->piece == how->piece && a->how->write == how->write &&
	       a->how->layout == how->layout && a->how->disk == how->disk &&
	       (!how->disk || chosen_root(&b->chosen, a->format) == chosen_root(&b->chosen, f));
}

/* Formats have files in common, which are written once: the kernel. */
static int add_output(struct build *b, const struct config *c, const struct format *f,
	const struct output_file *how, struct werr **err)
{
	for (size_t i = 0; i < b->n_outputs; i++) {
		const struct output *other = &b->outputs[i];

		if (!str_eq(other->how->suffix, how->suffix))
			continue;
		if (is_same(b, other, f, how))
			return 0;
		werr_set(err, WERR_USAGE, "formats %s and %s both write %s", other->format->name,
			f->name, other->path);
		werr_hint(err, "build them one after another, with another --name or --dir");
		return werr_code(WERR_USAGE);
	}
	return open_output(b, c, f, how, err);
}

static int open_outputs(struct build *b, const struct config *c, struct werr **err)
{
	size_t n = b->chosen.n * FORMAT_FILES_MAX;
	int r = 0;

	b->outputs = mem_new_array(struct output, n);
	b->dirs = mem_new_array(struct made_dir, n);
	for (size_t i = 0; r >= 0 && i < b->chosen.n; i++) {
		const struct format *f = b->chosen.formats[i];

		for (size_t j = 0; r >= 0 && j < FORMAT_FILES_MAX && f->files[j].suffix; j++)
			r = add_output(b, c, f, &f->files[j], err);
	}
	return r < 0 ? r : 0;
}

static struct output_job make_job(const struct build *b, const struct output *out)
{
	const struct build_options *o = b->options;

	return (struct output_job){.plan = b->plan,
		.pieces = b->pieces,
		.file = out->how,
		.root = chosen_root(&b->chosen, out->format),
		.loaders = b->loaders,
		.signer = o->signer,
		.name = o->name ? o->name : b->plan->config->name,
		.size = out->format->has_size ? o->size : 0,
		.usual_size = out->format->usual_size,
		.disk = {.threads = o->threads, .compression = o->disk_compression}};
}

/* Of the files that an output holds: see struct format. Owned by the caller. */
static struct output_job *make_held(const struct build *b, const struct output *out, size_t *ret_n)
{
	const struct format *alone = format_find(out->format->holds);
	size_t n = b->n_outputs + FORMAT_FILES_MAX;
	struct output_job *held = mem_new_array(struct output_job, n);
	struct output one = {.format = out->format};

	for (size_t i = 0; i < b->n_outputs; i++)
		if (b->outputs[i].how->type)
			held[(*ret_n)++] = make_job(b, &b->outputs[i]);
	for (size_t i = 0; !chosen_holds_others(&b->chosen) && alone->files[i].suffix; i++) {
		one.how = &alone->files[i];
		held[(*ret_n)++] = make_job(b, &one);
	}
	return held;
}

/* A pool_job. */
static int write_output(void *ctx, size_t i, struct werr **err)
{
	const struct build *b = ctx;
	struct output *out = &b->outputs[i];
	struct output_job job = make_job(b, out);
	CLEANUP(writer)
	struct writer *file = fd_writer_new(out->file ? out->file->fd : STDOUT_FILENO, FD_LENT,
		out->file ? out->path : "stdout");
	CLEANUP(writer) struct writer *counter = count_writer_new(file, &out->size);
	CLEANUP(free) struct output_job *held = NULL;
	int r;

	if (out->format->holds)
		job.held = held = make_held(b, out, &job.n_held);
	r = output_write_hashed(&job, b->options->fresh, counter, out->sha256, err);
	out->missing = r == OUTPUT_NONE;
	if (r < 0)
		return r;
	if (out->missing && !b->plan->config->kernel.image)
		log_warning("%s is not written: the configuration has no kernel", out->path);
	return 0;
}

static int make_dir_of(struct build *b, const struct output *out, struct werr **err)
{
	CLEANUP(free) char *dir = path_dir(out->path);

	return made_dir_make(&b->dirs[b->n_dirs++], dir, err);
}

/*
 * A kernel belongs to its initrd: replace all files, or none. Directories are made last, so that a
 * build which is killed leaves none.
 */
static int commit_outputs(struct build *b, struct werr **err)
{
	struct atomic_file *files[CHOSEN_MAX * FORMAT_FILES_MAX];
	const struct output *outputs[CHOSEN_MAX * FORMAT_FILES_MAX];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < b->n_outputs; i++)
		if (b->outputs[i].file && !b->outputs[i].missing) {
			outputs[n] = &b->outputs[i];
			files[n++] = b->outputs[i].file;
		}
	r = atomic_file_sync_all(files, n, err);
	if (r == 0)
		r = cancel_check(err);
	for (size_t i = 0; r == 0 && !b->options->output && i < n; i++)
		r = make_dir_of(b, outputs[i], err);
	return r < 0 ? r : atomic_file_commit_all(files, n, err);
}

static int write_outputs(struct build *b, struct werr **err)
{
	int r = pool_run(b->options->threads, b->n_outputs, write_output, b, err);

	return r < 0 ? r : commit_outputs(b, err);
}

static int report_parts(const struct build *b, struct build_report *ret, struct werr **err)
{
	int r = 0;

	ret->parts = b->plan->n;
	ret->part_items = mem_new_array(struct build_part, b->plan->n);
	for (size_t i = 0; r == 0 && i < b->plan->n; i++) {
		ret->part_items[i].name = str_dup(b->plan->parts[i].name);
		r = build_part_describe(b->pieces, &b->chosen.wanted, i, b->options->hash_pieces,
			&ret->part_items[i], err);
	}
	ret->parts_kept = pieces_count_found(b->pieces);
	return r;
}

static void report(struct build *b, struct build_report *ret)
{
	ret->outputs = mem_new_array(struct build_output, b->n_outputs);
	for (size_t i = 0; i < b->n_outputs; i++) {
		struct output *out = &b->outputs[i];
		struct build_output *to = &ret->outputs[ret->n];

		if (out->missing)
			continue;
		*to = (struct build_output){
			STEAL(out->path), .size = out->size, .format = out->format->name};
		str_copy(to->sha256, sizeof(to->sha256), out->sha256);
		ret->n++;
	}
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
	while (b->n_dirs > 0) {
		struct made_dir *dir = &b->dirs[--b->n_dirs];

		made_dir_remove(dir);
		made_dir_cleanup(dir);
	}
	free(b->dirs);
	if (b->loaders)
		loaders_free(b->loaders);
	if (b->pieces)
		pieces_free(b->pieces);
}

/* Take pieces from the store and encode the others, after which the plan no longer changes. */
static int make_pieces(struct build *b, struct plan *plan, struct werr **err)
{
	int r = pieces_find(&b->pieces, plan, &b->chosen.wanted, err);

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
	CLEANUP(build_report) struct build_report done = {0};
	CLEANUP(build)
	struct build b = {.options = o,
		.chosen.wanted = {
			.fresh = o->fresh, .threads = o->threads, .progress = o->progress}};
	const struct plan_options options = {.decompress_kernel = o->decompress_kernel,
		.strict = o->strict,
		.release = o->release,
		.sbom = o->sbom,
		.sbom_format = o->sbom_format,
		.input_tar = o->input_tar,
		.compression = o->compression,
		.sbom_time = o->sbom_time ? o->sbom_time : BUILD_TIME};
	int r = chosen_choose(&b.chosen, o, c->compat, err);

	if (r == 0)
		r = open_outputs(&b, c, err);
	if (r == 0)
		r = plan_make(&plan, c, &o->images, &options, err);
	if (r < 0)
		return r;
	b.plan = plan;
	b.loaders = loaders_new(o->images.store, o->loaders, o->n_loaders);
	if (o->images.lock && (chosen_wants(&b.chosen, &encoding_initrd) ||
				      chosen_wants(&b.chosen, &encoding_boot_initrd)))
		lockfile_check_compressor(o->images.lock, o->compression.codec);
	r = make_pieces(&b, plan, err);
	if (r == 0)
		r = chosen_check_kernel(&b.chosen, c, b.pieces, err);
	if (r == 0)
		r = find_doubts(&b, &doubts, err);
	if (r == 0)
		r = report_parts(&b, &done, err);
	if (r == 0)
		r = write_outputs(&b, err);
	if (r < 0)
		return r;
	report(&b, &done);
	*ret = done;
	done = (struct build_report){0};
	ret->doubts = STEAL(doubts);
	return 0;
}

void build_report_cleanup(struct build_report *r)
{
	werr_free(STEAL(r->doubts));
	for (size_t i = 0; r->part_items && i < r->parts; i++)
		build_part_cleanup(&r->part_items[i]);
	free(r->part_items);
	for (size_t i = 0; i < r->n; i++)
		free(r->outputs[i].path);
	free(r->outputs);
	for (size_t i = 0; i < r->n_images; i++)
		free(r->images[i].name);
	free(r->images);
	*r = (struct build_report){0};
}
