/* SPDX-License-Identifier: Apache-2.0 */
/* Providers that are a CD or another disk: cloud-init's NoCloud, OpenStack's config drive, and
 * LinuxKit's CD; and a file of the machine. */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/json.h"
#include "metadata/cloud.h"
#include "metadata/plaintext.h"
#include "metadata/seed.h"
#include "metadata/userdata.h"

enum { DOCUMENT_MAX = 1 << 20 };

static void take_userdata(
	struct provider_search *s, const struct seed *from, const char *path, struct werr **err)
{
	char *data = NULL;
	size_t size = 0;

	if (seed_read(from, path, USERDATA_MAX, &data, &size, err))
		provider_take_userdata(s, data, size);
}

/* ---- NoCloud ---- */

/* Of two names the local one is the host's. */
static const struct provider_field nocloud_fields[] = {{"hostname", "hostname"},
	{"local-hostname", "hostname"}, {"local-hostname", "local_hostname"},
	{"instance-id", "instance_id"}, {0}};

void cloud_take_nocloud(struct provider_search *s, const char *text, size_t size, struct werr **err)
{
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(buf) struct buf keys = BUF_INIT(PROVIDER_KEYS_MAX);
	struct werr *why = NULL;

	provider_put(s, "metadata", text, size, err);
	/* JSON is YAML too. */
	if (text[strspn(text, " \t\r\n")] == '{') {
		if (json_parse("meta-data", text, size, &d, &why) < 0) {
			werr_append(err, why);
			return;
		}
		provider_put_fields(s, d->root, nocloud_fields, err);
		provider_add_keys(s, node_get(d->root, "public-keys"));
		return;
	}
	for (const struct provider_field *f = nocloud_fields; f->key; f++) {
		CLEANUP(free) char *value = plaintext_yaml(text, f->key);

		provider_put_text(s, f->file, value, err);
	}
	plaintext_yaml_list(text, "public-keys", &keys);
	plaintext_keys(buf_str(&keys), &s->keys);
}

enum provider_sight cloud_nocloud(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	CLEANUP(seed) struct seed from = SEED();
	CLEANUP(free) char *text = NULL;
	size_t size = 0;

	if (!seed_mount_label("cidata", &from, err))
		return PROVIDER_LATER;
	provider_set_title(s, "NoCloud %s", from.device);
	if (seed_read(&from, "meta-data", DOCUMENT_MAX, &text, &size, err))
		cloud_take_nocloud(s, text, size, err);
	take_userdata(s, &from, "user-data", err);
	return PROVIDER_FOUND;
}

/* ---- OpenStack's config drive ---- */

enum provider_sight cloud_configdrive(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const struct provider_field fields[] = {{"hostname", "hostname"},
		{"hostname", "local_hostname"}, {"uuid", "instance_id"},
		{"availability_zone", "availability_zone"}, {0}};
	CLEANUP(seed) struct seed from = SEED();
	CLEANUP(document) struct document *d = NULL;
	CLEANUP(free) char *text = NULL;
	size_t size = 0;
	struct werr *why = NULL;

	if (!seed_mount_label("config-2", &from, err))
		return PROVIDER_LATER;
	provider_set_title(s, "ConfigDrive %s", from.device);
	if (seed_read(&from, "openstack/latest/meta_data.json", DOCUMENT_MAX, &text, &size, err)) {
		provider_put(s, "metadata", text, size, err);
		if (json_parse("meta_data.json", text, size, &d, &why) < 0)
			werr_append(err, why);
	}
	if (d) {
		provider_put_fields(s, d->root, fields, err);
		provider_add_keys(s, node_get(d->root, "public_keys"));
	}
	take_userdata(s, &from, "openstack/latest/user_data", err);
	return PROVIDER_FOUND;
}

/* ---- LinuxKit's CD, and a file ---- */

enum provider_sight cloud_cdrom(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	static const char *const names[] = {"user-data", "config"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char device[SEED_DEVICE], *data = NULL;
		size_t size = 0;

		if (seed_read_cd(names[i], USERDATA_MAX, &data, &size, device, err)) {
			provider_set_title(s, "CDROM %s", device);
			provider_take_userdata(s, data, size);
			return PROVIDER_FOUND;
		}
	}
	return PROVIDER_LATER;
}

enum provider_sight cloud_file(struct provider_search *s, const char *path, struct werr **err)
{
	struct werr *why = NULL;
	char *data = NULL;
	size_t size = 0;

	if (!file_exists(path))
		return PROVIDER_LATER;
	provider_set_title(s, "%s", path);
	if (file_read_at_once(path, USERDATA_MAX, &data, &size, &why) == 0)
		provider_take_userdata(s, data, size);
	werr_append(err, why);
	return PROVIDER_FOUND;
}
