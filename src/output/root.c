/* SPDX-License-Identifier: Apache-2.0 */
#include "output/root.h"

#include "base/mem.h"
#include "base/str.h"

const struct root_kind root_initrd = {
	.name = "initrd", .encodings = {&encoding_initrd, &encoding_losses, &encoding_ucode}};

const struct root_kind root_squashfs = {.name = "squashfs",
	.image = &encoding_squashfs,
	.encodings = {&encoding_squashfs, &encoding_squashfs_losses, &encoding_boot_initrd,
		&encoding_ucode}};

const struct root_kind root_erofs = {.name = "erofs",
	.image = &encoding_erofs,
	.encodings = {
		&encoding_erofs, &encoding_erofs_losses, &encoding_boot_initrd, &encoding_ucode}};

const struct root_kind root_iso = {.name = "iso",
	.image = &encoding_iso,
	.encodings = {&encoding_iso, &encoding_iso_losses, &encoding_boot_initrd, &encoding_ucode}};

static const struct root_kind *const kinds[] = {
	&root_initrd, &root_squashfs, &root_erofs, &root_iso};

const struct root_kind *root_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq(kinds[i]->name, name))
			return kinds[i];
	return NULL;
}

const char *const *root_kind_names(void)
{
	static const char *names[ARRAY_SIZE(kinds) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		names[i] = kinds[i]->name;
	return names;
}
