/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ova-tool NAME THREADS SIZE [AT TEXT]...: a machine with a disk with these texts, to standard
 * output. For tests against other tools.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/write.h"

static int run(char **args, int n_texts, struct werr **err)
{
	CLEANUP(extents) struct extents d = {.size = strtoull(args[2], NULL, 10)};
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	const struct disk_options o = {
		.name = args[0], .threads = (unsigned)strtoul(args[1], NULL, 10)};
	int r = 0;

	for (int i = 0; r == 0 && i < n_texts; i++)
		r = extents_add_bytes(&d, strtoull(args[3 + 2 * i], NULL, 10), args[4 + 2 * i],
			strlen(args[4 + 2 * i]), err);
	return r < 0 ? r : output_disk_ova.write(&d, &o, to, err);
}

int main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;

	if (argc < 4 || argc % 2) {
		fprintf(stderr, "usage: ova-tool NAME THREADS SIZE [AT TEXT]...\n");
		return 2;
	}
	if (run(argv + 1, argc / 2 - 2, &err) == 0)
		return 0;
	fprintf(stderr, "ova-tool: %s\n", err->message);
	return 1;
}
