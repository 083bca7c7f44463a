/* SPDX-License-Identifier: Apache-2.0 */
#include "output/layout-grub.h"

#include <string.h>

#include "arch/arch.h"
#include "base/mem.h"
#include "boot/grub-config.h"
#include "boot/grub.h"
#include "output/write.h"

/* The longest name: a list of blocks. */
#define LONGEST "18446744073709551615+18446744073709551615"

bool output_has_bios(const struct output_job *job)
{
	const struct arch *arch = arch_find(job->plan->images_from.platform.arch);

	return arch && arch->has_bios;
}

int output_need_bios(const struct output_job *job, struct werr **err)
{
	return output_has_bios(job) ? 0
				    : werr_set(err, WERR_UNSUPPORTED,
					      "no output that a BIOS boots can be made for %s",
					      job->plan->images_from.platform.arch);
}

int output_grub_read(const struct output_job *job, struct extents *partition,
	struct output_grub *ret, struct werr **err)
{
	int r = output_need_bios(job, err);

	if (r < 0)
		return r;
	r = loader_read(job->loaders, LOADER_BIOS, "grub/boot.img", partition, &ret->boot,
		&ret->boot_size, err);
	if (r == 0)
		r = loader_read(job->loaders, LOADER_BIOS, "grub/core-disk.img", partition,
			&ret->core, &ret->core_size, err);
	if (r < 0)
		return r;
	partition->size = GRUB_CORE_PARTITION;
	return extents_add_bytes(partition, 0, ret->core, ret->core_size, err);
}

static int make_config(const struct output_job *job, const char *root, const char *kernel,
	const char *initrd, struct buf *ret, struct werr **err)
{
	CLEANUP(free) char *cmdline = NULL;
	int r = output_cmdline(job, root, &cmdline, err);

	if (r < 0)
		return r;
	return grub_config_add(ret,
		&(struct grub_config){.kernel = kernel, .initrd = initrd, .cmdline = cmdline}, err);
}

int output_grub_add_config(const struct output_job *job, const char *root, struct extents *file,
	struct output_grub *g, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(GRUB_CONFIG_MAX);
	int r = make_config(job, root, LONGEST, LONGEST, &text, err);

	if (r < 0)
		return r;
	g->config_size = file->size = text.len;
	g->config = extents_alloc(file, text.len);
	return extents_add_bytes(file, 0, g->config, text.len, err);
}

/* Blank lines fill it. */
int output_grub_set_config(const struct output_job *job, const char *root, const char *kernel,
	const char *initrd, struct output_grub *g, struct werr **err)
{
	CLEANUP(buf) struct buf text = BUF_INIT(g->config_size);
	int r = make_config(job, root, kernel, initrd, &text, err);

	if (r < 0)
		return r;
	memset(g->config, '\n', g->config_size);
	memcpy(g->config, buf_str(&text), text.len);
	return 0;
}
