/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a configuration to finished files: config -> plan (an ordered list of parts) -> pieces (a
 * part in one encoding, made in parallel) -> outputs (pieces laid end to end). See
 * docs/architecture.md.
 */
#ifndef WHERRY_OUTPUT_BUILD_H
#define WHERRY_OUTPUT_BUILD_H

#include "resolve/resolve.h"
#include "codec/codec.h"
#include "hash/sha256.h"
#include "output/format.h"
#include "sbom/sbom.h"

struct build_options {
	struct resolve_options images; /* where images come from, and for which platform */
	const char *name;              /* of the outputs; NULL: the configuration's */
	const char *dir;               /* where they go; NULL: the current directory */
	struct strv formats;           /* empty: kernel+initrd, or tar when `output` is given */
	const char *output; /* NULL; or where the only file of the only format goes: a path, or
			       "-", stdout, for a stream */
	const char *root; /* NULL: each format's own; or a kind (root.h) for those that take any */
	uint64_t size;    /* of disks; 0: as large as their content needs */
	struct signer *signer; /* of what UEFI starts, boot/signer.h; NULL: it is not signed */
	const struct loader_image *loaders; /* all that the formats need: build_loaders */
	size_t n_loaders;
	enum disk_compression disk_compression; /* of the formats of disks that have a choice */
	struct compression compression;         /* of the initrd, see codec.h */
	bool decompress_kernel;                 /* see kernel-payload.h */
	bool release;                           /* see plan_options */
	const char *sbom;                       /* the SBOM's path in the OS; NULL: none */
	enum sbom_format sbom_format;
	int64_t sbom_time;               /* creation time to record in the SBOM; 0: BUILD_TIME */
	const char *input_tar;           /* NULL; or an earlier build's tar, see earlier.h */
	bool strict;                     /* see plan_options; doubts are errors, too */
	bool fresh;                      /* ignore pieces of earlier builds */
	bool hash_pieces;                /* the report has the pieces of each part */
	unsigned threads;                /* 0: one for each processor */
	const struct progress *progress; /* "part" with the part's name */
};

struct build_output {
	char *path; /* "-" for stdout */
	uint64_t size;
	char sha256[SHA256_HEX + 1]; /* "": it has too many holes, see hash/sha256.h */
	const char *format;          /* the first one that has it */
};

/* What the build was made of. */
struct build_image {
	char *name;                     /* full, as the configuration has it */
	struct digest digest, manifest; /* what the name refers to; this platform's manifest */
};

/* The bytes of a part in an output: a range of it, or what a range of it is made from. */
struct build_piece {
	const char *encoding; /* "initrd", "tar", "kernel", see encoding.h */
	uint64_t size;
	char sha256[SHA256_HEX + 1]; /* "": it is too large, as that of an output may be */
};

struct build_part {
	char *name;    /* "root", "services/nginx" */
	uint64_t size; /* bytes of its pieces, in all encodings; 0: its formats take it whole */
	bool kept;     /* all of it came from earlier builds */
	bool is_known; /* how much is in it: see encoding_sheet */
	uint64_t files, unpacked; /* names, but for directories; bytes of files */
	/* What its sheet and its piece of an initrd are kept under; "": they are not. */
	struct digest sheet, initrd;
	struct build_piece *pieces; /* in its formats' encodings; none unless asked for */
	size_t n_pieces;
};

struct build_report {
	struct build_output *outputs; /* in the order of the formats */
	size_t n;
	struct build_image *images; /* in the order of the configuration */
	size_t n_images;
	struct build_part *part_items; /* in the order of the plan */
	size_t parts;
	struct werr *doubts; /* warnings: see plan/doubts.h */
	size_t parts_kept;   /* how many of them came from earlier builds */
};

/*
 * The packages that the formats take boot loaders from, each once: names that *ret owns. Unknown
 * formats, and those that are not for the architecture, are left to build_run. One that boots by a
 * BIOS and by UEFI does it by what computers of the architecture have.
 */
void build_loaders(const struct strv *formats, const char *arch_name, struct strv *ret);

/*
 * Build. Mistakes in the configuration and its images are found before anything is written; on
 * failure *err may be a list, and no output was changed. Outputs get their names when all of them
 * are complete.
 */
int build_run(const struct config *c, const struct build_options *o, struct build_report *ret,
	struct werr **err);
void build_report_cleanup(struct build_report *r);

#endif
