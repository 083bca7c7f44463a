/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/file.h"
#include "cli/commands.h"
#include "store/store.h"

struct options {
	const char *format, *outfile, *platform;
};

static const char *const *formats(void)
{
	static const char *const names[] = {
		[STORE_FORMAT_OCI] = "oci",
		[STORE_FORMAT_DOCKER] = "docker",
		NULL,
	};

	return names;
}

static const struct option options[] = {
	{.name = "format",
		.kind = OPTION_TEXT,
		.value = "FORMAT",
		.help = "What the tar holds: an OCI image layout, or what `docker load` reads",
		.choices = formats,
		.fallback = "oci",
		.offset = offsetof(struct options, format)},
	{.name = "outfile",
		.letter = 'o',
		.kind = OPTION_TEXT,
		.value = "FILE",
		.help = "Where to write it, \"-\" for stdout",
		.fallback = "-",
		.offset = offsetof(struct options, outfile)},
	{.name = "platform",
		.kind = OPTION_TEXT,
		.value = "PLATFORM",
		.help = "Only this platform of the image, such as linux/arm64; an OCI layout "
			"otherwise has all, Docker's tar this machine's",
		.offset = offsetof(struct options, platform)},
	{.name = "name", .kind = OPTION_ABSENT},
	{0},
};

static enum store_format format_of(const char *name)
{
	size_t i = 0;

	while (!str_eq(formats()[i], name))
		i++;
	return (enum store_format)i;
}

static int export(
	struct store *store, const char *image, const struct options *o, int fd, struct werr **err)
{
	CLEANUP(writer) struct writer *to = fd_writer_new(fd, false, o->outfile);
	enum store_format format = format_of(o->format);
	struct platform platform;
	bool one = o->platform || format != STORE_FORMAT_OCI;
	int r = 0;

	platform_host(&platform);
	if (o->platform)
		r = platform_parse(o->platform, &platform, err);
	if (r == 0)
		r = store_export(store, image, one ? &platform : NULL, format, to, err);
	return r < 0 ? r : writer_finish(to, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(store) struct store *store = NULL;
	bool to_stdout = str_eq(o->outfile, "-");
	int r;

	if (to_stdout && isatty(STDOUT_FILENO)) {
		werr_set(err, WERR_USAGE, "a tar is not for a terminal");
		werr_hint(err, "name a file with --outfile");
		return werr_code(WERR_USAGE);
	}
	r = context_open_store(ctx, &store, err);
	if (r == 0 && !to_stdout)
		r = atomic_file_open(&file, o->outfile, 0644, err);
	if (r == 0)
		r = export(store, operands[0], o, to_stdout ? STDOUT_FILENO : file->fd, err);
	if (r == 0 && !to_stdout)
		r = atomic_file_commit(file, err);
	return r;
}

const struct command command_cache_export = {
	.name = "cache export",
	.summary = "Write an image of the cache as a tar",
	.operands = "IMAGE",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.size = sizeof(struct options),
	.run = run,
};
