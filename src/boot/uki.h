/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unified kernel images (UAPI Group Specifications, "Unified Kernel Image"): a stub, which is a
 * program for UEFI, with more sections, in which it finds the kernel that it starts, the initrd and
 * the command line.
 */
#ifndef WHERRY_BOOT_UKI_H
#define WHERRY_BOOT_UKI_H

#include "boot/signer.h"

#include "disk/extents.h"

enum { UKI_FILE_ALIGN = 512 };

struct uki_parts {
	const void *stub; /* its bytes, which are copied */
	size_t stub_size;
	uint16_t machine;               /* what it has to be for: IMAGE_FILE_MACHINE_... */
	const char *os_release, *uname; /* texts, or NULL */
	const char *cmdline;
	struct signer *signer;         /* NULL: it is not signed */
	struct extents initrd, kernel; /* owned by these parts, until they are put */
};
void uki_parts_cleanup(struct uki_parts *p);

/* Where the bytes of a section are in the file. */
struct uki_place {
	uint64_t at, size; /* a multiple of UKI_FILE_ALIGN; without padding */
};
struct uki_places {
	struct uki_place kernel, initrd;
};

/*
 * Lay out an image; *ret is an empty one at first. Its sections are end to end, as what is between
 * sections is not hashed right when an image is signed (Microsoft, "Windows Authenticode Portable
 * Executable Signature Format", step 14). Of the command line, line breaks become blanks, as the
 * stub makes them; an empty one becomes a blank, without which the stub would take another one from
 * whoever starts it, also under Secure Boot. WERR_INVALID: the stub can't be used; WERR_LIMIT: the
 * image would be larger than 4 GiB.
 */
int uki_layout(
	struct uki_parts *p, struct extents *ret, struct uki_places *ret_places, struct werr **err);

#endif
