/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials that a virtual machine's host has put into its firmware, as systemd reads them
 * (systemd-creds(1), smbios-type-11(7)): strings of SMBIOS, and files of QEMU's fw_cfg.
 */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/fs.h"
#include "metadata/cloud.h"
#include "metadata/confdir.h"
#include "metadata/plaintext.h"

enum { CREDENTIAL_MAX = 1 << 20, CREDENTIALS_MAX = 1024, MODE_SECRET = 0600 };
static const char fw_cfg[] = "/sys/firmware/qemu_fw_cfg/by_name/opt/io.systemd.credentials";

struct taking {
	struct provider_search *s;
	int dir_fd;
	size_t n;
};

/* What some of them are for; all are files. */
static void use(struct provider_search *s, const char *name, const char *data, size_t size,
	struct werr **err)
{
	if (str_eq(name, "system.hostname"))
		provider_put(s, "hostname", data, size, err);
	else if (str_eq(name, "ssh.authorized_keys.root"))
		plaintext_keys(data, &s->keys);
	else if (str_eq(name, "userdata"))
		provider_take_userdata(s, mem_dup(data, size + 1), size);
}

/* data: NUL-terminated. */
static int take(
	struct taking *t, const char *name, const char *data, size_t size, struct werr **err)
{
	int r = 0;

	if (t->n++ == CREDENTIALS_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d credentials", CREDENTIALS_MAX);
	provider_own(t->s, "credentials");
	if (t->dir_fd < 0)
		r = confdir_enter(t->s->dir_fd, "credentials", &t->dir_fd, err);
	if (r == 0)
		r = confdir_write(t->dir_fd, name, data, size, MODE_SECRET, err);
	if (r == 0)
		use(t->s, name, data, size, err);
	return r;
}

/* "NAME=VALUE" */
static int take_string(struct taking *t, const char *text, bool binary, struct werr **err)
{
	size_t n = strcspn(text, "=");
	CLEANUP(free) char *name = str_dup_n(text, n);
	CLEANUP(buf) struct buf data = BUF_INIT(CREDENTIAL_MAX);
	const char *value = text + n + 1;
	int r;

	if (!text[n])
		return werr_set(err, WERR_INVALID, "credential %.80s has no value", name);
	if (!binary)
		return take(t, name, value, strlen(value), err);
	r = plaintext_base64(value, strlen(value), &data, err);
	if (r == 0)
		r = take(t, name, buf_str(&data), data.len, err);
	werr_wrap(err, "credential %.80s", name);
	return r;
}

static void take_smbios(struct taking *t, struct werr **err)
{
	struct smbios_entry e;
	size_t at = 0;

	while (smbios_next(&t->s->firmware, &at, &e)) {
		if (e.type != SMBIOS_OEM_STRINGS || e.fixed_size <= SMBIOS_OEM_COUNT)
			continue;
		for (unsigned i = 1; i <= e.fixed[SMBIOS_OEM_COUNT]; i++) {
			const char *text = smbios_text(&e, i), *rest;
			struct werr *why = NULL;

			if (!text)
				break;
			rest = str_after(text, "io.systemd.credential:");
			if (rest)
				take_string(t, rest, false, &why);
			rest = str_after(text, "io.systemd.credential.binary:");
			if (rest)
				take_string(t, rest, true, &why);
			werr_append(err, why);
		}
	}
}

static void take_fw_cfg(struct taking *t, struct werr **err)
{
	CLEANUP(strv) struct strv names = {0};
	const char *name;

	fs_names(fw_cfg, &names);
	STRV_FOREACH (name, &names) {
		CLEANUP(free) char *path = str_printf("%s/%s/raw", fw_cfg, name);
		CLEANUP(free) char *data = NULL;
		struct werr *why = NULL;
		size_t size;

		if (file_read(path, CREDENTIAL_MAX, &data, &size, &why) == 0)
			take(t, name, data, size, &why);
		werr_append(err, why);
	}
}

enum provider_sight cloud_credentials(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	struct taking t = {.s = s, .dir_fd = -1};

	if (s->firmware.table)
		take_smbios(&t, err);
	take_fw_cfg(&t, err);
	fd_cleanup(&t.dir_fd);
	if (!t.n)
		return PROVIDER_LATER;
	provider_set_title(s, "credentials");
	return PROVIDER_FOUND;
}
