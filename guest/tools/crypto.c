/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/path.h"
#include "init/rootdev.h"
#include "tools/args.h"

enum { WAIT_MS = 30000, NAME_MAX_DM = 127, KEY_MAX = 8 << 20 };
static const char keys_dir[] = "/etc/dm-crypt";

/* ---- the command line ---- */

void crypto_cleanup(struct crypto *c)
{
	free(c->key);
	c->key = NULL;
}

static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";

	return name[0] != '.' && name[0] != '-' && strlen(name) <= NAME_MAX_DM &&
	       strspn(name, letters) == strlen(name) && !str_eq(name, "control");
}

static int check(const struct crypto *c, size_t words, struct werr **err)
{
	int r;

	if (words != 2) {
		r = werr_set(err, WERR_USAGE,
			"a name and a device are needed, and there are %zu words", words);
		werr_hint(err, "usage: crypto [-l] [-k FILE | -tpm [-tpm-pcrs LIST]] NAME DEVICE");
		return r;
	}
	if (!is_name(c->name))
		return werr_set(err, WERR_USAGE, "'%.80s' can't be the name of a mapping", c->name);
	if (!rootdev_can_find(c->device))
		return werr_set(err, WERR_USAGE, "'%.80s' is not a device", c->device);
	if (strspn(c->pcrs, "0123456789,") != strlen(c->pcrs))
		return werr_set(
			err, WERR_USAGE, "-tpm-pcrs: '%.80s' is not a list such as 0,2,7", c->pcrs);
	return 0;
}

int crypto_parse(int argc, char **argv, struct strv *words, struct crypto *ret, struct werr **err)
{
	const char *key = NULL;
	bool tpm = false;
	const struct arg options[] = {
		{"l", ARG_FLAG, &ret->luks},
		{"luks", ARG_FLAG, &ret->luks},
		{"k", ARG_TEXT, &key},
		{"key-file", ARG_TEXT, &key},
		{"tpm", ARG_FLAG, &tpm},
		{"tpm-pcrs", ARG_TEXT, &ret->pcrs},
		{0},
	};
	int r = args_parse(options, argc, argv, words, err);

	if (r < 0)
		return r;
	if (key && (tpm || ret->pcrs))
		return werr_set(err, WERR_USAGE, "the key is in a file or in the TPM, not in both");
	if (ret->pcrs && !tpm)
		return werr_set(err, WERR_USAGE, "-tpm-pcrs is for -tpm");
	ret->pcrs = ret->pcrs ? ret->pcrs : "7";
	ret->name = words->n > 0 ? words->items[0] : "";
	ret->device = words->n > 1 ? words->items[1] : "";
	if (!tpm)
		ret->key = key && key[0] == '/' ? str_dup(key)
						: path_join(keys_dir, key ? key : "key");
	return check(ret, words->n, err);
}

/* ---- what it does ---- */

static int check_key(const struct crypto *c, struct werr **err)
{
	struct stat st;
	int r = 0;

	if (!c->key)
		return 0;
	if (stat(c->key, &st) < 0)
		r = werr_errno(err, errno, "can't find the key %s", c->key);
	else if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > KEY_MAX)
		r = werr_set(
			err, WERR_INVALID, "the key %s is empty, too long, or not a file", c->key);
	if (r < 0)
		werr_hint(err, "it is among the OS's files: as etc/dm-crypt/key");
	return r;
}

static int open_or_make(const struct crypto *c, const char *device, struct werr **err)
{
	char what[DISKSTATE_WHAT];
	enum crypto_state state = CRYPTO_OTHER;
	int r = crypto_look(device, &state, what, err);

	if (r < 0)
		return r;
	if (state == CRYPTO_LUKS)
		return crypto_open(c, device, err);
	if (state != CRYPTO_OTHER)
		return crypto_make(c, device, err);
	if (!c->luks && c->key && crypto_open_plain(c, device)) {
		printf("crypto: %s is as LinuxKit made it: without a header\n", device);
		return 0;
	}
	r = werr_set(err, WERR_EXISTS, "%s has %s; it is left alone", device, what);
	werr_hint(err, "only an empty device, or an empty file system, is made an encrypted one");
	return r;
}

static int crypto(const struct crypto *c, struct werr **err)
{
	CLEANUP(free) char *device = NULL, *mapped = str_printf(CRYPTO_MAPPED "%s", c->name);
	int r = check_key(c, err);

	if (r < 0)
		return r;
	if (file_exists(mapped))
		return werr_set(err, WERR_EXISTS, "%s exists already", mapped);
	device = rootdev_wait(rootdev_find, c->device, WAIT_MS, NULL);
	if (!device)
		return werr_set(err, WERR_NOT_FOUND, "%s did not appear in %d s", c->device,
			WAIT_MS / 1000);
	r = file_make_dirs(CRYPTO_DIR, 0700, err);
	if (r == 0)
		r = open_or_make(c, device, err);
	if (r == 0)
		printf("crypto: %s is open as %s\n", device, mapped);
	return r;
}

int crypto_main(int argc, char **argv)
{
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	struct crypto c = {0};

	if (crypto_parse(argc, argv, &words, &c, &err) == 0)
		crypto(&c, &err);
	crypto_cleanup(&c);
	return args_report("crypto", err);
}
