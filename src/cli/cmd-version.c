/* SPDX-License-Identifier: Apache-2.0 */
/* version, also of the libraries that compress. */
#include "cli/cli.h"
#include "cli/print.h"
#include "data/json.h"
#include "codec/codec.h"

enum { VERBOSE_LIBRARIES = 2 };

struct options {
	bool brief, commit;
};

static const struct option options[] = {
	{.name = "short",
		.kind = OPTION_FLAG,
		.help = "Only the number",
		.offset = offsetof(struct options, brief)},
	{.name = "commit",
		.kind = OPTION_FLAG,
		.help = "Only the commit that it was built from; an empty line if that is not "
			"known",
		.offset = offsetof(struct options, commit)},
	{0},
};

static int run(struct context *ctx, const void *values, ATTR_UNUSED const char *const *operands,
	struct werr **err)
{
	const struct options *o = values;
	CLEANUP(buf) struct buf out = BUF_INIT(1024);

	if (o->brief || o->commit) {
		buf_puts(&out, o->brief ? WHERRY_VERSION "\n" : WHERRY_COMMIT "\n");
	} else if (ctx->global.json) {
		struct json_writer w = JSON_WRITER_SHOWN(&out);

		json_open_object(&w);
		json_key_string(&w, "version", WHERRY_VERSION);
		print_add_compressors(&w);
		json_close_object(&w);
		buf_putc(&out, '\n');
	} else {
		/* As LinuxKit has it: scripts take the third word. */
		buf_puts(&out, ctx->as_linuxkit ? "linuxkit version " WHERRY_VERSION " (Wherry)\n"
						: "wherry " WHERRY_VERSION "\n");
		if (ctx->as_linuxkit && *WHERRY_COMMIT)
			buf_puts(&out, "commit: " WHERRY_COMMIT "\n");
		for (int c = 0; ctx->global.verbose >= VERBOSE_LIBRARIES && c < CODECS; c++)
			if (codec_library(c))
				buf_printf(&out, "%s %s\n", codec_library(c), codec_version(c));
	}
	return print_result(&out, err);
}

const struct command command_version = {
	.name = "version",
	.summary = "Show the version",
	.operands = "",
	.text = "With -v 2 also the versions of the libraries that compress, on which an "
		"initrd's bytes depend (docs/reproducibility.md).",
	.options = (const struct option_group[]){{options, 0}, {0}},
	.size = sizeof(struct options),
	.run = run,
};
