/* SPDX-License-Identifier: Apache-2.0 */
/* Opening an encrypted device, and where its key comes from. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "init/disk.h"
#include "tools/crypto.h"
#include "tools/runtool.h"

enum { KEY_BYTES = 64, WORDS_MAX = 24, NO_SUCH_KEY = 2 };
/* A script of the package, which has the TPM's tools. */
static const char seal_program[] = "/usr/bin/tpm-key";
static const char key_of_tpm[] = CRYPTO_DIR "/key", token[] = CRYPTO_DIR "/token";

int crypto_open_with(const struct crypto *c, const char *device, const char *header,
	const char *key, struct werr **err)
{
	const char *argv[] = {CRYPTO_PROGRAM, "open", "--type", "luks2", "--disable-keyring",
		"--key-file", key, device, c->name, header ? "--header" : NULL, header, NULL};
	int code, r = runtool(argv, &code, err);

	if (r < 0 && code == NO_SUCH_KEY)
		werr_hint(err, "%s was encrypted with another key", device);
	return r;
}

/* ---- the TPM ---- */

int crypto_seal(const struct crypto *c, const char *key, const char *ret_token, struct werr **err)
{
	const char *const argv[] = {"/bin/sh", seal_program, "seal", c->pcrs, key, ret_token, NULL};
	unsigned char bytes[KEY_BYTES];
	CLEANUP(fd) int fd = -1;
	int r = fd_random(bytes, sizeof(bytes));

	if (r < 0)
		return werr_errno(err, -r, "can't get random numbers");
	unlink(key);
	fd = open(key, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return werr_errno(err, errno, "can't make %s", key);
	r = fd_write_all(fd, bytes, sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	if (r < 0)
		return werr_errno(err, -r, "can't write to %s", key);
	r = runtool(argv, NULL, err);
	if (r < 0)
		werr_hint(err, "the machine needs a TPM 2.0, as of wherry run --tpm");
	return r;
}

static int unseal(const char *device, struct werr **err)
{
	const char *const get[] = {CRYPTO_PROGRAM, "token", "export", "--token-id", "0",
		"--json-file", token, device, NULL};
	const char *const open_it[] = {"/bin/sh", seal_program, "unseal", token, key_of_tpm, NULL};
	int r;

	unlink(token);
	r = runtool(get, NULL, err);
	if (r < 0) {
		werr_hint(err, "%s was not encrypted with -tpm", device);
		return r;
	}
	r = runtool(open_it, NULL, err);
	if (r < 0)
		werr_hint(err, "it is the TPM of another machine, or has seen another start of it");
	return r;
}

int crypto_open(const struct crypto *c, const char *device, struct werr **err)
{
	int r = c->key ? 0 : unseal(device, err);

	if (r == 0)
		r = crypto_open_with(c, device, NULL, c->key ? c->key : key_of_tpm, err);
	unlink(key_of_tpm);
	unlink(token);
	return r;
}

/* ---- what LinuxKit has made ---- */

static int map_plain(const struct crypto *c, const char *device, bool read_only)
{
	const char *argv[] = {CRYPTO_PROGRAM, "open", "--type", "plain", "--cipher",
		"aes-cbc-essiv:sha256", "--key-size", "256", "--key-file", c->key, device, c->name,
		read_only ? "--readonly" : NULL, NULL};

	return runtool(argv, NULL, NULL);
}

static bool has_file_system(const char *mapped)
{
	CLEANUP(free) unsigned char *head = mem_alloc(DISK_HEAD);
	CLEANUP(fd) int fd = open(mapped, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, DISK_HEAD, 0);
	struct disk_fs fs;

	return n > 0 && disk_identify(head, (size_t)n, &fs);
}

bool crypto_open_plain(const struct crypto *c, const char *device)
{
	CLEANUP(free) char *mapped = str_printf(CRYPTO_MAPPED "%s", c->name);
	const char *const close_it[] = {CRYPTO_PROGRAM, "close", c->name, NULL};
	bool found;

	if (map_plain(c, device, true) < 0)
		return false;
	found = has_file_system(mapped);
	return runtool(close_it, NULL, NULL) == 0 && found && map_plain(c, device, false) == 0;
}
