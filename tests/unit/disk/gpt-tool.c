/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gpt-tool SIZE [NAME SIZE]...: a disk of so many bytes (0: as few as there can be) with these
 * partitions, as ESPs with GUIDs of their number's digits, to standard output. For tests against
 * other tools.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "disk/gpt.h"

static int run(char **args, size_t n, uint64_t size, struct werr **err)
{
	CLEANUP(free) struct gpt_partition *partitions = mem_new_array(struct gpt_partition, n);
	CLEANUP(writer) struct writer *to = fd_writer_new(STDOUT_FILENO, FD_LENT, "stdout");
	CLEANUP(extents) struct extents disk = {0};
	struct gpt g = {.partitions = partitions, .n = n};
	int r;

	memset(&g.id, 0xdd, sizeof(g.id));
	for (size_t i = 0; i < n; i++) {
		partitions[i] = (struct gpt_partition){.type = gpt_type_esp,
			.name = args[2 * i],
			.size = strtoull(args[2 * i + 1], NULL, 10)};
		memset(&partitions[i].id, (int)(0x11 * (i + 1)), sizeof(partitions[i].id));
	}
	r = gpt_place(partitions, n, &disk.size, err);
	if (size)
		disk.size = size;
	if (r == 0)
		r = gpt_put(&g, &disk, err);
	return r < 0 ? r : extents_write(&disk, 0, disk.size, to, err);
}

int main(int argc, char **argv)
{
	CLEANUP(werr) struct werr *err = NULL;

	if (argc < 2 || argc % 2) {
		fprintf(stderr, "usage: gpt-tool SIZE [NAME SIZE]...\n");
		return 2;
	}
	if (run(argv + 2, (size_t)(argc - 2) / 2, strtoull(argv[1], NULL, 10), &err) == 0)
		return 0;
	fprintf(stderr, "gpt-tool: %s\n", err->message);
	return 1;
}
