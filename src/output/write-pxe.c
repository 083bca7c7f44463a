/* SPDX-License-Identifier: Apache-2.0 */
/* The directory that a machine boots from over the network. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "contract/outputs.h"
#include "output/write.h"

/*
 * What iPXE takes for something else than a word of the kernel's command line (its commands end at
 * these, comments begin so, and settings are put in); it has no way to quote them.
 */
static bool is_special(const char *word)
{
	return str_eq(word, "&&") || str_eq(word, "||") || str_eq(word, ";") || word[0] == '#' ||
	       strstr(word, "${");
}

static int check_cmdline(const char *cmdline, struct werr **err)
{
	CLEANUP(strv) struct strv words = {0};
	const char *word;

	strv_split(&words, cmdline, ' ');
	STRV_FOREACH (word, &words)
		if (is_special(word)) {
			werr_set(err, WERR_UNSUPPORTED,
				"iPXE can't pass '%s' of the kernel's command line on", word);
			werr_hint(err, "the same build can have the format kernel+initrd");
			return werr_code(WERR_UNSUPPORTED);
		}
	return 0;
}

/*
 * Its names are relative to where it came from, by whichever protocol. Linux as an EFI program
 * finds its initrd by the name in initrd=; from a BIOS, iPXE passes it on itself.
 */
int output_write_ipxe(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(free) char *cmdline = NULL;
	CLEANUP(free) char *script = NULL;
	int r = 0;

	r = output_cmdline(job, NULL, &cmdline, err);
	if (r == 0)
		r = check_cmdline(cmdline, err);
	if (r < 0)
		return r;
	script = str_printf("#!ipxe\n"
			    "kernel " PXE_KERNEL " initrd=" PXE_INITRD "%s%s\n"
			    "initrd " PXE_INITRD "\n"
			    "boot\n",
		*cmdline ? " " : "", cmdline);
	return writer_write(to, script, strlen(script), err);
}
