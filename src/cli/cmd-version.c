/* SPDX-License-Identifier: Apache-2.0 */
/* version, also of the libraries that compress. */
#include "cli/cli.h"
#include "cli/print.h"
#include "data/json.h"
#include "codec/codec.h"

enum { VERBOSE_LIBRARIES = 2 };

static int run(struct context *ctx, ATTR_UNUSED const void *options,
	ATTR_UNUSED const char *const *operands, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024);

	if (ctx->global.json) {
		struct json_writer w = JSON_WRITER_SHOWN(&out);

		json_open_object(&w);
		json_key_string(&w, "version", WHERRY_VERSION);
		print_add_compressors(&w);
		json_close_object(&w);
		buf_putc(&out, '\n');
	} else {
		buf_puts(&out, "wherry " WHERRY_VERSION "\n");
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
	.run = run,
};
