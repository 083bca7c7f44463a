/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Raspberry Pi 3 reads from the FAT of its SD card, as a tar to be unpacked there. Its GPU
 * starts by bootcode.bin and start.elf, which read config.txt and start the CPUs with the kernel.
 */
#include <string.h>

#include "base/mem.h"
#include "contract/outputs.h"
#include "output/write.h"
#include "plan/kernel-payload.h"

/* In the directory rpi of the loader. The first is what the tar is known by. */
static const char *const from_loader[] = {RPI_FIRST_FILE, "start.elf", "fixup.dat",
	"LICENCE.broadcom", "bcm2837-rpi-3-b.dtb", "bcm2837-rpi-3-b-plus.dtb",
	"bcm2837-rpi-3-a-plus.dtb"};

/*
 * upstream_kernel: a device tree by the name that Linux gives it, not the one of the Raspberry Pi
 * project's kernel; that of the board is chosen. The initrd goes behind the kernel in memory.
 */
static const char config[] = "arm_64bit=1\n"
			     "enable_uart=1\n"
			     "upstream_kernel=1\n"
			     "kernel=kernel8.img\n"
			     "initramfs initrd.img followkernel\n";

static int add_bytes(
	struct archiver *tar, const char *name, const void *bytes, size_t size, struct werr **err)
{
	CLEANUP(reader) struct reader *content = mem_reader_new(bytes, size);

	return output_tar_add(tar, name, size, content, err);
}

static int add_loader(const struct output_job *job, struct archiver *tar, struct werr **err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(from_loader); i++) {
		CLEANUP(free) char *path = str_printf("rpi/%s", from_loader[i]);
		CLEANUP(extents) struct extents owner = {0};
		unsigned char *bytes;
		size_t size;

		r = loader_read(job->loaders, LOADER_RPI, path, &owner, &bytes, &size, err);
		if (r == 0)
			r = add_bytes(tar, from_loader[i], bytes, size, err);
	}
	return r;
}

static int open_kernel(const struct piece *piece, struct reader **ret, struct werr **err)
{
	int r = kernel_payload_open(piece->fd, 0, piece->size, "kernel", ret, err);

	if (r == 0 && !*ret)
		*ret = pieces_open_one(piece);
	return r;
}

/* The firmware unpacks no kernel that is an EFI program. A tar has the size before the bytes. */
static int add_kernel(const struct output_job *job, struct archiver *tar, struct werr **err)
{
	const struct piece *piece = pieces_last(job->pieces, &encoding_kernel);
	CLEANUP(reader) struct reader *measured = NULL, *kernel = NULL;
	uint64_t size = 0;
	CLEANUP(writer) struct writer *counter = count_writer_new(NULL, &size);
	int r;

	r = open_kernel(piece, &measured, err);
	if (r == 0)
		r = io_copy(measured, counter, NULL, err);
	if (r == 0)
		r = open_kernel(piece, &kernel, err);
	return r < 0 ? r : output_tar_add(tar, "kernel8.img", size, kernel, err);
}

static int add_cmdline(const struct output_job *job, struct archiver *tar, struct werr **err)
{
	CLEANUP(free) char *cmdline = NULL, *line = NULL;
	int r = output_cmdline(job, NULL, &cmdline, err);

	if (r < 0)
		return r;
	line = str_printf("%s\n", cmdline);
	return add_bytes(tar, "cmdline.txt", line, strlen(line), err);
}

int output_write_rpi(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(archiver) struct archiver *tar = archiver_new_tar(to);
	CLEANUP(reader) struct reader *initrd = output_open_initrd(job);
	int r = add_loader(job, tar, err);

	if (r == 0)
		r = add_bytes(tar, "config.txt", config, strlen(config), err);
	if (r == 0)
		r = add_cmdline(job, tar, err);
	if (r == 0)
		r = add_kernel(job, tar, err);
	if (r == 0)
		r = output_tar_add(tar, "initrd.img", output_initrd_size(job), initrd, err);
	return r < 0 ? r : tar->finish(tar, err);
}
