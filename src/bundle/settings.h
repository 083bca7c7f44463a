/* SPDX-License-Identifier: Apache-2.0 */
/* An entry's keys over those of its image's label. Both have been checked, so types are right. */
#ifndef WHERRY_BUNDLE_SETTINGS_H
#define WHERRY_BUNDLE_SETTINGS_H

#include "bundle/bundle.h"
#include "data/document.h"
#include "data/node.h"

#define CONFIG_LABEL "org.mobyproject.config"

struct settings {
	const struct config *config;
	const struct config_container *entry;
	const struct image_config *image;
	const struct bundle_image_files *files; /* NULL: none */
	const struct node *yaml, *label;        /* maps; NULL: no such map */
	bool set_id; /* the image has programs that give rights to whoever runs them */
};

/* Parses and checks the label. *ret_label is its document, which the caller owns and s uses; it is
 * left alone when there is no label. */
int settings_init(struct settings *s, const struct config *config,
	const struct config_container *entry, const struct image_config *image,
	struct document **ret_label, struct werr **err);

/* The YAML's value, else the label's, else NULL. */
const struct node *settings_get(const struct settings *s, const char *key);
/* The same for text of which "" means that it is not given; NULL: neither gives it. */
const char *settings_text(const struct settings *s, const char *key);
/* The same for text of which "" counts; "" when neither gives it. */
const char *settings_any_text(const struct settings *s, const char *key);
/*
 * "PATH=..." of a container whose env has none: the image's, or else Docker's. NULL with --compat,
 * as LinuxKit adds none.
 */
const char *settings_path(const struct settings *s);
bool settings_bool(const struct settings *s, const char *key);
/* The settings inside a map. */
struct settings settings_map(const struct settings *s, const char *key);

#endif
