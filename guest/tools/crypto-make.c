/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making an encrypted device. Its first sector says how far that has come: it is marked, the file
 * system is made where the header in a file says that it is, and the header replaces the mark, its
 * own first sector last.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "tools/blank.h"
#include "tools/crypto.h"
#include "tools/runtool.h"

enum {
	MIB = 1 << 20,
	SECTOR = 512,
	LEAST = 4 * MIB,
	/* Headers: for seven keys, and for three on a device that is smaller than ROOMY. */
	ROOMY = 64 * MIB,
	HEADER = 2 * MIB,
	HEADER_SMALL = MIB,
	METADATA = 32 << 10, /* what is no keys in them */
	WORDS_MAX = 40,
};
static const char header[] = CRYPTO_DIR "/header", key_of_tpm[] = CRYPTO_DIR "/key",
		  token[] = CRYPTO_DIR "/token";

/* From here on what was on it does not count. */
static int begin(int fd, const char *device, const struct parttable *t, struct werr **err)
{
	size_t head = DISKSTATE_HEAD - PARTTABLE_SIZE;
	CLEANUP(free) unsigned char *zeros = mem_alloc(head);
	unsigned char mark[PARTTABLE_SIZE];
	int r;

	diskstate_mark(DISKSTATE_CRYPTO, mark);
	r = parttable_put(fd, device, 0, mark, sizeof(mark), err);
	if (r == 0)
		r = parttable_put(fd, device, PARTTABLE_SIZE, zeros, head, err);
	return r < 0 ? r : parttable_put(fd, device, t->disk - BLANK_EDGE, zeros, BLANK_EDGE, err);
}

/*
 * What makes guessing a key hard takes as long, and as much memory, on each machine; a key of the
 * TPM can't be guessed.
 */
static int make_header(const struct crypto *c, const char *device, uint64_t size, const char *key,
	struct werr **err)
{
	static const char *const slowly[] = {"argon2id", "--pbkdf-memory", "16384",
		"--pbkdf-parallel", "1", "--pbkdf-force-iterations", "6", NULL};
	static const char *const fast[] = {"pbkdf2", "--pbkdf-force-iterations", "1000", NULL};
	uint64_t room = size < ROOMY ? HEADER_SMALL : HEADER;
	CLEANUP(free) char *offset = str_printf("%llu", (unsigned long long)(room / SECTOR));
	CLEANUP(free) char *keys = str_printf("%lluk", (unsigned long long)(room - METADATA) >> 10);
	const char *argv[WORDS_MAX] = {CRYPTO_PROGRAM, "luksFormat", "--batch-mode", "--type",
		"luks2", "--cipher", "aes-xts-plain64", "--key-size", "512", "--offset", offset,
		"--luks2-metadata-size", "16k", "--luks2-keyslots-size", keys, "--header", header,
		"--key-file", key, device, "--pbkdf"};
	const char *const *pbkdf = c->key ? slowly : fast;
	size_t n = 0;

	while (argv[n])
		n++;
	while (*pbkdf)
		argv[n++] = *pbkdf++;
	return runtool(argv, NULL, err);
}

static int add_token(struct werr **err)
{
	const char *const argv[] = {CRYPTO_PROGRAM, "token", "import", "--token-id", "0",
		"--json-file", token, header, NULL};

	return runtool(argv, NULL, err);
}

static int make_file_system(const char *mapped, struct werr **err)
{
	const char *const argv[] = {"/usr/sbin/mkfs.ext4", "-q", "-F", mapped, NULL};
	CLEANUP(fd) int fd = -1;
	int r = runtool(argv, NULL, err);

	if (r < 0)
		return r;
	fd = open(mapped, O_RDWR | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? werr_errno(err, errno, "can't write to %s", mapped) : 0;
}

/* The header, and at last its first sector in place of the mark. */
static int end(int fd, const char *device, uint64_t size, struct werr **err)
{
	size_t room = size < ROOMY ? HEADER_SMALL : HEADER;
	CLEANUP(free) unsigned char *bytes = mem_alloc(room);
	CLEANUP(fd) int from = open(header, O_RDONLY | O_CLOEXEC);
	int r = from < 0 ? werr_errno(err, errno, "can't open %s", header)
			 : fd_read_at(from, header, 0, bytes, room, err);

	if (r == 0)
		r = parttable_put(fd, device, SECTOR, bytes + SECTOR, room - SECTOR, err);
	return r < 0 ? r : parttable_put(fd, device, 0, bytes, SECTOR, err);
}

static int open_empty(const char *device, struct parttable *t, int *ret, struct werr **err)
{
	int r;

	*ret = open(device, O_RDWR | O_EXCL | O_CLOEXEC);
	if (*ret < 0)
		return werr_errno(err, errno, "can't open %s", device);
	r = parttable_measure(*ret, device, t, err);
	if (r == 0 && t->disk < LEAST)
		r = werr_set(err, WERR_INVALID, "%s is too small: %llu bytes", device,
			(unsigned long long)t->disk);
	return r;
}

static int make(const struct crypto *c, const char *device, struct werr **err)
{
	CLEANUP(free) char *mapped = str_printf(CRYPTO_MAPPED "%s", c->name);
	const char *key = c->key ? c->key : key_of_tpm;
	CLEANUP(fd) int fd = -1;
	struct parttable t;
	int r = open_empty(device, &t, &fd, err);

	if (r == 0 && !c->key)
		r = crypto_seal(c, key_of_tpm, token, err);
	if (r == 0)
		r = begin(fd, device, &t, err);
	/* cryptsetup wants it for itself. */
	fd_cleanup(&fd);
	if (r == 0)
		r = make_header(c, device, t.disk, key, err);
	if (r == 0 && !c->key)
		r = add_token(err);
	if (r == 0)
		r = crypto_open_with(c, device, header, key, err);
	if (r == 0)
		r = make_file_system(mapped, err);
	if (r < 0)
		return r;
	fd = open(device, O_RDWR | O_CLOEXEC);
	return fd < 0 ? werr_errno(err, errno, "can't open %s", device)
		      : end(fd, device, t.disk, err);
}

int crypto_make(const struct crypto *c, const char *device, struct werr **err)
{
	int r = make(c, device, err);

	unlink(header);
	unlink(key_of_tpm);
	unlink(token);
	if (r == 0)
		printf("crypto: %s is encrypted now, with ext4 in it\n", device);
	return r;
}
