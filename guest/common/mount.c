/* SPDX-License-Identifier: Apache-2.0 */
#include "common/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"

enum { SET, CLEAR, PROPAGATION, NOT_DONE };

static const struct {
	const char *name;
	int how;
	unsigned long flags;
} known[] = {
	{"defaults", SET, 0},
	{"rw", CLEAR, MS_RDONLY},
	{"ro", SET, MS_RDONLY},
	{"suid", CLEAR, MS_NOSUID},
	{"nosuid", SET, MS_NOSUID},
	{"dev", CLEAR, MS_NODEV},
	{"nodev", SET, MS_NODEV},
	{"exec", CLEAR, MS_NOEXEC},
	{"noexec", SET, MS_NOEXEC},
	{"async", CLEAR, MS_SYNCHRONOUS},
	{"sync", SET, MS_SYNCHRONOUS},
	{"dirsync", SET, MS_DIRSYNC},
	{"atime", CLEAR, MS_NOATIME},
	{"noatime", SET, MS_NOATIME},
	{"diratime", CLEAR, MS_NODIRATIME},
	{"nodiratime", SET, MS_NODIRATIME},
	{"relatime", SET, MS_RELATIME},
	{"norelatime", CLEAR, MS_RELATIME},
	{"strictatime", SET, MS_STRICTATIME},
	{"nostrictatime", CLEAR, MS_STRICTATIME},
	{"mand", SET, MS_MANDLOCK},
	{"nomand", CLEAR, MS_MANDLOCK},
	{"remount", SET, MS_REMOUNT},
	{"bind", SET, MS_BIND},
	{"rbind", SET, MS_BIND | MS_REC},
	{"shared", PROPAGATION, MS_SHARED},
	{"rshared", PROPAGATION, MS_SHARED | MS_REC},
	{"slave", PROPAGATION, MS_SLAVE},
	{"rslave", PROPAGATION, MS_SLAVE | MS_REC},
	{"private", PROPAGATION, MS_PRIVATE},
	{"rprivate", PROPAGATION, MS_PRIVATE | MS_REC},
	{"unbindable", PROPAGATION, MS_UNBINDABLE},
	{"runbindable", PROPAGATION, MS_UNBINDABLE | MS_REC},
	{"loop", NOT_DONE, 0},
};

/* False: not a general option, but one of the file system's own. */
static bool apply(const char *option, struct mount_options *o, int *r, struct werr **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!str_eq(option, known[i].name))
			continue;
		if (known[i].how == SET)
			o->flags |= known[i].flags;
		else if (known[i].how == CLEAR)
			o->flags &= ~known[i].flags;
		else if (known[i].how == PROPAGATION)
			o->propagation = known[i].flags;
		else
			*r = werr_set(err, WERR_UNSUPPORTED,
				"the mount option '%s' is not supported", option);
		return true;
	}
	return false;
}

int mount_options_parse(const struct strv *options, struct mount_options *ret, struct werr **err)
{
	CLEANUP(strv) struct strv data = {0};
	struct mount_options o = {0};
	const char *option;
	int r = 0;

	STRV_FOREACH (option, options) {
		if (!apply(option, &o, &r, err))
			strv_add(&data, option);
		if (r < 0)
			return r;
	}
	o.data = strv_join(&data, ",");
	*ret = o;
	return 0;
}

void mount_options_cleanup(struct mount_options *o)
{
	free(o->data);
	o->data = NULL;
}

/*
 * The root that a container sees is the upper directory, so it gets the owner of the image's root,
 * which is not 0 in a user namespace.
 */
static void own_as_lower(const struct strv *options, const char *upper)
{
	const char *option;
	struct stat st;

	STRV_FOREACH (option, options) {
		const char *lower = str_after(option, "lowerdir=");

		if (lower && stat(lower, &st) == 0 && st.st_uid != 0 &&
			chown(upper, st.st_uid, st.st_gid) < 0)
			return;
	}
}

static int make_overlay_dirs(const struct strv *options, struct werr **err)
{
	const char *option, *dir;
	int r;

	STRV_FOREACH (option, options) {
		dir = str_after(option, "upperdir=");
		if (!dir)
			dir = str_after(option, "workdir=");
		if (!dir)
			continue;
		r = file_make_dirs(dir, 0755, err);
		if (r < 0)
			return r;
		if (str_after(option, "upperdir="))
			own_as_lower(options, dir);
	}
	return 0;
}

/* Flags that a bind mount has inherited from its source: a remount must repeat them. */
static unsigned long kept_flags(const char *path)
{
	struct statfs sfs;

	return statfs(path, &sfs) == 0
		       ? (unsigned long)sfs.f_flags & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
		       : 0;
}

/* Create the mount point: a file for a file, a directory for anything else. */
static int make_destination(
	const char *source, const char *destination, unsigned long flags, struct werr **err)
{
	CLEANUP(free) char *dir = path_dir(destination);
	CLEANUP(fd) int fd = -1;
	struct stat st;
	int r;

	if (file_exists(destination))
		return 0;
	if (!(flags & MS_BIND) || !source)
		return file_make_dirs(destination, 0755, err);
	/* Without a source nothing is created: it could turn out to be of the wrong type. */
	if (stat(source, &st) < 0)
		return werr_errno(err, errno, "can't mount %s on %s", source, destination);
	if (S_ISDIR(st.st_mode))
		return file_make_dirs(destination, 0755, err);
	r = file_make_dirs(dir, 0755, err);
	if (r < 0)
		return r;
	fd = open(destination, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
	return fd < 0 ? werr_errno(err, errno, "can't create %s", destination) : 0;
}

static int mount_calls(const char *source, const char *destination, const char *type,
	const struct mount_options *o, struct werr **err)
{
	const unsigned long bind = MS_BIND | MS_REC;
	unsigned long own = o->flags & ~bind;
	const char *data = *o->data ? o->data : NULL;
	/* LinuxKit writes "remount,private" to change nothing but the propagation. */
	bool only_propagation = o->propagation && own == MS_REMOUNT && !data;

	if (!only_propagation && mount(source, destination, type, o->flags, data) < 0)
		return werr_errno(err, errno, "can't mount %s on %s",
			source ? source : (type ? type : "it"), destination);
	/* A bind mount inherits the flags of its source; changing them takes a second call. */
	if ((o->flags & MS_BIND) && own && !(own & MS_REMOUNT) &&
		mount(NULL, destination, NULL, MS_REMOUNT | MS_BIND | own | kept_flags(destination),
			NULL) < 0)
		return werr_errno(err, errno, "can't set the flags of %s", destination);
	if (o->propagation && mount(NULL, destination, NULL, o->propagation, NULL) < 0)
		return werr_errno(err, errno, "can't set the propagation of %s", destination);
	return 0;
}

int mount_on(const char *source, const char *destination, const char *type,
	const struct strv *options, struct werr **err)
{
	CLEANUP(mount_options) struct mount_options o = {0};
	int r = mount_options_parse(options, &o, err);

	/* The type "bind" means the same as the option. */
	if (r == 0 && type && str_eq(type, "bind") && !(o.flags & MS_BIND))
		o.flags |= MS_BIND;
	if (r == 0 && type && str_eq(type, "overlay"))
		r = make_overlay_dirs(options, err);
	if (r == 0)
		r = make_destination(source, destination, o.flags, err);
	if (r == 0)
		r = mount_calls(source, destination, type, &o, err);
	return r;
}
