/* SPDX-License-Identifier: Apache-2.0 */
#include "store/piece-tail.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	/* Of smaller ones the digest is checked: loading what computes the code takes longer. */
	CODE_MIN = 1 << 20,
	NONE = '-',
};

/* Each piece has a key of its own, as Poly1305 asks for. */
static struct poly1305 *new_code(
	const struct piece_tail *t, const unsigned char secret[static SECRET_SIZE])
{
	CLEANUP(free) char *text = str_printf("code %.*s", (int)sizeof(t->nonce), t->nonce);
	unsigned char key[POLY1305_KEY];

	_Static_assert(sizeof(key) == SHA256_SIZE, "the key is a hash");
	sha256_hmac_raw(secret, SECRET_SIZE, text, strlen(text), key);
	return poly1305_new(key);
}

struct poly1305 *piece_tail_begin(
	struct piece_tail *t, const unsigned char secret[static SECRET_SIZE])
{
	unsigned char nonce[PIECE_NONCE];
	char hex[2 * PIECE_NONCE + 1];

	memset(t->nonce, NONE, sizeof(t->nonce));
	memset(t->code, NONE, sizeof(t->code));
	if (fd_random(nonce, sizeof(nonce)) < 0)
		return NULL;
	str_hex(hex, nonce, sizeof(nonce));
	memcpy(t->nonce, hex, sizeof(t->nonce));
	return new_code(t, secret);
}

static void certify(const struct piece_tail *t, const struct digest *name,
	const unsigned char secret[static SECRET_SIZE], char ret[static SHA256_HEX + 1])
{
	CLEANUP(free)
	char *text = str_printf("piece %s %.*s %c %.*s %.*s", name->text, SHA256_HEX, t->sha256,
		t->is_there, (int)sizeof(t->nonce), t->nonce, (int)sizeof(t->code), t->code);

	sha256_hmac(secret, SECRET_SIZE, text, strlen(text), ret);
}

void piece_tail_end(struct piece_tail *t, struct poly1305 *code, const struct digest *name,
	const unsigned char secret[static SECRET_SIZE])
{
	char hex[SHA256_HEX + 1];

	if (code) {
		poly1305_hex(code, hex);
		memcpy(t->code, hex, sizeof(t->code));
	}
	certify(t, name, secret, hex);
	memcpy(t->mac, hex, sizeof(t->mac));
	t->newline = '\n';
}

int piece_tail_hash(
	int fd, uint64_t size, char is_there, char ret[static SHA256_HEX + 1], struct werr **err)
{
	CLEANUP(sha256) struct sha256 *hash = sha256_new();
	CLEANUP(reader) struct reader *bytes = fd_range_reader_new(fd, "a piece", 0, size);
	CLEANUP(writer) struct writer *to = sha256_writer_new(NULL, hash);
	int r = io_copy(bytes, to, NULL, err);

	sha256_add(hash, &is_there, 1);
	sha256_hex(hash, ret);
	return r;
}

static int read_tail(int fd, struct piece_tail *ret, uint64_t *size)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(*ret))
		return -EBADMSG;
	n = pread(fd, ret, sizeof(*ret), st.st_size - (off_t)sizeof(*ret));
	if (n != (ssize_t)sizeof(*ret))
		return n < 0 ? -errno : -EBADMSG;
	*size = (uint64_t)st.st_size - sizeof(*ret);
	return ret->is_there == PIECE_THERE || ret->is_there == PIECE_NOT_THERE ? 0 : -EBADMSG;
}

static int check_code(int fd, uint64_t size, const struct piece_tail *t, struct poly1305 *code)
{
	CLEANUP(free) char *chunk = mem_alloc(IO_CHUNK);
	char hex[POLY1305_HEX + 1];

	for (uint64_t at = 0, n; at < size; at += n) {
		int r = cancel_check(NULL);

		n = size - at < IO_CHUNK ? size - at : IO_CHUNK;
		if (r == 0)
			r = fd_read_at(fd, "a piece", at, chunk, (size_t)n, NULL);
		if (r < 0)
			return r;
		poly1305_add(code, chunk, (size_t)n);
	}
	poly1305_hex(code, hex);
	return memcmp(hex, t->code, POLY1305_HEX) == 0 ? 0 : -EBADMSG;
}

/* The tail is right; are the bytes? */
static int check_bytes(
	int fd, uint64_t size, const struct piece_tail *t, const unsigned char *secret)
{
	CLEANUP(poly1305) struct poly1305 *code = NULL;
	char hex[SHA256_HEX + 1];
	int r;

	if (secret && size >= CODE_MIN && t->code[0] != NONE)
		code = new_code(t, secret);
	if (code)
		return check_code(fd, size, t, code);
	r = piece_tail_hash(fd, size, t->is_there, hex, NULL);
	if (r < 0)
		return r;
	return memcmp(hex, t->sha256, SHA256_HEX) == 0 ? 0 : -EBADMSG;
}

int piece_tail_check(int fd, const struct digest *name, const unsigned char *secret,
	struct piece_tail *ret, uint64_t *size)
{
	char hex[SHA256_HEX + 1];
	int r = read_tail(fd, ret, size);

	if (r < 0)
		return r;
	if (secret) {
		certify(ret, name, secret, hex);
		if (memcmp(hex, ret->mac, SHA256_HEX) != 0)
			return -EBADMSG;
	}
	return check_bytes(fd, *size, ret, secret);
}
