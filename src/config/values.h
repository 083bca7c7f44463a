/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of the language that have a form of their own: parsers, and checks for the tables of
 * schema.h. */
#ifndef WHERRY_CONFIG_VALUES_H
#define WHERRY_CONFIG_VALUES_H

#include "base/str.h"
#include "config/check.h"

/* capability.c: "CAP_CHOWN". Numbers are the kernel's. */
enum { CAPABILITY_COUNT = 41 };
#define CAPABILITIES_ALL ((UINT64_C(1) << CAPABILITY_COUNT) - 1) /* bit n: capability n */
const char *capability_name(unsigned number);
bool capability_parse(const char *name, unsigned *ret);
/* The word for Docker's capabilities (contract/docker.h)? LinuxKit lacks it. */
bool capability_is_docker(const char *name);

/* rlimit.c: "nofile,1024,unlimited". */
struct rlimit {
	const char *type; /* "RLIMIT_NOFILE" */
	uint64_t soft, hard;
};
/* An error has no place. */
int rlimit_parse(const char *text, struct rlimit *ret, struct werr **err);

/* mount-text.c: "source:destination:options" and "destination:options". */
struct mount_text {
	char *source, *destination; /* source is NULL for a tmpfs */
	struct strv options;        /* as written */
};
int mount_text_parse_bind(const char *text, struct mount_text *ret, struct werr **err);
int mount_text_parse_tmpfs(const char *text, struct mount_text *ret, struct werr **err);
void mount_text_cleanup(struct mount_text *m);
/* What a mount's map leaves out is guessed from the rest; NULL: it can't be. Nothing returned is
 * owned. */
const char *mount_map_type(const struct node *mount);
const char *mount_map_destination(const struct node *mount);
bool mount_map_has_option(const struct node *mount, const char *option);
/* By its type or by its options. */
bool mount_map_is_bind(const struct node *mount);

/* The length of the name of a variable that text begins with; 0: none. */
size_t variable_name_length(const char *text);
bool variable_name_valid(const char *name);

/* Octal permissions, at most 07777. */
bool value_parse_mode(const char *text, uint32_t *ret);

extern const struct form form_image, form_image_or_none;
extern const struct form form_name;   /* of an entry */
extern const struct form form_inside; /* a path below the root */
extern const struct form form_mode, form_env, form_oom_score, form_capability, form_rlimit;
extern const struct form form_bind, form_tmpfs, form_namespace, form_platform;
extern const struct form form_variables; /* a map: its keys are names of variables */

void check_capabilities(struct checker *c, const struct node *entry); /* the lists of an entry */
void check_mount(struct checker *c, const struct node *n);

#endif
