/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image-keys.h"

#include "base/attr.h"

static const struct image_key keys[] = {
#define AT(field_) offsetof(struct image_config, field_)
	{"created", "created", NULL, IMAGE_KEY_TEXT, AT(created)},
	{"author", "author", NULL, IMAGE_KEY_TEXT, AT(author)},
	{"entrypoint", "entrypoint", "entrypoint", IMAGE_KEY_ARGV, AT(entrypoint)},
	{"cmd", "cmd", "cmd", IMAGE_KEY_ARGV, AT(cmd)},
	{"env", "env", "env", IMAGE_KEY_LIST, AT(env)},
	{"directory", "workingDir", "directory", IMAGE_KEY_TEXT, AT(working_dir)},
	{"user", "user", "user", IMAGE_KEY_TEXT, AT(user)},
	{"stop signal", "stopSignal", "stop signal", IMAGE_KEY_TEXT, AT(stop_signal)},
	{"ports", "ports", "port", IMAGE_KEY_LIST, AT(exposed_ports)},
	{"volumes", "volumes", "volume", IMAGE_KEY_LIST, AT(volumes)},
#undef AT
};

size_t image_keys(const struct image_key **ret)
{
	*ret = keys;
	return ARRAY_SIZE(keys);
}

static const void *value(const struct image_key *k, const struct image_config *c)
{
	return (const char *)c + k->offset;
}

const char *image_key_text(const struct image_key *k, const struct image_config *c)
{
	return *(char *const *)value(k, c);
}

const struct strv *image_key_words(const struct image_key *k, const struct image_config *c)
{
	return value(k, c);
}
