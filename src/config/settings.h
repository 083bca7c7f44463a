/* SPDX-License-Identifier: Apache-2.0 */
/* An entry's keys over those of its image's label. Both were checked against schema.h, so that
 * types are right. */
#ifndef WHERRY_CONFIG_SETTINGS_H
#define WHERRY_CONFIG_SETTINGS_H

#include "config/config.h"
#include "config/schema.h"
#include "data/json.h"

#define CONFIG_LABEL "org.mobyproject.config"

struct settings {
	const struct config *config;
	const struct config_container *entry;
	const struct image_config *image;
	const struct image_files *files;       /* NULL: none */
	const struct document *label_document; /* NULL: no label */
	const struct node *yaml, *label;       /* maps; NULL: no such map */
	bool set_id; /* the image has programs that give rights to who runs them */
};

/* Parses and checks the label; ret_label is its document, or NULL, which the caller owns and s
 * uses. */
int settings_init(struct settings *s, const struct config *config,
	const struct config_container *entry, const struct image_config *image,
	struct document **ret_label, struct werr **err);

/* The YAML's value, else the label's, else NULL. */
const struct node *setting(const struct settings *s, const char *key);
/* The same for text where "" means that it is not given; NULL: nobody does. */
const char *setting_text(const struct settings *s, const char *key);
/* The same for text where "" counts; "" when nobody gives it. */
const char *setting_any_text(const struct settings *s, const char *key);
bool setting_bool(const struct settings *s, const char *key);
/* The settings inside of a map. */
struct settings setting_map(const struct settings *s, const char *key);

/* spec-*.c: parts of config.json. */
int spec_write_user(struct json_writer *w, const struct settings *s, struct werr **err);
/* Do the file, the label or the image say what to run? */
bool spec_has_command(const struct settings *s);
int spec_write_process(struct json_writer *w, const struct settings *s, struct werr **err);
/* Of all that the process can have, bit n being capability n. */
uint64_t spec_capabilities(const struct settings *s);
/* spec-limits.c: which of the defaults that keep a container from the machine hold for it. */
enum spec_limits {
	LIMITS_NONE, /* --compat, or it has all capabilities */
	/* it sets the machine up and may mount: nothing is read-only, namespaces are the host's */
	LIMITS_OF_SETUP,
	LIMITS_ALL,
	LIMITS_NEVER, /* more than anyone has */
};
enum spec_limits spec_limits(const struct settings *s);
/* Does the entry mount something of its own at a path or at a folder above it? */
bool spec_mounts_itself(const struct settings *s, const char *path);
/* maskedPaths and readonlyPaths */
void spec_write_limits(struct json_writer *w, const struct settings *s);
/*
 * The id outside that is 0 in the container, which has CONTAINER_IDS of them (`wherry.userns:
 * auto`); 0: the ids are the machine's.
 */
uint32_t spec_id_base(const struct settings *s);
/* A user namespace of its own, with whatever ids. */
bool spec_has_users(const struct settings *s);
/* Is there an option for what becomes of mounts, such as rslave? */
bool spec_has_propagation(const struct strv *options);
void spec_write_seccomp(struct json_writer *w, const struct settings *s);
void spec_write_mounts(struct json_writer *w, const struct settings *s);
void spec_write_linux(struct json_writer *w, const struct settings *s);
/* runtime.c; files: the folder where the image's files are */
void runtime_write(struct json_writer *w, const struct settings *s, const char *files);
/* wherry.c: the key "wherry", unless it would be empty */
void wherry_write(struct json_writer *w, const struct settings *s);

/* Writes a list under a key, unless it is missing or empty. */
void spec_write_list(struct json_writer *w, const char *key, const struct node *list);
/* Writes a map by its table, so that keys get the runtime spec's names. */
void spec_write_map(struct json_writer *w, const struct key_map *map, const struct node *n);
/* The same without the braces. */
void spec_write_keys(struct json_writer *w, const struct key_map *map, const struct node *n);
/* Ranges of a user namespace; nothing when there are none. */
void spec_write_id_mappings(struct json_writer *w, const char *key, const struct node *list);
/* A whole number under a key of a map; 0 when it is not there. */
int64_t spec_number(const struct node *map, const char *key);

#endif
