/* SPDX-License-Identifier: Apache-2.0 */
#include "store/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"

static int check(int fd, const char *path, struct werr **err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return werr_errno(err, errno, "can't read %s", path);
	if (!S_ISREG(st.st_mode) || st.st_size != SECRET_SIZE)
		return werr_set(
			err, WERR_INVALID, "%s is not a key of %d bytes", path, SECRET_SIZE);
	if (st.st_uid != geteuid())
		return werr_set(err, WERR_INVALID, "%s belongs to another user", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return werr_set(err, WERR_INVALID, "%s is open to other users", path);
	return 0;
}

static int read_key(const char *path, unsigned char ret[static SECRET_SIZE], struct werr **err)
{
	CLEANUP(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r;

	if (fd < 0)
		return werr_errno(err, errno, "can't read %s", path);
	r = check(fd, path, err);
	if (r == 0)
		r = fd_read_at(fd, path, 0, ret, SECRET_SIZE, err);
	return r;
}

static int write_key(int fd, const char *path, struct werr **err)
{
	unsigned char key[SECRET_SIZE];
	int r = fd_random(key, sizeof(key));

	if (r < 0)
		return werr_errno(err, -r, "can't get random bytes");
	r = fd_write_all(fd, key, sizeof(key));
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r < 0 ? werr_errno(err, -r, "can't write %s", path) : 0;
}

/*
 * Write all of it or nothing; of several processes doing this at once, the first one's file stays.
 */
static int make_key(const char *path, struct werr **err)
{
	CLEANUP(free) char *dir = path_dir(path);
	CLEANUP(free) char *temp = str_printf("%s.XXXXXX", path);
	CLEANUP(fd) int fd = -1;
	int r = file_make_dirs(dir, 0700, err);

	if (r < 0)
		return r;
	fd = mkostemp(temp, O_CLOEXEC); /* mode 0600 */
	if (fd < 0)
		return werr_errno(err, errno, "can't write %s", path);
	r = write_key(fd, path, err);
	if (r == 0 && link(temp, path) < 0 && errno != EEXIST)
		r = werr_errno(err, errno, "can't write %s", path);
	unlink(temp);
	return r;
}

int secret_get(bool make, unsigned char ret[static SECRET_SIZE], struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	int r = file_state_path("pieces.key", &path, err);

	if (r == 0 && make && !file_exists(path))
		r = make_key(path, err);
	return r < 0 ? r : read_key(path, ret, err);
}
