/* SPDX-License-Identifier: Apache-2.0 */
/* cache export: images, to a file. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "plan/rootfs.h"
#include "cli/cli.h"
#include "cli/print.h"
#include "cli/image-choice.h"
#include "cli/result.h"
#include "data/json.h"
#include "cli/input.h"

struct options {
	struct input_options input; /* of `files` */
	struct strv files;
	const char *platform, *format, *name, *outfile;
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
	{.name = "for",
		.kind = OPTION_REPEAT,
		.value = "FILE",
		.help = "Export the images that this YAML file names; several are merged, as "
			"build does it",
		.offset = offsetof(struct options, files)},
	{.name = "platform",
		.kind = OPTION_TEXT,
		.value = "PLATFORM",
		.help = "Export only this platform, such as linux/arm64; by default an OCI "
			"layout has all of them, the other formats this machine's",
		.offset = offsetof(struct options, platform)},
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
	struct reference *images;
	size_t n;
	enum format format;
	struct platform platform;
	struct export_options how;
};

static void job_cleanup(struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		reference_cleanup(&j->images[i]);
	free(j->images);
}

static int write_files(const struct job *j, struct writer *to, struct werr **err)
{
	CLEANUP(image) struct image *image = NULL;
	int r = store_find_image(j->store, &j->images[0], &j->platform, &image, err);

	return r < 0 ? r : rootfs_write(j->store, image, to, err);
}

static int write_to(const struct job *j, int fd, const char *path, struct werr **err)
{
	CLEANUP(writer) struct writer *to = fd_writer_new(fd, FD_LENT, path);
	int r = j->format == FORMAT_FILESYSTEM
			? write_files(j, to, err)
			: store_export(j->store, j->images, j->n, &j->how, to, err);

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

/* Where it went. */
static int show(const struct context *ctx, const struct job *j, const char *path, struct werr **err)
{
	CLEANUP(buf) struct buf json = BUF_INIT(1 << 20);
	CLEANUP(free) char *text = NULL;
	struct json_writer w = JSON_WRITER_SHOWN(&json);
	struct stat st;
	bool sized = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	char size[16];

	json_open_object(&w);
	json_key_string(&w, "output", path);
	json_key(&w, "images");
	json_open_array(&w);
	for (size_t i = 0; i < j->n; i++)
		json_string(&w, j->images[i].name);
	json_close_array(&w);
	json_key_string(&w, "format", formats()[j->format]);
	if (sized)
		json_key_u64(&w, "size", (uint64_t)st.st_size);
	json_close_object(&w);
	text = str_printf("%s%s%s", path, sized ? " " : "",
		sized ? str_size(size, (uint64_t)st.st_size) : "");
	return result_show(ctx, text, &json, err);
}

static int choose_platform(const struct options *o, struct job *j, struct werr **err)
{
	const struct choice_options choice = {.arch = o->input.arch, .platform = o->platform};
	bool holds_all = j->format == FORMAT_OCI || j->format == FORMAT_OCI_DIR, given = false;
	int r = choice_platform(&choice, &j->platform, &given, err);

	if (given || !holds_all)
		j->how.platform = &j->platform;
	return r;
}

static bool is_stdout(const char *path)
{
	return str_eq(path, "-") || file_is_stdout(path);
}

static int check_images(const struct options *o, const struct job *j, struct werr **err)
{
	if (j->n == 0) {
		werr_set(err, WERR_USAGE, "no image is given");
		werr_hint(err, "name one, or a YAML file with --for");
		return werr_code(WERR_USAGE);
	}
	if (j->n == 1)
		return 0;
	if (o->name)
		return werr_set(
			err, WERR_USAGE, "--name is for one image, and these are %zu", j->n);
	if (j->format == FORMAT_FILESYSTEM)
		return werr_set(err, WERR_USAGE,
			"the format 'filesystem' holds one image, and these are %zu", j->n);
	return 0;
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

/* An image that was named before is not added again. */
static void add_image(struct job *j, struct reference *ref)
{
	for (size_t i = 0; i < j->n; i++)
		if (str_eq(j->images[i].name, ref->name)) {
			reference_cleanup(ref);
			return;
		}
	j->images = mem_resize(j->images, j->n + 1, sizeof(*j->images));
	j->images[j->n++] = *ref;
	*ref = (struct reference){0};
}

static void add_copy(struct job *j, const struct reference *ref)
{
	struct reference copy = {0};

	reference_copy(ref, &copy);
	add_image(j, &copy);
}

/* Those of the YAML files, among them the ones that volumes hold as layouts. */
static int add_images_of_files(
	const struct context *ctx, const struct options *o, struct job *j, struct werr **err)
{
	CLEANUP(free) const char **files = mem_new_array(const char *, o->files.n + 1);
	CLEANUP(free) struct config_image_use *uses = NULL;
	CLEANUP(config) struct config *c = NULL;
	size_t n;
	int r;

	for (size_t i = 0; i < o->files.n; i++)
		files[i] = o->files.items[i];
	r = input_load(ctx, &o->input, files, &c, err);
	if (r < 0)
		return r;
	n = config_images(c, &uses);
	for (size_t i = 0; i < n; i++)
		add_copy(j, uses[i].reference);
	for (size_t i = 0; i < c->n_volumes; i++)
		if (c->volumes[i].layout)
			add_copy(j, &c->volumes[i].reference);
	return 0;
}

static int find_images(const struct context *ctx, const struct options *o,
	const char *const *operands, struct job *j, struct werr **err)
{
	int r = 0;

	for (; r == 0 && *operands; operands++) {
		struct reference ref = {0};

		r = reference_parse(*operands, &ref, err);
		if (r == 0)
			add_image(j, &ref);
	}
	if (r == 0 && o->files.n)
		r = add_images_of_files(ctx, o, j, err);
	return r < 0 ? r : check_images(o, j, err);
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
		r = find_images(ctx, o, operands, &j, err);
	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r < 0)
		return r;
	j.store = store;
	if (is_stdout(o->outfile))
		return write_to(&j, STDOUT_FILENO, "stdout", err);
	r = j.format == FORMAT_OCI_DIR
		    ? store_export_dir(store, j.images, j.n, &j.how, o->outfile, err)
		    : write_file(&j, o->outfile, err);
	return r < 0 ? r : show(ctx, &j, o->outfile, err);
}

const struct command command_cache_export = {
	.name = "cache export",
	.summary = "Write images of the cache to a file",
	.operands = "[IMAGE...]",
	.operands_max = OPERANDS_ANY,
	.text = "What several images have in common is written once. `wherry cache import` reads "
		"all of them at once.\n"
		"\n"
		"    wherry cache export --for os.yml -o images.tar\n"
		"    wherry cache export --format docker nginx | docker load\n"
		"    wherry cache export --format filesystem nginx | tar t",
	.options =
		(const struct option_group[]){
			{input_options, offsetof(struct options, input)},
			{component_path_options, offsetof(struct options, input.packages)},
			{options, 0},
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
