/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disk that is booted, when its name says that it is one of VMware's or Microsoft's: what its
 * first bytes say of it. Other disks are left to qemu-disk.c, which asks for the format of such a
 * one, since the guest of a raw disk could have written it.
 */
#include "vm/foreign-disk.h"

#include <string.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/file.h"
#include "base/mem.h"
#include "disk/disk.h"
#include "disk/vhd-format.h"
#include "disk/vhdx-format.h"
#include "disk/vmdk-format.h"
#include "tar/ustar.h"

enum { TEXT_MAX = 64 << 10, MEMBERS_MAX = 64 };

/* A part of a file. */
struct part {
	int fd;
	uint64_t at, size;
};

static bool read_part(const struct part *p, uint64_t at, void *to, size_t size)
{
	return at <= p->size && size <= p->size - at &&
	       pread(p->fd, to, size, (off_t)(p->at + at)) == (ssize_t)size;
}

/*
 * Whether the descriptor (of one line each) says that there is no other disk below. The header says
 * where it is, but QEMU reads DESCRIPTOR_READ sectors behind the header whatever that says: what it
 * finds there must be what was looked at.
 */
static bool is_whole_disk(const struct part *p, uint64_t at, uint64_t sectors)
{
	enum { DESCRIPTOR = 1, DESCRIPTOR_READ = 20, SECTORS_MAX = TEXT_MAX / DISK_SECTOR };
	CLEANUP(free) char *text = NULL;
	size_t size = (size_t)(sectors < DESCRIPTOR_READ ? DESCRIPTOR_READ : sectors) * DISK_SECTOR;

	if (at != DESCRIPTOR || sectors == 0 || sectors > SECTORS_MAX || p->size <= DISK_SECTOR)
		return false;
	if (size > p->size - DISK_SECTOR)
		size = (size_t)p->size - DISK_SECTOR;
	text = mem_alloc(size + 1);
	if (!read_part(p, DISK_SECTOR, text, size))
		return false;
	for (char *c = text; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	return strstr(text, "parentcid=ffffffff") && !strstr(text, "parentfilenamehint");
}

/* VMware, Virtual Disk Format 1.1: a sparse extent that has its own descriptor. */
static bool look_at_vmdk(const struct part *p, struct qemu_disk *d)
{
	unsigned char head[DISK_SECTOR];

	if (!read_part(p, 0, head, sizeof(head)) || memcmp(head, VMDK_MAGIC, 4) != 0)
		return false;
	/* Without a size it is a text that names other files. */
	if (le64_get(head + VMDK_CAPACITY_AT) == 0 ||
		!is_whole_disk(
			p, le64_get(head + VMDK_TEXT_PLACE_AT), le64_get(head + VMDK_TEXT_SIZE_AT)))
		return false;
	d->is_kept = le32_get(head + VMDK_FLAGS_AT) & VMDK_PACKED;
	str_replace(&d->format, "vmdk");
	return true;
}

static bool look_at_vhd(const struct part *p, struct qemu_disk *d)
{
	unsigned char footer[VHD_FOOTER];
	uint32_t type;

	if (p->size < sizeof(footer) ||
		!read_part(p, p->size - sizeof(footer), footer, sizeof(footer)) ||
		memcmp(footer, VHD_MAGIC, VHD_MAGIC_SIZE) != 0)
		return false;
	type = be32_get(footer + VHD_TYPE_AT);
	str_replace(&d->format, "vpc");
	return type == VHD_FIXED || type == VHD_DYNAMIC;
}

/* One that has a parent is refused by QEMU. */
static bool look_at_vhdx(const struct part *p, struct qemu_disk *d)
{
	char magic[VHDX_MAGIC_SIZE];

	str_replace(&d->format, "vhdx");
	return read_part(p, 0, magic, sizeof(magic)) &&
	       memcmp(magic, VHDX_MAGIC, sizeof(magic)) == 0;
}

/* The first vmdk of an OVA; nothing writes into one. */
static bool look_at_ova(const struct part *p, struct qemu_disk *d)
{
	uint64_t at = 0, size;
	struct ustar h;

	for (unsigned n = 0; n < MEMBERS_MAX && read_part(p, at, &h, sizeof(h)); n++) {
		CLEANUP(free) char *path = ustar_is_intact(&h) ? ustar_path(&h) : NULL;

		if (!path || !ustar_get_number(h.size, sizeof(h.size), &size))
			return false;
		at += sizeof(h);
		if (size > p->size - at)
			return false;
		if (str_ends_with(path, ".vmdk")) {
			const struct part disk = {p->fd, p->at + at, size};

			d->offset = disk.at;
			d->length = disk.size;
			return look_at_vmdk(&disk, d) && (d->is_kept = true);
		}
		at += size + tar_padding(size);
	}
	return false;
}

static const struct {
	const char *suffix;
	bool (*look)(const struct part *p, struct qemu_disk *d);
} kinds[] = {
	{".vmdk", look_at_vmdk},
	{".vhd", look_at_vhd},
	{".vhdx", look_at_vhdx},
	{".ova", look_at_ova},
};

bool foreign_disk_look(int fd, uint64_t size, const char *name, struct qemu_disk *d)
{
	const struct part whole = {fd, 0, size};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_ends_with(name, kinds[i].suffix))
			return kinds[i].look(&whole, d);
	return false;
}

int foreign_disk_find(const char *path, struct qemu_disk *ret, struct werr **err)
{
	CLEANUP(qemu_disk) struct qemu_disk d = {.path = str_dup(path)};
	CLEANUP(fd) int fd = -1;
	int r = file_open_seekable(path, &fd, err);
	off_t size = r == 0 ? lseek(fd, 0, SEEK_END) : 0;

	if (r < 0)
		return r;
	if (size <= 0 || !foreign_disk_look(fd, (uint64_t)size, path, &d)) {
		qemu_disk_cleanup(&d);
		d.path = str_dup(path);
	}
	*ret = d;
	d = (struct qemu_disk){0};
	return 0;
}
