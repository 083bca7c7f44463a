/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/load.h"

#include <unistd.h>

#include "base/io.h"
#include "cli/output.h"
#include "pkg/pkg.h"

static int package_tag(const char *dir, char **ret, ATTR_UNUSED void *ctx, struct werr **err)
{
	return pkg_tag(dir, &(struct pkg_options){0}, ret, err);
}

static void show_warnings(const struct context *ctx, const struct werr *warnings)
{
	CLEANUP(buf) struct buf out = BUF_INIT(4 << 20);

	if (ctx->global.json)
		output_warnings_json(&out, warnings);
	else
		output_warnings_text(&out, warnings, output_is_rich(STDERR_FILENO));
	(void)fd_write_all(STDERR_FILENO, buf_str(&out), out.len);
}

int load_files(const struct context *ctx, const char *const *files, bool strict,
	struct config **ret, struct werr **err)
{
	CLEANUP(werr) struct werr *warnings = NULL;
	struct config_options options = {.pkg_tag = package_tag, .warnings = &warnings};
	size_t n = 0;
	int r;

	while (files[n])
		n++;
	r = config_load(files, n, &options, ret, err);
	if (!ctx->global.quiet || strict)
		show_warnings(ctx, warnings);
	if (r < 0 || !strict || !warnings)
		return r;
	config_free(STEAL(*ret));
	return werr_set(err, WERR_INVALID, "with --strict warnings count as mistakes");
}
