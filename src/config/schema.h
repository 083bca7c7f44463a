/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The language as tables: one for each kind of map, with its keys, their types, what is required
 * and allowed, and a line of help. The checker (check.h), the JSON Schema and the reference page
 * are made from them.
 */
#ifndef WHERRY_CONFIG_SCHEMA_H
#define WHERRY_CONFIG_SCHEMA_H

#include "data/node.h"

struct checker;

enum key_type {
	KEY_TEXT,
	KEY_BYTES, /* text in which any byte may be */
	KEY_BOOL,
	KEY_NUMBER,     /* whole, from min to max */
	KEY_ID,         /* a uid or gid: a number, or the name of an entry */
	KEY_SIZE,       /* a number, or text */
	KEY_MAP,        /* of the keys in map */
	KEY_TEXT_MAP,   /* any key, with text as values */
	KEY_SCALAR_MAP, /* any key, with text, numbers, true or false as values */
	KEY_OPTION_MAP, /* any key, with such a value or a list of them: options of a verb */
};

enum key_flags {
	KEY_LIST = 1,       /* a list of the type */
	KEY_REQUIRED = 2,   /* must be given */
	KEY_NOT_EMPTY = 4,  /* text must not be "" */
	KEY_ENTRY_ONLY = 8, /* must not be in an image's label */
	/* In the resolved configuration (config_write): */
	KEY_EMPTY_IS_NONE = 16,  /* "", false and an empty list count as not given */
	KEY_ALWAYS_IN_YAML = 32, /* present even if it is not given */
	KEY_ALWAYS_IN_JSON = 64,
	KEY_ALWAYS = KEY_ALWAYS_IN_YAML | KEY_ALWAYS_IN_JSON,
	/* In config.json: 0 or "" when its map does not give it. */
	KEY_ZERO = 128,
};

/* What a value must satisfy beyond its type. */
struct form {
	/* Of the value (of each element of a list), which has the right type. */
	void (*check)(struct checker *c, const struct node *n);
	/* For the JSON Schema: a regular expression; NULL: anything that has the type. */
	const char *pattern;
	/* Words that editors offer, allowed besides the pattern; NULL ends them. */
	const char *(*word)(size_t i);
};

struct key {
	const char *name;
	enum key_type type;
	unsigned flags;
	const char *help;
	const struct key_map *map; /* KEY_MAP */
	const char *const *values; /* KEY_TEXT: what is allowed, ends with NULL; NULL: anything */
	int64_t min;               /* KEY_NUMBER */
	uint64_t max;              /* KEY_NUMBER; 0: INT64_MAX */
	const struct form *form;   /* or NULL */
	/* In the runtime specification, if it differs; "": not written by its table. */
	const char *spec_name;
};

struct key_map {
	/* What it describes, in docs/yaml.md and the JSON Schema; unique, without spaces. */
	const char *name;
	const struct key *keys;
	size_t n;
	/* A further check of the map, whose keys are all known. */
	void (*check)(struct checker *c, const struct node *n);
	const char *const *one_of; /* keys of which one is needed, ends with NULL; or NULL */
	bool is_entry;             /* checks of its keys may look at it: checker.entry */
};
#define KEY_MAP_OF(name_, keys_)                                         \
	{                                                                \
		.name = (name_), .keys = (keys_), .n = ARRAY_SIZE(keys_) \
	}

extern const struct key_map schema_file; /* the YAML file */
/* Of onboot, onshutdown and services, and of an image's label. */
extern const struct key_map schema_entry;
extern const struct key_map schema_volume;
extern const struct key_map schema_network;
extern const struct key_map schema_resources;
extern const struct key_map schema_wherry;
extern const struct key_map schema_seccomp; /* a profile in a file: `wherry.seccomp` */

/* NULL when there is no such key. */
const struct key *schema_find(const struct key_map *map, const char *name);

#endif
