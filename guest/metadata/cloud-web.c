/* SPDX-License-Identifier: Apache-2.0 */
/* Providers whose services answer with one text that has all: Equinix Metal and Scaleway. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "metadata/cloud.h"
#include "metadata/plaintext.h"

enum { SCALEWAY_ADDRESS = 0xa9fe2a2a, SCALEWAY_KEYS_MAX = 256 };
#define SCALEWAY_HOST "169.254.42.42"

/* User data is no error where there is none. */
static void take_userdata(struct provider_search *s, const struct web_request *q, struct werr **err)
{
	CLEANUP(web_answer) struct web_answer a = {0};
	struct werr *why = NULL;
	int r = provider_ask(s, q, &a, &why);

	if (r == -EACCES)
		werr_hint(&why, "a port below 1024 needs the capability CAP_NET_BIND_SERVICE");
	werr_append(err, why);
	/* What a machine was booted with by iPXE is not for it. */
	if (r == 0 && !str_after(a.body, "#!ipxe"))
		provider_take_userdata(s, STEAL(a.body), a.size);
}

enum provider_sight cloud_equinixmetal(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct provider_field fields[] = {
		{"hostname", "hostname"}, {"id", "instance_id"}, {0}};
	const struct web_request q = {.host = "metadata.platformequinix.com", .path = "/metadata"};
	const struct web_request user = {
		.host = "metadata.platformequinix.com", .path = "/userdata"};
	CLEANUP(web_answer) struct web_answer a = {0};
	CLEANUP(document) struct document *d = NULL;
	enum provider_sight sight = provider_knock(s, &q, &a);
	struct werr *why = NULL;

	if (sight != PROVIDER_FOUND)
		return sight;
	s->end = clock_ms() + PROVIDER_TAKE_MS;
	provider_set_title(s, "EquinixMetal");
	provider_put(s, "metadata", a.body, a.size, err);
	if (json_parse("metadata", a.body, a.size, &d, &why) < 0) {
		werr_append(err, why);
		return PROVIDER_FOUND;
	}
	provider_put_fields(s, d->root, fields, err);
	provider_add_keys(s, node_get(d->root, "ssh_keys"));
	take_userdata(s, &user, err);
	return PROVIDER_FOUND;
}

/* ---- Scaleway: lines NAME=VALUE, where a value may be in quotes ---- */

static char *scaleway_value(const char *text, const char *name)
{
	while (*text) {
		size_t size = strcspn(text, "\r\n"), n = strlen(name);

		if (size > n && strncmp(text, name, n) == 0 && text[n] == '=') {
			const char *value = text + n + 1;

			size -= n + 1;
			if (size > 1 && strchr("'\"", *value) && value[size - 1] == *value)
				return str_dup_n(value + 1, size - 2);
			return str_dup_n(value, size);
		}
		text += size + (text[size] != 0);
	}
	return NULL;
}

/* What follows a first word that is no type of key. */
static void add_scaleway_key(struct provider_search *s, const char *text)
{
	static const char *const types[] = {"ssh-", "ecdsa-", "sk-"};
	const char *space = strchr(text, ' ');

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_after(text, types[i]) || !space)
			space = NULL;
	plaintext_keys(space ? space + 1 : text, &s->keys);
}

static void add_scaleway_keys(struct provider_search *s, const char *conf)
{
	for (unsigned i = 0; i < SCALEWAY_KEYS_MAX; i++) {
		CLEANUP(free) char *name = str_printf("SSH_PUBLIC_KEYS_%u_KEY", i);
		CLEANUP(free) char *value = scaleway_value(conf, name);

		if (!value)
			return;
		add_scaleway_key(s, value);
	}
}

enum provider_sight cloud_scaleway(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct provider_field fields[] = {
		{"HOSTNAME", "hostname"},
		{"ID", "instance_id"},
		{"LOCATION_ZONE_ID", "instance_location"},
		{"PUBLIC_IP_ADDRESS", "public_ip"},
		{"PRIVATE_IP", "private_ip"},
	};
	const struct web_request q = {
		.host = SCALEWAY_HOST, .address = SCALEWAY_ADDRESS, .path = "/conf"};
	/* Only root of the machine can come from such a port. */
	const struct web_request user = {.host = SCALEWAY_HOST,
		.address = SCALEWAY_ADDRESS,
		.path = "/user_data/cloud-init",
		.privileged = true};
	CLEANUP(web_answer) struct web_answer a = {0};
	enum provider_sight sight = provider_knock(s, &q, &a);

	if (sight != PROVIDER_FOUND)
		return sight;
	s->end = clock_ms() + PROVIDER_TAKE_MS;
	provider_set_title(s, "Scaleway");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		CLEANUP(free) char *value = scaleway_value(a.body, fields[i].key);

		provider_put_text(s, fields[i].file, value, err);
	}
	add_scaleway_keys(s, a.body);
	take_userdata(s, &user, err);
	return PROVIDER_FOUND;
}
