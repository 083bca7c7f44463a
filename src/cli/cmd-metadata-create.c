/* SPDX-License-Identifier: Apache-2.0 */
/* metadata create: what tells a machine who it is, as the image of a CD. */
#include <string.h>

#include "cli/cli.h"
#include "cli/result.h"
#include "vm/metadata.h"

static int run(struct context *ctx, ATTR_UNUSED const void *options, const char *const *operands,
	struct werr **err)
{
	int r = vm_metadata_write(operands[0], 0644, operands[1], strlen(operands[1]), err);

	return r < 0 ? r : result_show_file(ctx, operands[0], err);
}

const struct command command_metadata_create = {
	.name = "metadata create",
	.summary = "Write the image of a CD that gives a machine its metadata",
	.operands = "FILE DATA",
	.operands_min = 2,
	.operands_max = 2,
	.text = "FILE becomes an ISO 9660 with one file, config, whose content is the text DATA: "
		"what LinuxKit's package metadata reads from a CD. `wherry run --data` attaches "
		"one without this step.\n"
		"\n"
		"    wherry metadata create metadata.iso \"$(cat metadata.json)\"",
	.run = run,
};
