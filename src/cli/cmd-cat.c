/* SPDX-License-Identifier: Apache-2.0 */
/* cat: files of an output or an image, to stdout. */
#include <unistd.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/inside.h"
#include "cli/print.h"
#include "cli/subject.h"

struct options {
	struct subject_options subject;
};

static int write_file(
	const struct subject *s, const char *path, struct writer *to, struct werr **err)
{
	struct tree_node *n;
	int r = inside_find(s->tree, s->label, path, &n, err);

	if (r < 0)
		return r;
	if (!S_ISREG(n->meta.mode))
		return werr_set(err, WERR_INVALID, "%s in %s is a %s, not a regular file", path,
			s->label, inside_type(n->meta.mode));
	return subject_read(s, n, to, err);
}

static int run(
	struct context *ctx, const void *values, const char *const *operands, struct werr **err)
{
	const struct options *o = values;
	CLEANUP(subject) struct subject s = {0};
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	int r = print_check_stdout(err);

	if (r == 0)
		r = subject_open(ctx, &o->subject, operands[0], &s, err);
	if (r == 0)
		r = subject_load(&s, true, err);
	for (const char *const *path = operands + 1; r == 0 && *path; path++)
		r = write_file(&s, *path, to, err);
	return r;
}

const struct command command_cat = {
	.name = "cat",
	.summary = "Write files of an output or an image to stdout",
	.operands = "WHAT PATH...",
	.operands_min = 2,
	.operands_max = OPERANDS_ANY,
	.text = "WHAT is as for `wherry ls`. Symlinks are followed inside of it.\n"
		"\n"
		"    wherry cat nginx /etc/nginx/nginx.conf\n"
		"    wherry cat os.qcow2 /boot/cmdline",
	.options =
		(const struct option_group[]){
			SUBJECT_OPTIONS(struct options, subject),
			{0},
		},
	.size = sizeof(struct options),
	.run = run,
};
