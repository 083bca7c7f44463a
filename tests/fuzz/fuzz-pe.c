/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary bytes as the stub of a unified kernel image, and as the kernel in it: an image is laid
 * out whose headers hold, or an error is returned.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "boot/efi-kernel.h"
#include "boot/pe.h"
#include "boot/uki.h"

enum { FUZZ_MACHINE = 0x8664 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was laid out has to be as right as the stub was. */
static void look(const struct extents *image)
{
	CLEANUP(free) unsigned char *bytes = mem_alloc((size_t)image->size);
	struct pe pe;

	if (extents_read(image, 0, bytes, (size_t)image->size, NULL) < 0 ||
		pe_parse(bytes, (size_t)image->size, &pe, NULL) < 0 ||
		pe_check(&pe, image->size, NULL) < 0 || !pe_find(&pe, ".linux"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(werr) struct werr *err = NULL;
	CLEANUP(free) char *version = NULL;
	CLEANUP(extents) struct extents image = {0};
	CLEANUP(uki_parts)
	struct uki_parts p = {
		.stub = data, .stub_size = size, .machine = FUZZ_MACHINE, .cmdline = "ro"};
	struct uki_places places;

	p.kernel.size = size;
	if (extents_add_bytes(&p.kernel, 0, data, size, NULL) < 0 ||
		efi_kernel_version(&p.kernel, &version, NULL) < 0)
		abort();
	(void)efi_kernel_check(&p.kernel, FUZZ_MACHINE, NULL);
	if (size > 0 && uki_layout(&p, &image, &places, &err) == 0)
		look(&image);
	return 0;
}
