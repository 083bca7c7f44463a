/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of images: imported into a store, and exported again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *dir; /* one store for all inputs, in memory if possible */

static void remove_dir(void)
{
	file_remove_all(dir, NULL);
	free(dir);
}

static struct store *open_store(void)
{
	struct store *s = NULL;

	if (!dir) {
		const char *shm = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

		if (file_temp_dir(shm, "wherry-fuzz", &dir, NULL) < 0)
			abort();
		atexit(remove_dir);
	}
	if (store_open(&s, dir, NULL) < 0)
		abort();
	return s;
}

/* Any imported image can be found and removed. */
static void use(struct store *s, const struct strv *imported)
{
	const char *name;

	STRV_FOREACH (name, imported) {
		CLEANUP(image) struct image *image = NULL;
		CLEANUP(reference) struct reference ref = {0};
		struct platform host;

		platform_host(&host);
		if (reference_parse(name, &ref, NULL) < 0)
			abort();
		if (store_find_image(s, &ref, &host, &image, NULL) == 0 && !image->config)
			abort();
	}
	if (store_clean(s, NULL) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(fd) int fd = memfd_create("input", MFD_CLOEXEC);
	CLEANUP(free) char *path = str_printf("/proc/self/fd/%d", fd);
	CLEANUP(store) struct store *s = open_store();
	CLEANUP(strv) struct strv imported = {0};

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
	if (store_import(s, path, "given/name", NULL, &imported, NULL) == 0)
		use(s, &imported);
	return 0;
}
