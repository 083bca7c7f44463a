/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodings: what a part, or the whole plan, becomes for an output. Each is an object in
 * encoding-NAME.c; formats (format.h) name those that they need.
 */
#ifndef WHERRY_OUTPUT_ENCODING_H
#define WHERRY_OUTPUT_ENCODING_H

#include "fs/packed.h"
#include "plan/content.h"

struct loss;

struct encoding {
	const char *name;   /* hashed into the keys of kept pieces; `build --json` has it */
	bool is_whole;      /* of all parts merged; else of each part, and laid end to end */
	bool is_kept;       /* for later builds, as making it takes longer than copying it */
	bool is_compressed; /* by the plan's compression, which is then part of the key */
	bool is_initrd;     /* the kernel unpacks it: the parts' checks apply */
	bool is_warning;    /* its pieces are texts to warn the user with, with NULs in between */
	bool is_note;       /* about a part of which something else is made; no output has it */
	bool is_boot;       /* only parts that may_have_boot have it: no other is loaded for it */
	bool is_late;       /* only parts that are loaded late have it */
	const char *file;   /* of the OS, which this is a copy of; or NULL */
	const struct loss *loss;        /* what this reports; or NULL: see encoding-losses.c */
	const struct packed_format *fs; /* what the parts are packed for; or NULL */
	/* Has the content such a piece? NULL: always. */
	bool (*is_there)(const struct encoding *e, const struct part_content *c);
	int (*encode)(const struct encoding *e, const struct part_content *c, struct writer *to,
		struct werr **err);
};

/* A complete cpio archive without boot/, compressed. The kernel unpacks several laid end to end. */
extern const struct encoding encoding_initrd;
/* What each cannot hold: kept, so that builds that use its piece report it. */
extern const struct encoding encoding_losses, encoding_squashfs_losses, encoding_erofs_losses,
	encoding_iso_losses;
/* What is said of the SBOM: its part's warnings. */
extern const struct encoding encoding_warnings;
/* What the tar would have, without the bytes: archive/roll.h. */
extern const struct encoding encoding_roll;
/* The same without hashes, which every build leaves of the parts that it makes. */
extern const struct encoding encoding_sheet;
/* The entries of a tar, without its end. */
extern const struct encoding encoding_tar;
/* A part without boot/, packed for an image: see fs/packed.h. */
extern const struct encoding encoding_squashfs, encoding_erofs;
/*
 * The initrd that finds the disk with the root: PID 1 and the modules that it needs for that, of an
 * OS with Wherry's own PID 1 and a kernel with modules.
 */
extern const struct encoding encoding_boot_initrd;
/* The same as an ISO 9660, with room for /boot (disk/iso-boot.h). */
extern const struct encoding encoding_iso;
/* Files of boot/, which few parts have. */
extern const struct encoding encoding_kernel, encoding_cmdline, encoding_ucode;
/* etc/os-release, or what that leads to. */
extern const struct encoding encoding_os_release;

/* Is it for outputs, and not only to know or to warn of something? */
bool encoding_is_in_outputs(const struct encoding *e);
/* Encode, with the content's meter running. is_there must hold. */
int encoding_run(const struct encoding *e, const struct part_content *c, struct writer *to,
	struct werr **err);

#endif
