/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a volume. */
#include "base/str.h"
#include "config/schema.h"
#include "config/values.h"

static void check_volume_name(struct checker *c, const struct node *n)
{
	if (strspn(n->text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n->size)
		return;
	checker_add(c, n, "'%.80s' is not a valid volume name", n->text);
	checker_hint(c, "use lower-case letters, digits, '-' and '_'");
}

static const struct form form_volume_name = {.check = check_volume_name};

static const char *const formats[] = {"filesystem", "oci", "", NULL};

static const struct key volume_keys[] = {
	{"name", KEY_TEXT, KEY_REQUIRED | KEY_NOT_EMPTY | KEY_ALWAYS,
		"the name that binds and mounts use", .form = &form_volume_name},
	{"image", KEY_TEXT, KEY_EMPTY_IS_NONE, "image that it has at first (default: it is empty)",
		.form = &form_image_or_none},
	{"readonly", KEY_BOOL, KEY_EMPTY_IS_NONE, "it can't be written to"},
	{"format", KEY_TEXT, KEY_EMPTY_IS_NONE,
		"what of the image: its files, or an OCI layout of it (default: filesystem)",
		.values = formats},
	{"platforms", KEY_TEXT, KEY_LIST | KEY_EMPTY_IS_NONE,
		"those in the OCI layout, such as linux/arm64 (default: all)",
		.form = &form_platform},
	{"arches", KEY_TEXT, KEY_LIST, "only for these architectures (not in LinuxKit)",
		.form = &form_platform},
};
const struct key_map schema_volume = KEY_MAP_OF("volume", volume_keys);
