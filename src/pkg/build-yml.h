/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A package's build.yml (docs/pkg.md): LinuxKit's keys, and keys for filling an image without
 * Docker.
 */
#ifndef WHERRY_PKG_BUILD_YML_H
#define WHERRY_PKG_BUILD_YML_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/arch.h"
#include "base/str.h"
#include "data/json.h"
#include "data/node.h"
#include "pkg/yml-depends.h"

enum pkg_file_kind {
	PKG_FILE_NONE,
	PKG_FILE_SOURCE,
	PKG_FILE_CONTENTS,
	PKG_FILE_SYMLINK,
	PKG_FILE_DIRECTORY
};

/* An entry of files:. */
struct pkg_file {
	enum pkg_file_kind kind;
	char *path;    /* as of path_inside */
	char *text;    /* the source, the contents, or the symlink's target */
	size_t size;   /* of the contents */
	bool has_mode; /* else the source's own, 0644 or 0755 */
	uint32_t mode, uid, gid;
	const struct node *node;
};

#define PKG_OUT "$OUT" /* before a source: the output of the build step */

/* Debian's releases that packages may be of, oldest first. */
extern const char *const pkg_suites[];

/* debian: packages and what is taken from them. */
struct pkg_debian {
	char *suite;          /* of pkg_suites; NULL: the first that has the architecture */
	bool firmware;        /* packages may be of Debian's non-free-firmware, too */
	struct strv packages; /* empty: there is no such section */
	struct strv keep;     /* patterns, with a leading slash */
	const struct node *keep_node;
};

/*
 * An entry of build.sources: a Debian source package whose upstream tarball is unpacked for the
 * build step, and Debian's directory with its patches too.
 */
struct pkg_source {
	char *package, *suite;
	bool patches;
};

/* An entry "src:dst" of extra-sources: paths that begin with dst mean src. */
struct pkg_extra {
	char *src, *dst; /* src: resolved against the package's directory */
};

struct pkg_yml {
	struct document *document, *included; /* included: NULL until pkg_yml_include() */
	char *image, *org, *tag;
	char *include; /* a file with more of this, seen from the package's directory; or NULL */
	char *config;  /* JSON for the label, or NULL */
	const struct node *config_node;
	bool network; /* the build step has a network */
	struct strv arches, entrypoint;
	struct pkg_extra *extras;
	size_t n_extras, extras_cap;
	const struct node *build_node; /* the build step, or NULL */
	struct {
		char *run;            /* a shell command, or NULL */
		char *suite;          /* of the packages, or NULL */
		struct strv packages; /* in its root, besides those of every root */
		struct pkg_source *sources;
		size_t n_sources;
		struct pkg_debian debian; /* unpacked for the step, not in the image */
	} build;
	struct pkg_debian debian;
	struct pkg_file *files;
	size_t n_files;
	/* For a Dockerfile, which makes the image when nothing above does. */
	char *dockerfile, *gitrepo; /* NULL: not said */
	struct strv build_args;     /* "NAME=VALUE" */
	bool disable_cache;         /* of the builder */
	struct pkg_depends depends;
};

/*
 * text: the file's bytes; name: as the user named it; dir: the package's directory. All mistakes
 * are reported together (*err may be a list).
 */
int pkg_yml_parse(const char *name, const char *text, size_t size, const char *dir,
	struct pkg_yml **ret, struct werr **err);
/*
 * Add the extra sources and the build step of the file that y->include names. text: its bytes; dir:
 * its directory, from which its extra sources are seen.
 */
int pkg_yml_include(struct pkg_yml *y, const char *name, const char *text, size_t size,
	const char *dir, struct werr **err);
/*
 * A package's name as build.yml has it, with $ARCH and the like replaced by what the architecture
 * has; NULL when it gets too long.
 */
char *pkg_package_name(const char *name, const struct arch *arch);
/* Write the JSON Schema (draft-07) of build.yml as one object. */
void pkg_yml_schema(struct json_writer *w);
/* Whether it has anything to fill an image with. A package without that has a Dockerfile. */
bool pkg_yml_has_content(const struct pkg_yml *y);
void pkg_yml_free(struct pkg_yml *y);
DEFINE_CLEANUP(struct pkg_yml *, pkg_yml_free, pkg_yml)

#endif
