/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The YAML language: from files to a checked model. All mistakes are found in one go and returned
 * as a list of errors, each with its place.
 */
#ifndef WHERRY_CONFIG_CONFIG_H
#define WHERRY_CONFIG_CONFIG_H

#include "base/buf.h"
#include "data/node.h"
#include "oci/image-config.h"
#include "oci/platform.h"
#include "oci/reference.h"

struct config_kernel {
	char *image;             /* NULL: the file has no kernel */
	char *cmdline;           /* "" when not given */
	char *binary;            /* default "kernel" */
	char *tar;               /* default "kernel.tar"; NULL: none */
	char *ucode;             /* or NULL */
	const struct node *node; /* for errors */
};

enum config_section { CONFIG_ONBOOT, CONFIG_ONSHUTDOWN, CONFIG_SERVICES };
/* Its key in the YAML, which is also the name of its directory. */
const char *config_section_name(enum config_section section);

/* An entry of onboot, onshutdown or services. */
struct config_container {
	enum config_section section;
	size_t index; /* in its section, all files together */
	char *name, *image;
	char *dir;               /* "containers/onboot/000-dhcp", "containers/services/nginx" */
	unsigned id;             /* from 100: what its name means as a uid or gid */
	const struct node *node; /* the entry's map: bundle_make reads the other keys */
};

enum config_file_kind {
	FILE_CONTENTS,
	FILE_SOURCE,
	FILE_METADATA, /* the configuration itself */
	FILE_DIRECTORY,
	FILE_SYMLINK,
};

struct config_file {
	enum config_file_kind kind;
	char *path;     /* inside the root, as path_inside gives it */
	char *contents; /* FILE_CONTENTS, FILE_METADATA: the bytes */
	size_t size;
	/* FILE_SOURCE: a path on this machine, as seen from the working directory */
	char *source;
	char *target; /* FILE_SYMLINK */
	bool optional;
	uint32_t mode, uid, gid; /* mode: permissions only */
	const struct node *node;
};

/* A directory that containers share. */
struct config_volume {
	char *name;
	char *image; /* NULL: it is empty */
	char *dir;   /* "containers/volumes/data", which has lower, tmp and merged */
	bool readonly;
	bool layout;                /* it has the image as an OCI layout, not its files */
	struct platform *platforms; /* of the layout; none: all */
	size_t n_platforms;
	struct reference reference; /* of the layout's image */
	size_t index;               /* in the list of all files */
	const struct node *node;    /* its map */
};

/* What a name means as a uid or gid. */
struct config_id {
	const char *name; /* owned by the container */
	size_t container; /* its index; the id is that of the last container of the name */
};

/* The seccomp profile of a file. */
struct config_profile {
	const struct node *node; /* `wherry.seccomp`, which names the file */
	struct document *document;
	bool owned; /* false: shared with an earlier profile */
};

struct config {
	/* Of the outputs: the last file's base name without its suffix; "os" for stdin, with
	 * compat "moby". */
	char *name;
	struct document **documents;
	size_t n_documents;
	struct config_kernel kernel;
	struct {
		char **images;
		const struct node **nodes;
		size_t n;
	} init;
	/* onboot, then onshutdown, then services, each in the file's order */
	struct config_container *containers;
	size_t n_containers;
	struct config_id *ids; /* of each container, sorted by name and index */
	struct config_file *files;
	size_t n_files;
	struct config_volume *volumes;
	size_t n_volumes;
	const struct config_volume **volumes_by_name; /* sorted */
	struct config_profile *profiles;              /* config/ only */
	size_t n_profiles;
	struct reference *references; /* of the images in config_images */
	size_t n_references;
	struct strv left_out; /* names of entries for other architectures, sorted */
	struct config_package *packages;
	size_t n_packages;
	struct config_replacement *replaced; /* in the order of the files */
	size_t n_replaced;
	const struct node **replaced_nodes; /* theirs, sorted by address */
	/* The images of the entries that `network` brings, or NULL. */
	const struct node *network_images[2];
	bool compat; /* as in config_options */
};

