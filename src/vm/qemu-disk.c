/* SPDX-License-Identifier: Apache-2.0 */
/* Disks of the machine: their option, their format, and making them with qemu-img. */
#include "vm/qemu.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"
#include "disk/disk.h"
#include "disk/qcow2-format.h"
#include "disk/vhd-format.h"
#include "disk/vhdx-format.h"
#include "disk/vmdk-format.h"

enum { PARTS_MAX = 64 << 10, SIGNATURE_MAX = 40 };

/* The formats of disks, by QEMU's names. */
static const char *const formats[] = {
	"raw", "qcow2", "qcow", "qed", "vdi", "vhdx", "vmdk", "vpc", "parallels", NULL};

/*
 * What files of other formats than raw have at an offset from their beginning or (from_end) from
 * their end. format is its name for --disk; NULL: a guest cannot write to it.
 */
static const struct signature {
	const char *what, *format, *magic;
	size_t size, offset;
	bool from_end;
} signatures[] = {
	{"qcow image", "qcow", QCOW2_MAGIC "\0\0\0\1", 8, 0, false},
	{"qcow2 image", "qcow2", QCOW2_MAGIC, 4, 0, false},
	{"QED image", "qed", "QED", 4, 0, false},
	{"VMDK image", "vmdk", VMDK_MAGIC, 4, 0, false},
	{"VMDK image", "vmdk", "COWD", 4, 0, false},
	{"VMDK descriptor", "vmdk", "# Disk DescriptorFile", 21, 0, false},
	{"VHDX image", "vhdx", VHDX_MAGIC, VHDX_MAGIC_SIZE, 0, false},
	{"VHD image", "vpc", VHD_MAGIC, VHD_MAGIC_SIZE, 0, false},
	{"VHD image", "vpc", VHD_MAGIC, VHD_MAGIC_SIZE, 512, true},
	{"VHD image", "vpc", VHD_MAGIC, VHD_MAGIC_SIZE, 511, true}, /* Virtual PC before 2004 */
	{"VDI image", "vdi", "\x7f\x10\xda\xbe", 4, 64, false},
	{"VDI image", "vdi", "<<< Oracle VM VirtualBox Disk Image >>>", 39, 0, false},
	{"Parallels image", "parallels", "WithoutFreeSpace", 16, 0, false},
	{"Parallels image", "parallels", "WithouFreSpacExt", 16, 0, false},
	{"DMG image", NULL, "koly", 4, 512, true},
};

static bool known_format(const char *format)
{
	for (size_t i = 0; formats[i]; i++)
		if (str_eq(formats[i], format))
			return true;
	return false;
}

static int bad_format(const char *text, struct werr **err)
{
	CLEANUP(strv) struct strv v = {0};
	CLEANUP(free) char *list = NULL;

	for (size_t i = 0; formats[i]; i++)
		strv_add(&v, formats[i]);
	list = strv_join(&v, ", ");
	return werr_set(err, WERR_USAGE, "'%s' is not a disk format; use one of %s", text, list);
}

/* Split at single commas; two commas, which QEMU uses for a literal one, become one. */
static void split_parts(const char *text, struct strv *ret)
{
	CLEANUP(buf) struct buf part = BUF_INIT(PARTS_MAX);

	for (;; text++) {
		bool comma = text[0] == ',' && text[1] == ',';

		if (*text && (comma || *text != ',')) {
			buf_putc(&part, *text);
			text += comma;
			continue;
		}
		strv_add(ret, buf_str(&part));
		buf_truncate(&part, 0);
		if (!*text)
			return;
	}
}

/* A plain number is in GiB, as in LinuxKit. */
static int parse_size(const char *text, uint64_t *ret)
{
	CLEANUP(free) char *gib = str_printf("%sG", text);

	return str_to_size(text[strspn(text, "0123456789")] ? text : gib, ret);
}

static int parse_part(struct qemu_disk *d, const char *part, struct werr **err)
{
	const char *value;

	if ((value = str_after(part, "size="))) {
		if (parse_size(value, &d->size) < 0)
			return werr_set(err, WERR_USAGE, "'%s' is not a valid disk size", value);
	} else if ((value = str_after(part, "format="))) {
		if (!known_format(value))
			return bad_format(value, err);
		str_replace(&d->format, value);
	} else {
		value = str_after(part, "file=");
		value = value ? value : part;
		if (d->path)
			return werr_set(err, WERR_USAGE,
				"'%s' is neither size= nor format=, and the file is already '%s'",
				value, d->path);
		str_replace(&d->path, value);
	}
	return 0;
}

int qemu_disk_parse(const char *text, struct qemu_disk *ret, struct werr **err)
{
	CLEANUP(qemu_disk) struct qemu_disk d = {0};
	CLEANUP(strv) struct strv parts = {0};
	const char *part;
	int r = 0;

	split_parts(text, &parts);
	STRV_FOREACH (part, &parts) {
		r = parse_part(&d, part, err);
		if (r < 0)
			break;
	}
	if (r == 0 && (d.path ? !*d.path : !d.size))
		r = werr_set(err, WERR_USAGE, "the file is missing");
	if (r < 0) {
		werr_wrap(err, "disk '%s'", text);
		werr_hint(err,
			"write [file=]PATH[,size=1G][,format=qcow2]; double the commas of PATH");
		return r;
	}
	*ret = d;
	d = (struct qemu_disk){0};
	return 0;
}

