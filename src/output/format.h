/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of formats: the files that each consists of, and what these are made from. The command
 * line's help, completion and errors read it.
 */
#ifndef WHERRY_OUTPUT_FORMAT_H
#define WHERRY_OUTPUT_FORMAT_H

#include "disk/disk.h"
#include "output/loader.h"
#include "output/pieces.h"
#include "output/root.h"

struct output_file;
struct signer;

/* What a file of an output is made from. */
struct output_job {
	const struct plan *plan;
	const struct pieces *pieces;
	const struct output_file *file;
	const struct root_kind *root; /* NULL: the format has none */
	struct loaders *loaders;
	struct signer *signer;    /* of what UEFI starts; NULL: it is not signed */
	const char *name;         /* the output's, without directory and suffix: "nginx" */
	uint64_t size;            /* of a disk, as the user wants it; 0: the usual one */
	uint64_t usual_size;      /* or as large as its content needs, when that is more */
	struct disk_options disk; /* for the format of its file */
	/* Of a format that holds files: their jobs. */
	const struct output_job *held;
	size_t n_held;
};

/* Writes a file of a format. OUTPUT_NONE: there is nothing to write, and so no such file. */
enum { OUTPUT_NONE = 1 };
typedef int output_write(const struct output_job *job, struct writer *to, struct werr **err);
/* Lays out a file of a format, or the disk or CD in it; *ret is an empty one at first. */
typedef int output_layout(const struct output_job *job, struct extents *ret, struct werr **err);

/* One file of a format, which has one source: a piece, a writer, or a layout. */
struct output_file {
	const char *suffix;             /* after the name: "-kernel" */
	const char *type;               /* its media type, if it can be held; or NULL */
	const struct encoding *piece;   /* it is this encoding's last piece as it is */
	output_write *write;            /* or this writes it */
	output_layout *layout;          /* or this lays it out, or the disk in it */
	const struct disk_format *disk; /* which is in a file of this kind; NULL: it is no disk */
};

enum {
	FORMAT_ARCHES_MAX = 2,
	FORMAT_FILES_MAX = 5,
	FORMAT_ENCODINGS_MAX = 8,
	FORMAT_LOADERS_MAX = 3
};
struct format {
	const char *name;
	const char *arches[FORMAT_ARCHES_MAX + 1]; /* the only ones; none: it is for all */
	bool is_stream;                            /* one file, which may go to stdout */
	bool has_size;                             /* of a disk: --size means something */
	uint64_t usual_size;                       /* of it without --size; see output_job */
	bool any_root;                             /* --root may choose another kind */
	bool is_not_run;                           /* `wherry run` boots no machine of it */
	bool may_lack_kernel;                      /* it is written without, as by LinuxKit */
	/*
	 * It holds the files of the build's other formats, or those of this one when none of them
	 * has files that can be held; NULL: it holds none.
	 */
	const char *holds;
	const struct root_kind *root;                           /* NULL: it has none, as a tar */
	const struct root_kind *other_root;                     /* the only other kind; or NULL */
	const char *loaders[FORMAT_LOADERS_MAX + 1];            /* packages; NULL ends them */
	const struct encoding *encodings[FORMAT_ENCODINGS_MAX]; /* besides the root's; NULL ends
								   them */
	struct output_file files[FORMAT_FILES_MAX];             /* suffix NULL ends them */
};

/* NULL: there is no such format. */
const struct format *format_find(const char *name);
bool format_is_for(const struct format *f, const char *arch);
/* A kernel is one of its pieces. */
bool format_has_kernel(const struct format *f);
/* It has a program for UEFI, which can be signed. */
bool format_is_signed(const struct format *f);
/* Its files are such that `run` starts, which another format can hold. */
bool format_can_be_held(const struct format *f);
/* Names of the formats, in the order of the table; NULL ends them. */
const char *const *format_names(void);

#endif
