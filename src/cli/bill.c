/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bill.h"

#include <stddef.h>
#include <time.h>

#include "base/path.h"
#include "base/str.h"
#include "sbom/sbom.h"

const struct option bill_options[] = {
	{.name = "no-sbom",
		.kind = OPTION_FLAG,
		.help = "Write no SBOM",
		.offset = offsetof(struct bill_options, none)},
	{.name = "sbom-current-time",
		.kind = OPTION_FLAG,
		.help = "Record the time of the build in the SBOM, which makes builds differ",
		.offset = offsetof(struct bill_options, current_time)},
	{.name = "sbom-format",
		.kind = OPTION_TEXT,
		.value = "FORMAT",
		.help = "What the SBOM is written in",
		.fallback = "spdx",
		.choices = sbom_format_names,
		.offset = offsetof(struct bill_options, format)},
	{.name = "sbom-output",
		.kind = OPTION_TEXT,
		.value = "PATH",
		.help = "Where to put the SBOM in the OS; by default sbom.spdx.json, or "
			"sbom.cdx.json",
		.offset = offsetof(struct bill_options, output)},
	{0},
};

/* It is one of the choices. */
static enum sbom_format format_of(const struct bill_options *o)
{
	return str_eq(o->format, sbom_format_names()[SBOM_SPDX]) ? SBOM_SPDX : SBOM_CYCLONEDX;
}

int bill_path(const struct bill_options *o, char **ret, struct werr **err)
{
	const char *path = o->output ? o->output : sbom_file_name(format_of(o));

	if (o->none)
		return 0;
	*ret = path_inside(path);
	if (*ret && **ret)
		return 0;
	return werr_set(err, WERR_USAGE, "--sbom-output '%s' is not a valid path in the OS", path);
}

void bill_choose(const struct bill_options *o, struct build_options *b)
{
	b->sbom_format = format_of(o);
	b->sbom_time = o->current_time ? time(NULL) : 0;
}
