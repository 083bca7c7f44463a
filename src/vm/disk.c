/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/qemu.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/process.h"

static const char *const formats[] = {"raw", "qcow2", NULL};

static bool known_format(const char *format)
{
	for (size_t i = 0; formats[i]; i++)
		if (str_eq(formats[i], format))
			return true;
	return false;
}

static int parse_part(struct qemu_disk *d, const char *part, struct werr **err)
{
	const char *value;

	if ((value = str_after(part, "size="))) {
		if (str_to_size(value, &d->size) < 0)
			return werr_set(err, WERR_USAGE, "'%s' is no size of a disk", value);
	} else if ((value = str_after(part, "format="))) {
		if (!known_format(value))
			return werr_set(err, WERR_USAGE,
				"'%s' is no format of a disk: raw and qcow2 are", value);
		str_replace(&d->format, value);
	} else {
		value = str_after(part, "file=");
		value = value ? value : part;
		if (d->path)
			return werr_set(err, WERR_USAGE,
				"'%s' is neither size= nor format=, and the disk's file is '%s'",
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

	strv_split(&parts, text, ',');
	STRV_FOREACH (part, &parts) {
		r = parse_part(&d, part, err);
		if (r < 0)
			break;
	}
	if (r == 0 && (!d.path || !*d.path))
		r = werr_set(err, WERR_USAGE, "it names no file");
	if (r < 0) {
		werr_wrap(err, "disk '%s'", text);
		werr_hint(err, "write [file=]PATH[,size=1G][,format=qcow2]");
		return r;
	}
	*ret = d;
	d = (struct qemu_disk){0};
	return 0;
}

/* A file that does not begin like a qcow2 is raw: the guest must not be able to choose another format. */
static int find_format(struct qemu_disk *d, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	char magic[4] = {0};
	int r = file_open(d->path, &fd, err);

	if (r < 0)
		return r;
	if (read(fd, magic, sizeof(magic)) == sizeof(magic) && memcmp(magic, "QFI\xfb", 4) == 0)
		d->format = str_dup("qcow2");
	else
		d->format = str_dup("raw");
	return 0;
}

static int make_disk(struct qemu_disk *d, struct werr **err)
{
	CLEANUP(free) char *size = str_printf("%llu", (unsigned long long)d->size);
	/* A path that begins with a dash is no option. */
	CLEANUP(free) char *path = str_printf("%s%s", d->path[0] == '/' ? "" : "./", d->path);
	int r;

	if (!d->format)
		d->format = str_dup("qcow2");
	r = process_run_ok(&(struct process_spec){.argv = (const char *[]){"qemu-img", "create",
							  "-q", "-f", d->format, path, size, NULL},
				   .timeout_seconds = 60},
		NULL, err);
	if (r == werr_code(WERR_NOT_FOUND))
		werr_hint(err, "install the package qemu-utils");
	werr_wrap(err, "make the disk %s", d->path);
	if (r == 0)
		log_info("made the disk %s", d->path);
	return r;
}

int qemu_disk_prepare(struct qemu_disk *d, struct werr **err)
{
	if (file_exists(d->path))
		return d->format ? 0 : find_format(d, err);
	if (d->size)
		return make_disk(d, err);
	werr_set(err, WERR_NOT_FOUND, "there is no disk %s", d->path);
	werr_hint(err, "with a size it is made: --disk %s,size=1G", d->path);
	return werr_code(WERR_NOT_FOUND);
}

void qemu_disk_cleanup(struct qemu_disk *d)
{
	free(d->path);
	free(d->format);
	*d = (struct qemu_disk){0};
}
