/* SPDX-License-Identifier: Apache-2.0 */
#include "init/entropy.h"

#include <fcntl.h>
#include <linux/random.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "common/console.h"
#include "common/fs.h"

enum { SEED_BYTES = 64 };
static const char seed_volume[] = "/var/lib";
static const char seed_path[] = "/var/lib/wherry/random-seed";

static bool credit(const void *p, size_t size)
{
	CLEANUP(fd) int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	CLEANUP(free) struct rand_pool_info *pool = mem_alloc(sizeof(*pool) + size);

	pool->entropy_count = (int)size * 8;
	pool->buf_size = (int)size;
	memcpy(pool->buf, p, size);
	/* Not permitted in a container, where the host's kernel has seen to it. */
	return fd >= 0 && ioctl(fd, RNDADDENTROPY, pool) == 0;
}

bool entropy_hardware(void)
{
	CLEANUP(fd) int fd = open("/dev/hwrng", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char bytes[SEED_BYTES];

	return fd >= 0 && read(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes) &&
	       credit(bytes, sizeof(bytes));
}

bool entropy_seed(void)
{
	CLEANUP(free) char *seed = NULL;
	size_t size;

	if (!fs_is_persistent(seed_volume))
		return false;
	/* Credited only once it is certain that it cannot be used again. */
	if (file_read(seed_path, SEED_BYTES, &seed, &size, NULL) == 0 && size == SEED_BYTES &&
		unlink(seed_path) == 0 && file_sync_dir_of(seed_path, NULL) == 0) {
		credit(seed, size);
		console_line("init: random numbers are seeded from the last boot");
	}
	entropy_save();
	return true;
}

void entropy_save(void)
{
	char bytes[SEED_BYTES];

	if (fs_is_persistent(seed_volume) &&
		getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) == (ssize_t)sizeof(bytes) &&
		file_make_dirs("/var/lib/wherry", 0700, NULL) == 0)
		file_write_atomic(seed_path, 0600, bytes, sizeof(bytes), NULL);
}
