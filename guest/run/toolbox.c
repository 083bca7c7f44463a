/* SPDX-License-Identifier: Apache-2.0 */
#include "run/toolbox.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "common/fs.h"
#include "contract/paths.h"

enum { PROGRAM_SIZE_MAX = 16 << 20, HEADERS_MAX = 64 };

#define PROGRAM "busybox"
#define PLACE   "/proc/self/fd/3"
_Static_assert(TOOLBOX_FD == 3, "PLACE has its number");

/* What one wants to look at a container with. */
static const char names[] =
	"sh ash awk base64 basename cat chmod chown chroot cmp cp cut date dd df diff "
	"dirname dmesg du echo env expr false find free fuser grep gunzip gzip head "
	"hexdump hostname id ip kill killall less ln ls lsof md5sum mkdir mknod mktemp "
	"more mount mv nc netstat nslookup od pgrep pidof ping ping6 pkill printenv "
	"printf ps pstree pwd readlink realpath rm rmdir route sed seq sha256sum sleep "
	"sort stat strings stty sync tail tar tee telnet test timeout top touch tr "
	"traceroute true tty umount uname uniq uptime vi watch wc wget which whoami xargs "
	"xxd zcat";

/* ---- finding busybox ---- */

bool toolbox_is_static(int fd)
{
	ElfW(Ehdr) head;
	ElfW(Phdr) segment;

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
		memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_phentsize != sizeof(segment) ||
		head.e_phnum > HEADERS_MAX)
		return false;
	for (unsigned i = 0; i < head.e_phnum; i++)
		if (pread(fd, &segment, sizeof(segment),
			    (off_t)(head.e_phoff + i * sizeof(segment))) !=
				(ssize_t)sizeof(segment) ||
			segment.p_type == PT_INTERP)
			return false;
	return head.e_phnum > 0;
}

/* Symlinks lead nowhere out of the root. -1: it has none, or one that needs libraries. */
static int open_in(const char *root)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_IN_ROOT};
	CLEANUP(fd) int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(fd) int fd = -1;
	struct stat st;

	if (dir >= 0)
		fd = (int)syscall(SYS_openat2, dir, "bin/" PROGRAM, &how, sizeof(how));
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > PROGRAM_SIZE_MAX ||
		!toolbox_is_static(fd))
		return -1;
	return fd_steal(&fd);
}

/* Of an image's files, as no container has changed them. */
static int open_of_kind(enum container_kind kind)
{
	CLEANUP(free) char *dir = str_printf("/%s", contract_dir(kind));
	CLEANUP(strv) struct strv bundles = {0};
	const char *bundle;
	int fd = -1;

	fs_names(dir, &bundles);
	STRV_FOREACH (bundle, &bundles) {
		CLEANUP(free) char *lower = str_printf("%s/%s/" BUNDLE_LOWER, dir, bundle);
		CLEANUP(free) char *root = str_printf("%s/%s/" BUNDLE_ROOT, dir, bundle);

		fd = open_in(file_exists(lower) ? lower : root);
		if (fd >= 0)
			break;
	}
	return fd;
}

static int open_program(struct werr **err)
{
	int fd = open_in("/");

	for (unsigned kind = 0; fd < 0 && kind < CONTAINER_KINDS; kind++)
		fd = open_of_kind((enum container_kind)kind);
	if (fd >= 0)
		return fd;
	werr_set(err, WERR_NOT_FOUND,
		"neither the OS nor any container's image has a static busybox");
	werr_hint(err, "add the image of getty to onboot or services");
	return werr_code(WERR_NOT_FOUND);
}

/* ---- the directory ---- */

static int copy_program(int dir, int from)
{
	CLEANUP(fd) int to = openat(dir, PROGRAM, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t n = to < 0 ? -1 : 1;

	while (n > 0)
		n = sendfile(to, from, NULL, PROGRAM_SIZE_MAX);
	return n < 0 ? -errno : 0;
}

static int fill(int dir, int program)
{
	CLEANUP(strv) struct strv all = {0};
	const char *name;
	int r = copy_program(dir, program);

	strv_split(&all, names, ' ');
	STRV_FOREACH (name, &all)
		if (r == 0 && symlinkat(PROGRAM, dir, name) < 0)
			r = -errno;
	return r;
}

static int make(int program)
{
	struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
	CLEANUP(fd) int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	CLEANUP(fd) int dir = -1;
	int r;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
		syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	dir = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (dir < 0)
		return -errno;
	r = fill(dir, program);
	if (r == 0 &&
		syscall(SYS_mount_setattr, dir, "", AT_EMPTY_PATH, &readonly, sizeof(readonly)) < 0)
		r = -errno;
	return r < 0 ? r : fd_steal(&dir);
}

int toolbox_open(struct werr **err)
{
	CLEANUP(fd) int program = open_program(err);
	int r;

	if (program < 0)
		return program;
	r = make(program);
	return r < 0 ? werr_errno(err, -r, "can't make a directory for busybox") : r;
}

void toolbox_command(struct strv *ret, const struct strv *command)
{
	strv_add(ret, PLACE "/" PROGRAM);
	strv_add(ret, "sh");
	strv_add(ret, "-c");
	strv_add(ret, "PATH=" PLACE ":$PATH PS1='(debug) \\w \\$ '; export PATH PS1; "
		      "[ $# -gt 0 ] || set -- sh; exec \"$@\"");
	strv_add(ret, "sh");
	strv_add_all(ret, command);
}
