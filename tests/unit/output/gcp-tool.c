/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gcp-tool SIZE [AT TEXT]...: a disk with these texts as an image of Google Cloud, to standard
 * output. For tests against other tools.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/write.h"

static int run(char **args, int n_texts, struct werr **err)
{
	CLEANUP(extents) struct extents d = {.size = strtoull(args[0], NULL, 10)};
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	int r = 0;

	for (int i = 0; r == 0 && i < n_texts; i++)
		r = extents_add_bytes(&d, strtoull(args[1 + 2 * i], NULL, 10), args[2 + 2 * i],
			strlen(args[2 + 2 * i]), err);
	return r < 0 ? r : output_disk_gcp.write(&d, &(struct disk_options){0}, to, err);
}

int main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;

	if (argc < 2 || argc % 2) {
		fprintf(stderr, "usage: gcp-tool SIZE [AT TEXT]...\n");
		return 2;
	}
	if (run(argv + 1, argc / 2 - 1, &err) == 0)
		return 0;
	fprintf(stderr, "gcp-tool: %s\n", err->message);
	return 1;
}
