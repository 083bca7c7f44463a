/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target on every file of its corpus directory, so that fixed bugs stay fixed. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	unsigned n = 0;
	struct dirent *d;
	DIR *dir;

	if (argc != 2 || !(dir = opendir(argv[1]))) {
		fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
		return 2;
	}
	while ((d = readdir(dir))) {
		CLEANUP(free) char *path = path_join(argv[1], d->d_name);
		CLEANUP(free) char *data = NULL;
		size_t size;

		if (d->d_name[0] == '.')
			continue;
		if (file_read(path, 64 << 20, &data, &size, NULL) < 0) {
			fprintf(stderr, "can't read %s\n", path);
			return 1;
		}
		/* A copy of the exact size, so that a sanitizer sees a read past its end. */
		CLEANUP(free) uint8_t *exact = malloc(size ? size : 1);

		memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
		n++;
	}
	closedir(dir);
	printf("%u inputs\n", n);
	return n == 0;
}
