/* SPDX-License-Identifier: Apache-2.0 */
/* The directory that Firecracker boots (its docs/getting-started.md and src/firecracker/swagger).
 */
#include <stdlib.h>

#include "base/mem.h"
#include "contract/outputs.h"
#include "data/json.h"
#include "output/write.h"
#include "plan/kernel-payload.h"

enum { CONFIG_MAX = 128 << 10, MEM_MIB = 512, CPUS = 1 };

/* What Firecracker's machines need besides: they have no PCI, and no firmware to reboot by. */
#define OPTIONS "reboot=k panic=1 pci=off"

static const struct piece *kernel_of(const struct output_job *job)
{
	return pieces_last(job->pieces, &encoding_kernel);
}

/* Uncompressed; one that isn't packed is taken as it is. */
int output_write_vmlinux(const struct output_job *job, struct writer *to, struct werr **err)
{
	const struct piece *kernel = kernel_of(job);
	CLEANUP(reader) struct reader *payload = NULL;
	int r;

	r = kernel_payload_open(kernel->fd, 0, kernel->size, "the kernel", &payload, err);
	if (r < 0)
		return r;
	if (!payload)
		return output_write_piece(job->pieces, &encoding_kernel, to, err);
	return io_copy(payload, to, NULL, err);
}

static void add_drive(struct json_writer *w)
{
	json_open_object(w);
	json_key_string(w, "drive_id", "root");
	json_key_string(w, "path_on_host", FIRECRACKER_ROOT);
	/* The command line says root=, which Firecracker would add as well. */
	json_key_bool(w, "is_root_device", false);
	json_key_bool(w, "is_read_only", true);
	json_close_object(w);
}

static void add_config(struct buf *out, const char *cmdline, bool has_initrd, bool has_root)
{
	struct json_writer w = JSON_WRITER(out, 2);

	json_open_object(&w);
	json_key(&w, "boot-source");
	json_open_object(&w);
	json_key_string(&w, "kernel_image_path", FIRECRACKER_KERNEL);
	if (has_initrd)
		json_key_string(&w, "initrd_path", FIRECRACKER_INITRD);
	json_key_string(&w, "boot_args", cmdline);
	json_close_object(&w);
	json_key(&w, "drives");
	json_open_array(&w);
	if (has_root)
		add_drive(&w);
	json_close_array(&w);
	json_key(&w, "machine-config");
	json_open_object(&w);
	json_key_u64(&w, "vcpu_count", CPUS);
	json_key_u64(&w, "mem_size_mib", MEM_MIB);
	json_close_object(&w);
	json_close_object(&w);
	buf_putc(out, '\n');
}

/* Names in it are relative to the directory, in which Firecracker has to be started. */
int output_write_firecracker(const struct output_job *job, struct writer *to, struct werr **err)
{
	CLEANUP(buf) struct buf out = BUF_INIT(CONFIG_MAX);
	CLEANUP(extents) struct extents initrd = {0};
	CLEANUP(free) char *cmdline = NULL;
	CLEANUP(free) char *whole = NULL;
	bool has_root = job->root->image != NULL;
	int r;

	r = output_cmdline(job, has_root ? "/dev/vda" : NULL, &cmdline, err);
	if (r == 0)
		r = output_layout_initrd(job, &initrd, err);
	if (r < 0)
		return r;
	whole = str_printf("%s%s" OPTIONS, cmdline, *cmdline ? " " : "");
	add_config(&out, whole, initrd.size > 0, has_root);
	r = buf_error(&out);
	if (r < 0)
		return werr_errno(err, -r, "can't write " FIRECRACKER_CONFIG);
	return writer_write(to, buf_str(&out), out.len, err);
}