static bool has(int fd, const struct signature *s, off_t size)
{
	char found[SIGNATURE_MAX];
	off_t at = s->from_end ? size - (off_t)s->offset : (off_t)s->offset;

	return at >= 0 && pread(fd, found, s->size, at) == (ssize_t)s->size &&
	       memcmp(found, s->magic, s->size) == 0;
}

/*
 * Whether a qcow2 image names another file, as its backing file or for its data (QEMU,
 * docs/interop/qcow2.txt). A guest whose disk is raw can write such a header, and would read that
 * file of this machine after its next start.
 */
static bool names_a_file(int fd)
{
	unsigned char header[QCOW2_HEADER] = {0};

	if (pread(fd, header, sizeof(header), 0) < 0)
		return true;
	if (be64_get(header + QCOW2_BACKING_AT))
		return true;
	return be32_get(header + QCOW2_VERSION_AT) >= 3 &&
	       be64_get(header + QCOW2_FEATURES_AT) & QCOW2_EXTERNAL_DATA;
}

static int is_not_raw(
	const struct qemu_disk *d, const char *what, const char *format, struct werr **err)
{
	CLEANUP(free) char *path = qemu_escaped(d->path);
	CLEANUP(free)
	char *other = str_printf("--disk %s,format=%s if it is one, ", path, format ? format : "");

	werr_set(err, WERR_INVALID, "the disk %s looks like a %s; its format must be given",
		d->path, what);
	werr_hint(err, "%s--disk %s,format=raw if the guest is to see these bytes",
		format ? other : "", path);
	return werr_code(WERR_INVALID);
}

/*
 * Distinguish raw and qcow2 here, and tell QEMU which it is: a guest must not be able to choose
 * another format. What looks like any other format is not raw either, and the guest's first write
 * would destroy it, so the user decides.
 */
int qemu_disk_find_format(struct qemu_disk *d, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	int r = file_open_seekable(d->path, &fd, err);
	off_t size;

	if (r < 0)
		return r;
	size = lseek(fd, 0, SEEK_END);
	for (size_t i = 0; i < ARRAY_SIZE(signatures); i++) {
		const struct signature *s = &signatures[i];

		if (!has(fd, s, size))
			continue;
		if (!str_eq(s->format ? s->format : "", "qcow2"))
			return is_not_raw(d, s->what, s->format, err);
		if (names_a_file(fd))
			return is_not_raw(d, "qcow2 image that names another file", s->format, err);
		str_replace(&d->format, s->format);
		return 0;
	}
	str_replace(&d->format, "raw");
	return 0;
}

/* Only the owner may read it, as guests keep their secrets there. */
static int write_disk(
	const struct qemu_disk *d, const struct disk_format *format, struct werr **err)
{
	CLEANUP(atomic_file) struct atomic_file *file = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	int r = atomic_file_open_named(&file, d->path, 0600, err);

	if (r < 0)
		return r;
	to = fd_writer_new(file->fd, FD_LENT, d->path);
	r = format->write(&(struct extents){.size = d->size}, &(struct disk_options){0}, to, err);
	return r < 0 ? r : atomic_file_commit_new(file, err);
}

static int run_qemu_img(const struct qemu_disk *d, struct werr **err)
{
	CLEANUP(free) char *size = str_printf("%llu", (unsigned long long)d->size);
	/* A path that begins with a dash is not an option. */
	CLEANUP(free) char *path = str_printf("%s%s", d->path[0] == '/' ? "" : "./", d->path);
	int r = process_run_ok(
		&(struct process_spec){.argv = (const char *[]){"qemu-img", "create", "-q", "-f",
					       d->format, path, size, NULL},
			.timeout_seconds = 60},
		NULL, err);

	if (r == werr_code(WERR_NOT_FOUND))
		werr_hint(err, "install the package qemu-utils");
	return r;
}

/* A file that is called an image without saying of what is one for other programs too. */
static const char *usual_format(const char *path)
{
	return str_ends_with(path, ".img") || str_ends_with(path, ".raw") ? "raw" : "qcow2";
}

static int make_disk(struct qemu_disk *d, struct werr **err)
{
	const struct disk_format *format;
	char size[16];
	int r;

	if (!d->format)
		d->format = str_dup(d->new_format ? d->new_format : usual_format(d->path));
	format = disk_format_find(d->format);
	r = format ? write_disk(d, format, err) : run_qemu_img(d, err);
	werr_wrap(err, "create the disk %s", d->path);
	if (r == 0)
		log_info("created the disk %s: %s, %s, empty", d->path, d->format,
			str_size(size, d->size));
	return r;
}

int qemu_disk_prepare(struct qemu_disk *d, struct werr **err)
{
	CLEANUP(free) char *path = NULL;
	bool there;
	/* A disk that is mistaken for missing would be created anew, and its content lost. */
	int r = file_look(d->path, &there, err);

	if (r < 0)
		return r;
	if (there)
		return d->format ? 0 : qemu_disk_find_format(d, err);
	if (d->size)
		return make_disk(d, err);
	path = qemu_escaped(d->path);
	werr_set(err, WERR_NOT_FOUND, "there is no disk %s", d->path);
	werr_hint(err, "with a size, it is created: --disk %s,size=1G", path);
	return werr_code(WERR_NOT_FOUND);
}

void qemu_disk_cleanup(struct qemu_disk *d)
{
	free(d->path);
	free(d->format);
	*d = (struct qemu_disk){0};
}

void qemu_spec_cleanup(struct qemu_spec *s)
{
	for (size_t i = 0; i < s->n_disks; i++)
		qemu_disk_cleanup(&s->disks[i]);
	free(s->disks);
}
