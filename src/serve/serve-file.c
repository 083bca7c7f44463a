/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a directory, and nothing else. */
#include "serve/serve-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <linux/openat2.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

/* What Landlock's first version knows about files, of which reading is allowed beneath a directory.
 */
enum {
	ALL_ACCESS = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	READ_ACCESS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
};

static bool lock(int dir_fd)
{
	const struct landlock_ruleset_attr attributes = {.handled_access_fs = ALL_ACCESS};
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = READ_ACCESS, .parent_fd = dir_fd};
	CLEANUP(fd) int rules = -1;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return false;
	rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	return rules >= 0 &&
	       syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) ==
		       0 &&
	       syscall(SYS_landlock_restrict_self, rules, 0) == 0;
}

/* No path leads out of the directory: neither ".." nor a link, nor one of /proc's. */
static int open_beneath(int dir_fd, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir_fd, *path ? path : ".", &how, sizeof(how));
}

int serve_enter(const char *directory, int *ret_fd, struct werr **err)
{
	CLEANUP(fd) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int again;

	if (fd < 0)
		return werr_errno(err, errno, "can't open the directory %s", directory);
	again = open_beneath(fd, "");
	if (again < 0 && errno == ENOSYS)
		return werr_set(err, WERR_UNSUPPORTED,
			"this kernel can't keep paths inside a directory (openat2, Linux 5.6)");
	if (again >= 0)
		close(again);
	if (!lock(fd))
		log_detail("Landlock is not there: only openat2 keeps paths inside %s", directory);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static unsigned status_of(int problem)
{
	switch (problem) {
	case EACCES:
	case EPERM:
		return 403;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EIO:
		return 500;
	default:
		return 404;
	}
}

unsigned serve_open(int dir_fd, const char *path, int *ret_fd, uint64_t *ret_size)
{
	CLEANUP(fd) int fd = open_beneath(dir_fd, path);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		CLEANUP(free) char *index = str_printf("%s%sindex.html", path, *path ? "/" : "");

		close(fd);
		fd = open_beneath(dir_fd, index);
	}
	if (fd < 0)
		return status_of(errno);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 404;
	*ret_size = (uint64_t)st.st_size;
	*ret_fd = fd;
	fd = -1;
	return 200;
}

const char *serve_type(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},
		{".txt", "text/plain; charset=utf-8"},
		{".ipxe", "text/plain; charset=utf-8"},
		{"-cmdline", "text/plain; charset=utf-8"},
		{".json", "application/json"},
		{".efi", "application/efi"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_ends_with(path, types[i].ending))
			return types[i].type;
	return "application/octet-stream";
}
