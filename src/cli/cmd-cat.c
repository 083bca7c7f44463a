/* SPDX-License-Identifier: Apache-2.0 */
/* cat: files of an image, to stdout. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/image-choice.h"
#include "cli/inside.h"
#include "cli/print.h"
#include "plan/rootfs.h"

static int write_file(const struct tree *t, const struct image *image, const char *path,
	struct writer *to, struct werr **err)
{
	CLEANUP(reader) struct reader *content = NULL;
	struct tree_node *n;
	int r = inside_find(t, image, path, &n, err);

	if (r < 0)
		return r;
	if (!S_ISREG(n->meta.mode))
		return werr_set(err, WERR_INVALID, "%s in image %s is a %s, not a regular file",
			path, image->name, inside_type(n->meta.mode));
	content = tree_open_file(t, n);
	return io_copy(content, to, NULL, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	CLEANUP(store) struct store *store = NULL;
	CLEANUP(image) struct image *image = NULL;
	CLEANUP(tree) struct tree *tree = NULL;
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	int r = print_check_stdout(err);

	if (r == 0)
		r = context_open_store(ctx, &store, err);
	if (r == 0)
		r = choice_open_image(values, store, operands[0], &image, err);
	if (r == 0)
		r = rootfs_load(store, image, NULL, &tree, err);
	for (const char *const *path = operands + 1; r == 0 && *path; path++)
		r = write_file(tree, image, *path, to, err);
	return r;
}

const struct command command_cat = {
	.name = "cat",
	.summary = "Write files of an image in the cache to stdout",
	.operands = "IMAGE PATH...",
	.operands_min = 2,
	.operands_max = OPERANDS_ANY,
	.text = "Symlinks are followed inside the image.\n"
		"\n"
		"    wherry cat nginx /etc/nginx/nginx.conf",
	.options =
		(const struct option_group[]){
			{choice_arch_options, 0},
			{choice_platform_options, 0},
			{0},
		},
	.size = sizeof(struct choice_options),
	.run = run,
};
