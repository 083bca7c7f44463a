/* SPDX-License-Identifier: Apache-2.0 */
/* cache export: an image, to a file. */
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "plan/rootfs.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/image-choice.h"

struct options {
	struct choice_options choice;
	const char *format, *name, *outfile;
};

enum format { FORMAT_OCI, FORMAT_OCI_DIR, FORMAT_DOCKER, FORMAT_FILESYSTEM };

static const char *const *formats(void)
{
	static const char *const names[] = {
		[FORMAT_OCI] = "oci",
		[FORMAT_OCI_DIR] = "oci-dir",
		[FORMAT_DOCKER] = "docker",
		[FORMAT_FILESYSTEM] = "filesystem",
		NULL,
	};

	return names;
}

static const struct option options[] = {
	{.name = "platform",
		.kind = OPTION_TEXT,
		.value = "PLATFORM",
		.help = "Export only this platform, such as linux/arm64; by default an OCI "
			"layout has all of them, the other formats this machine's",
		.offset = offsetof(struct options, choice.platform)},
	{.name = "format",
		.kind = OPTION_TEXT,
		.value = "FORMAT",
		.help = "What to write: an OCI image layout as a tar or a directory, what "
			"`docker load` reads, or the files of the image as a tar",
		.choices = formats,
		.fallback = "oci",
		.offset = offsetof(struct options, format)},
	{.name = "name",
		.kind = OPTION_TEXT,
		.value = "IMAGE",
		.help = "Name for the image in what is written",
		.offset = offsetof(struct options, name)},
	{.name = "outfile",
		.letter = 'o',
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Where to write it, \"-\" for stdout",
		.fallback = "-",
		.offset = offsetof(struct options, outfile)},
	{0},
};

struct job {
	struct store *store;
	struct reference image;
	enum format format;
	struct platform platform;
	struct export_options how;
};

static void job_cleanup(struct job *j)
{
	reference_cleanup(&j->image);
}

static int write_files(const struct job *j, struct writer *to, struct werr **err)
{
	CLEANUP(image) struct image *image = NULL;
	int r = store_find_image(j->store, &j->image, &j->platform, &image, err);

	return r < 0 ? r : rootfs_write(j->store, image, to, err);
}

static int write_to(const struct job *j, int fd, const char *path, struct werr **err)
{
	CLEANUP(writer) struct writer *to = fd_writer_new(fd, FD_LENT, path);
	int r = j->format == FORMAT_FILESYSTEM
			? write_files(j, to, err)
			: store_export(j->store, &j->image, &j->how, to, err);

	return r < 0 ? r : writer_finish(to, err);
}

static int write_file(const struct job *j, const char *path, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	int r = atomic_file_open_named(&file, path, 0644, err);

	if (r == 0)
		r = write_to(j, file->fd, path, err);
	return r < 0 ? r : atomic_file_commit(file, err);
}

static int choose_platform(const struct options *o, struct job *j, struct werr **err)
{
	bool holds_all = j->format == FORMAT_OCI || j->format == FORMAT_OCI_DIR, given = false;
	int r = choice_platform(&o->choice, &j->platform, &given, err);

	if (given || !holds_all)
		j->how.platform = &j->platform;
	return r;
}

static bool is_stdout(const char *path)
{
	return str_eq(path, "-") || file_is_stdout(path);
}

static int check(const struct options *o, enum format format, struct werr **err)
{
	if (o->name && format == FORMAT_FILESYSTEM)
		return werr_set(err, WERR_USAGE, "the format 'filesystem' cannot hold a name");
	if (!is_stdout(o->outfile))
		return 0;
	if (format == FORMAT_OCI_DIR) {
		werr_set(err, WERR_USAGE, "a directory can't be written to stdout");
		werr_hint(err, "name one with --outfile");
		return werr_code(WERR_USAGE);
	}
	if (isatty(STDOUT_FILENO)) {
		werr_set(err, WERR_USAGE, "a tar is not written to a terminal");
		werr_hint(err, "name a file with --outfile");
		return werr_code(WERR_USAGE);
	}
	return print_check_stdout(err);
}

static enum format format_of(const char *name)
{
	size_t i = 0;

	while (!str_eq(formats()[i], name))
		i++;
	return (enum format)i;
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(job) struct job j = {.format = format_of(o->format), .how = {.name = o->name}};
	int r = check(o, j.format, err);

	j.how.format = j.format == FORMAT_DOCKER ? STORE_FORMAT_DOCKER : STORE_FORMAT_OCI;
	if (r == 0)
		r = choose_platform(o, &j, err);
	if (r == 0)
		r = reference_parse(operands[0], &j.image, err);
	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r < 0)
		return r;
	j.store = store;
	if (j.format == FORMAT_OCI_DIR)
		return store_export_dir(store, &j.image, &j.how, o->outfile, err);
	if (is_stdout(o->outfile))
		return write_to(&j, STDOUT_FILENO, o->outfile, err);
	return write_file(&j, o->outfile, err);
}

const struct command command_cache_export = {
	.name = "cache export",
	.summary = "Write an image of the cache to a file",
	.operands = "IMAGE",
	.operands_min = 1,
	.operands_max = 1,
	.text = "    wherry cache export --format docker nginx | docker load\n"
		"    wherry cache export --format filesystem nginx | tar t",
	.options =
		(const struct option_group[]){
			{choice_arch_options, offsetof(struct options, choice)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