/* An image of LinuxKit's that is built with a component of ours, or not at all. */
struct config_replacement {
	char *image;             /* as it was written */
	char *component;         /* "@pkg:NAME"; NULL: it was left out */
	char *why;               /* it was left out; else NULL */
	const struct node *node; /* that named it */
};
/* The words of config_options.components and the key `components`; NULL ends them. */
extern const char *const config_component_words[];
const char *const *config_components(void); /* the same */

/* A package that "@pkg:" names. */
struct config_package {
	/* The directory that the file is in: "" for the current one. NULL: it is no file's, and
	 * only looked for where components are. */
	char *base;
	char *word; /* what follows "@pkg:" */
	char *dir;  /* the package's directory, seen from where the tool runs */
	char *image;
	bool unpublished; /* no registry has the image, so that none is asked for it */
};
void config_packages_free(struct config_package *packages, size_t n);

/*
 * Finds directories and images of n packages, whose base and word are set. With errs[i] set (owned
 * by the caller), the package's image stays NULL, and perhaps its directory.
 */
typedef void config_find_packages(
	struct config_package *packages, size_t n, struct werr **errs, void *ctx);

/* The package that "@pkg:" named for this image; NULL: not a package's. */
const struct config_package *config_package_of(const struct config *c, const char *image);

/* Gives the text at a path or URL; at most YAML_SIZE_MAX bytes. Owned by the caller. */
typedef int config_read(
	const char *name, char **ret, size_t *ret_size, void *ctx, struct werr **err);

struct config_options {
	config_find_packages *find_packages; /* NULL: "@pkg:" is an error */
	void *ctx;                           /* of all callbacks */
	config_read *read;  /* of files; NULL: config_load reads them, config_load_texts fails */
	config_read *fetch; /* of http and https URLs; NULL: an error */
	/* Entries whose `arches` do not have it are left out; NULL: none are. */
	const struct platform *platform;
	/* Do what LinuxKit does: no variables, the image's user is ignored, no seccomp. */
	bool compat;
	/* Whether LinuxKit's images become components: a word; NULL: as the files say, else none.
	 */
	const char *components;
	bool look_for_sources;  /* it is a mistake when a file that `source` names is missing */
	const struct strv *set; /* NULL, or variables: "NAME=value" */
	const struct strv *env_files; /* NULL, or files of such lines, which `set` overrides */
	/*
	 * NULL, or where the warnings go, also when there are mistakes: a list of the same form,
	 * owned by the caller; NULL when there are none. Warnings that need the whole configuration
	 * are only given for files without mistakes.
	 */
	struct werr **warnings;
};

/*
 * paths: n files or URLs, "-" is stdin. What a file includes is read before it, and no file twice.
 * The files' lists are joined, in order; of the kernel's keys, and of variables of the same name,
 * the last one given counts. On failure *err is a list of all mistakes of all files, at most a
 * hundred.
 */
int config_load(const char *const *paths, size_t n, const struct config_options *options,
	struct config **ret, struct werr **err);
/* The same from texts. */
struct config_text {
	const char *name; /* the path as the user gave it, "-" for stdin */
	const char *text;
	size_t size;
};
int config_load_texts(const struct config_text *texts, size_t n,
	const struct config_options *options, struct config **ret, struct werr **err);
void config_free(struct config *c);
DEFINE_CLEANUP(struct config *, config_free, config)

struct resolved_options {
	bool json;       /* else YAML */
	bool full_names; /* full names of images, except those of volumes */
};
enum { CONFIG_TEXT_MAX = 32 << 20 };
/* Appends the configuration as one document. WERR_LIMIT when out is too small. */
int config_write(const struct config *c, const struct resolved_options *options, struct buf *out,
	struct werr **err);

/*
 * Every image that the configuration names, except those of layout volumes, without duplicates, in
 * the file's order; nothing in it is owned.
 */
struct config_image_use {
	const char *image; /* as it is written */
	const struct reference *reference;
	const struct node *node; /* where it is named first */
};
size_t config_images(const struct config *c, struct config_image_use **ret); /* free() the array */

#endif
