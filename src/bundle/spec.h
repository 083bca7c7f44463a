/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of config.json and runtime.json. */
#ifndef WHERRY_BUNDLE_SPEC_H
#define WHERRY_BUNDLE_SPEC_H

#include "bundle/settings.h"
#include "config/schema.h"
#include "data/json.h"

/* ---- what a container has ---- */

/* Does the file, the label or the image say what to run? */
bool spec_has_command(const struct settings *s);
/* All that the process can have, bit n being capability n. */
uint64_t spec_capabilities(const struct settings *s);
/* Which of the defaults that separate a container from the machine apply to it. */
enum spec_limits {
	LIMITS_NONE, /* --compat, or it has all capabilities */
	/* It sets the machine up and may mount: nothing is read-only, namespaces are the host's. */
	LIMITS_OF_SETUP,
	LIMITS_ALL,
	LIMITS_NEVER, /* more than any container has */
};
enum spec_limits spec_limits(const struct settings *s);
/* Does the entry mount something of its own at a path or at a directory above it? */
bool spec_mounts_itself(const struct settings *s, const char *path);
/*
 * The id outside that is 0 in the container, which has BUNDLE_IDS of them (`wherry.userns: auto`);
 * 0: the ids are the machine's.
 */
uint32_t spec_id_base(const struct settings *s);
/* Does it have a user namespace of its own, with whatever ids? */
bool spec_has_users(const struct settings *s);
/* Is one of the options about the propagation of mounts, such as rslave? */
bool spec_has_propagation(const struct strv *options);

/* ---- config.json ---- */

int spec_write_user(struct json_writer *w, const struct settings *s, struct werr **err);
int spec_write_process(struct json_writer *w, const struct settings *s, struct werr **err);
void spec_write_mounts(struct json_writer *w, const struct settings *s);
void spec_write_linux(struct json_writer *w, const struct settings *s);
void spec_write_limits(struct json_writer *w, const struct settings *s); /* maskedPaths ... */
void spec_write_seccomp(struct json_writer *w, const struct settings *s);

/* ---- runtime.json ---- */

/* files: the directory that has the image's files. */
void spec_write_runtime(struct json_writer *w, const struct settings *s, const char *files);
/* The key "wherry", unless it would be empty. */
void spec_write_wherry(struct json_writer *w, const struct settings *s);

/* ---- what they are written with ---- */

/* Writes a list under a key, unless it is missing or empty. */
void spec_write_list(struct json_writer *w, const char *key, const struct node *list);
/* Writes the keys of a map by its table, so that they get the runtime specification's names. */
void spec_write_keys(struct json_writer *w, const struct key_map *map, const struct node *n);
/* Ranges of a user namespace; nothing when there are none. */
void spec_write_id_mappings(struct json_writer *w, const char *key, const struct node *list);
/* A whole number under a key of a map; 0: not given. */
int64_t spec_number(const struct node *map, const char *key);

#endif
