/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/fsgrow.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/str.h"
#include "tools/runtool.h"

/* ---- superblocks ---- */

enum {
	EXT4_AT = 1024,
	EXT4_INCOMPATIBLE = 96, /* in it: features */
	EXT4_RECOVER = 0x4,
	EXT4_64BIT = 0x80,
	BTRFS_AT = 64 << 10,
	BTRFS_DEVICE_AT = 0xc9, /* in it: what it says of this device */
	SUPER = 512,            /* what is read of a superblock */
};

static bool ext4_size(const unsigned char *super, uint64_t *ret)
{
	uint64_t blocks = le32_get(super + 4);
	uint32_t shift = le32_get(super + 24);

	if (le32_get(super + EXT4_INCOMPATIBLE) & EXT4_64BIT)
		blocks |= (uint64_t)le32_get(super + 0x150) << 32;
	if (shift > 6 || blocks > UINT64_MAX >> 16)
		return false;
	*ret = blocks << (10 + shift);
	return true;
}

static bool ext4_needs_replay(const unsigned char *super)
{
	return le32_get(super + EXT4_INCOMPATIBLE) & EXT4_RECOVER;
}

static bool xfs_size(const unsigned char *super, uint64_t *ret)
{
	return !__builtin_mul_overflow(be32_get(super + 4), be64_get(super + 8), ret);
}

static bool btrfs_size(const unsigned char *super, uint64_t *ret)
{
	*ret = le64_get(super + BTRFS_DEVICE_AT + 8);
	return true;
}

/* ---- what the kernel is asked for ---- */

/* fs/ext4/ext4.h; *size: bytes of the device. */
#define EXT4_RESIZE _IOW('f', 16, uint64_t)

static int grow_ext4(int fd, const unsigned char *super, uint64_t size)
{
	uint64_t blocks = size >> (10 + le32_get(super + 24));

	return ioctl(fd, EXT4_RESIZE, &blocks);
}

/* fs/xfs/libxfs/xfs_fs.h. */
struct xfs_geometry {
	uint32_t block_size, extent, group_blocks, groups, log_blocks, sector, inode, inode_percent;
	uint64_t blocks, realtime[2], log_start;
	unsigned char uuid[16];
	uint32_t stripe[2];
	int32_t version;
	uint32_t rest[4];
};
struct xfs_growth {
	uint64_t blocks;
	uint32_t inode_percent; /* as it is */
};
#define XFS_GEOMETRY _IOR('X', 100, struct xfs_geometry)
#define XFS_GROW     _IOW('X', 110, struct xfs_growth)

static int grow_xfs(int fd, ATTR_UNUSED const unsigned char *super, uint64_t size)
{
	struct xfs_geometry now;
	struct xfs_growth then = {0};

	if (ioctl(fd, XFS_GEOMETRY, &now) < 0 || now.block_size == 0)
		return -1;
	then.blocks = size / now.block_size;
	then.inode_percent = now.inode_percent;
	return ioctl(fd, XFS_GROW, &then);
}

/* linux/btrfs.h, which names fields as functions that are banned here. */
struct btrfs_arguments {
	int64_t fd;
	char name[4088];
};
#define BTRFS_RESIZE _IOW(0x94, 3, struct btrfs_arguments)

static int grow_btrfs(int fd, const unsigned char *super, ATTR_UNUSED uint64_t size)
{
	struct btrfs_arguments args = {0};

	str_format(args.name, sizeof(args.name), "%llu:max",
		(unsigned long long)le64_get(super + BTRFS_DEVICE_AT));
	return ioctl(fd, BTRFS_RESIZE, &args);
}

/* ---- both ---- */

static const struct type {
	const char *name;
	size_t at; /* of the superblock */
	bool (*size)(const unsigned char *super, uint64_t *ret);
	bool (*needs_replay)(const unsigned char *super); /* NULL: the kernel can always do it */
	int (*grow)(int fd, const unsigned char *super, uint64_t size);
} types[] = {
	{"ext4", EXT4_AT, ext4_size, ext4_needs_replay, grow_ext4},
	{"xfs", 0, xfs_size, NULL, grow_xfs},
	{"btrfs", BTRFS_AT, btrfs_size, NULL, grow_btrfs},
};

static const struct type *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq(types[i].name, name))
			return &types[i];
	return NULL;
}

bool fsgrow_size(const char *name, const unsigned char *p, size_t size, uint64_t *ret)
{
	const struct type *t = find(name);

	return t && size >= t->at + SUPER && t->size(p + t->at, ret);
}

bool fsgrow_needs_replay(const char *name, const unsigned char *p, size_t size)
{
	const struct type *t = find(name);

	return t && t->needs_replay && size >= t->at + SUPER && t->needs_replay(p + t->at);
}

int fsgrow_replay(const char *device, struct werr **err)
{
	enum { MENDED = 1 }; /* e2fsck(8), exit code */
	const char *const argv[] = {
		"/sbin/e2fsck.static", "-p", "-E", "journal_only", device, NULL};
	CLEANUP(werr) struct werr *why = NULL;
	int fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC), code = 0, r;

	/* It is mounted, and needs none. */
	if (fd < 0 && errno == EBUSY)
		return 0;
	if (fd >= 0)
		close(fd);
	r = runtool(argv, &code, &why);
	if (r < 0 && code != MENDED) {
		r = werr_set(err, WERR_FAILED, "the journal of %s can't be replayed: %s", device,
			why->message);
		werr_hint(err, "check it with fsck");
		return r;
	}
	return 0;
}

static int grow(
	const struct type *t, const char *device, uint64_t size, const char *dir, struct werr **err)
{
	CLEANUP(fd) int disk = open(device, O_RDONLY | O_CLOEXEC);
	CLEANUP(fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned char super[SUPER];
	int r;

	if (fd < 0 || pread(disk, super, SUPER, (off_t)t->at) != SUPER)
		return werr_errno(err, errno ? errno : EIO, "can't read %s", device);
	if (t->grow(fd, super, size) == 0 && syncfs(fd) == 0)
		return 0;
	r = werr_errno(err, errno, "the kernel does not grow the file system on %s", device);
	if (r == -EPERM)
		werr_hint(err, "check it with fsck: one with errors can't grow");
	return r;
}

int fsgrow(const char *device, const char *type, uint64_t size, const char *dir, struct werr **err)
{
	const struct type *t = find(type);
	int r;

	if (!t)
		return werr_set(err, WERR_UNSUPPORTED, "%s can't grow", type);
	if (mount(device, dir, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		r = werr_errno(err, errno, "can't mount %s (%s)", device, type);
		if (r == -ENODEV)
			werr_hint(err, "@pkg:kernel-generic has the modules of xfs and btrfs");
		return r;
	}
	r = grow(t, device, size, dir, err);
	if (umount2(dir, 0) < 0 && r == 0)
		r = werr_errno(err, errno, "can't unmount %s", device);
	return r;
}
