/* SPDX-License-Identifier: Apache-2.0 */
/* Unified kernel images. */
#include "arch/arch.h"
#include "base/mem.h"
#include "boot/efi-kernel.h"
#include "output/write.h"

enum { OS_RELEASE_MAX = 64 << 10 };

static int no_efi(const char *arch, struct werr **err)
{
	return werr_set(
		err, WERR_UNSUPPORTED, "no output that UEFI boots can be made for %s", arch);
}

static int read_stub(
	const struct output_job *job, struct extents *owner, struct uki_parts *p, struct werr **err)
{
	const char *name = job->plan->images_from.platform.arch;
	const struct arch *arch = arch_find(name);
	CLEANUP(free) char *path = NULL;
	unsigned char *stub = NULL;
	int r;

	if (!arch || !arch->efi.name)
		return no_efi(name, err);
	path = str_printf("usr/lib/systemd/boot/efi/linux%s.efi.stub", arch->efi.name);
	r = loader_read(job->loaders, LOADER_EFI, path, owner, &stub, &p->stub_size, err);
	p->stub = stub;
	p->machine = arch->efi.machine;
	return r;
}

static int layout_kernel(const struct output_job *job, struct uki_parts *p, struct werr **err)
{
	int r = output_layout_kernel(job, &p->kernel, err);

	return r < 0 ? r : efi_kernel_check(&p->kernel, p->machine, err);
}

int output_read_os_release(const struct output_job *job, char **ret, struct werr **err)
{
	const struct piece *piece = pieces_last(job->pieces, &encoding_os_release);
	CLEANUP(reader) struct reader *from = piece ? pieces_open_one(piece) : NULL;
	size_t size;

	return from ? reader_read_all(from, OS_RELEASE_MAX, ret, &size, err) : 0;
}

int output_layout_uki(const struct output_job *job, const char *root, struct extents *ret,
	struct uki_places *ret_places, struct werr **err)
{
	CLEANUP(extents) struct extents stub = {0};
	CLEANUP(uki_parts) struct uki_parts p = {0};
	CLEANUP(free) char *cmdline = NULL;
	CLEANUP(free) char *release = NULL;
	CLEANUP(free) char *version = NULL;
	struct uki_places places;
	int r = read_stub(job, &stub, &p, err);

	if (r == 0)
		r = layout_kernel(job, &p, err);
	if (r == 0)
		r = output_layout_initrd(job, &p.initrd, err);
	if (r == 0)
		r = output_cmdline(job, root, &cmdline, err);
	if (r == 0)
		r = output_read_os_release(job, &release, err);
	if (r == 0)
		r = efi_kernel_version(&p.kernel, &version, err);
	if (r < 0)
		return r;
	p.signer = job->signer;
	p.cmdline = cmdline;
	p.os_release = release;
	p.uname = version;
	return uki_layout(&p, ret, ret_places ? ret_places : &places, err);
}

/* Nothing follows the image: what is behind a signature makes that invalid. */
int output_file_uki(const struct output_job *job, struct extents *ret, struct werr **err)
{
	return output_layout_uki(job, NULL, ret, NULL, err);
}
