/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/signer.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pkcs11.h"

enum {
	PEM_MAX = 256 << 10,
	CERTIFICATES_MAX = 8,
	BITS_MIN = 2048,
	BITS_MAX = 8192,
	SIGNATURES_MAX = 64, /* that are remembered */
};

struct signature {
	unsigned char hash[SHA256_SIZE];
	unsigned char bytes[BITS_MAX / 8];
};

struct signer {
	char *uri;            /* of a token's key, or NULL */
	EVP_PKEY *key;        /* or NULL */
	EVP_PKEY *public;     /* the certificate's */
	struct buf chain;     /* signer_certificates */
	struct buf name;      /* signer_name */
	size_t size;          /* of a signature */
	pthread_mutex_t lock; /* of what follows */
	struct signature *signatures;
	size_t n;
};

/* ---- from files ---- */

/* libcrypto's reason, which it forgets. */
static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return text ? text : "unknown";
}

/* *ret is owned by the caller, as is the text, which it refers to. */
static int open_pem(const char *path, char **ret_text, BIO **ret, struct werr **err)
{
	size_t size;
	int r = file_read(path, PEM_MAX, ret_text, &size, err);

	if (r < 0)
		return r;
	*ret = BIO_new_mem_buf(*ret_text, (int)size);
	return 0;
}

/* A pem_password_cb: nobody is asked. */
static int refuse_password(char *p, int size, int writes, void *asked)
{
	(void)p;
	(void)size;
	(void)writes;
	*(bool *)asked = true;
	return -1;
}

static int read_key(struct signer *s, const char *path, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	bool asked = false;
	BIO *from = NULL;
	int r = open_pem(path, &text, &from, err);

	if (r < 0)
		return r;
	s->key = PEM_read_bio_PrivateKey(from, NULL, refuse_password, &asked);
	BIO_free(from);
	OPENSSL_cleanse(text, strlen(text));
	if (s->key)
		return 0;
	if (!asked)
		return werr_set(
			err, WERR_INVALID, "%s has no private key in PEM: %s", path, reason());
	ERR_clear_error();
	werr_set(err, WERR_UNSUPPORTED, "the key in %s is encrypted", path);
	werr_hint(err,
		"decrypt it where only you can read it, openssl pkey -in %s -out "
		"/dev/shm/key.pem, or keep it in a token: --sign-key pkcs11:...",
		path);
	return werr_code(WERR_UNSUPPORTED);
}

static void add_der(struct buf *to, unsigned char *der, int size)
{
	if (size > 0)
		buf_add(to, der, (size_t)size);
	OPENSSL_free(der);
}

static void take_certificate(struct signer *s, X509 *x)
{
	unsigned char *der = NULL;
	int size;

	if (!s->public) {
		s->public = X509_get_pubkey(x);
		size = i2d_X509_NAME(X509_get_issuer_name(x), &der);
		add_der(&s->name, der, size);
		der = NULL;
		size = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &der);
		add_der(&s->name, der, size);
		der = NULL;
	}
	size = i2d_X509(x, &der);
	add_der(&s->chain, der, size);
}

static int no_certificate(const char *path, struct werr **err)
{
	return werr_set(err, WERR_INVALID, "%s has no certificate in PEM: %s", path, reason());
}

static int read_certificates(struct signer *s, const char *path, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	BIO *from = NULL;
	int r = open_pem(path, &text, &from, err), n = 0;

	if (r < 0)
		return r;
	for (X509 *x; n < CERTIFICATES_MAX && (x = PEM_read_bio_X509(from, NULL, NULL, NULL));
		n++) {
		take_certificate(s, x);
		X509_free(x);
	}
	BIO_free(from);
	if (n == 0)
		return werr_set(
			err, WERR_INVALID, "%s has no certificate in PEM: %s", path, reason());
	ERR_clear_error();
	return 0;
}

int signer_read_certificate(const char *path, void **ret, size_t *ret_size, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	unsigned char *der = NULL;
	BIO *from = NULL;
	X509 *x;
	int r = open_pem(path, &text, &from, err), size;

	if (r < 0)
		return r;
	x = PEM_read_bio_X509(from, NULL, NULL, NULL);
	BIO_free(from);
	size = x ? i2d_X509(x, &der) : 0;
	X509_free(x);
	if (size <= 0)
		return no_certificate(path, err);
	*ret = mem_dup(der, (size_t)size);
	*ret_size = (size_t)size;
	OPENSSL_free(der);
	return 0;
}

/* ---- checks ---- */

/* Firmware knows RSA; with other keys a signature would differ each time, too. */
static int check_kind(struct signer *s, const char *path, struct werr **err)
{
	int bits = s->public ? EVP_PKEY_get_bits(s->public) : 0;

	if (!s->public || EVP_PKEY_get_base_id(s->public) != EVP_PKEY_RSA) {
		werr_set(
			err, WERR_UNSUPPORTED, "the key of the certificate %s is no RSA key", path);
		werr_hint(err, "UEFI takes RSA with SHA-256: openssl req -new -x509 -newkey "
			       "rsa:2048 -noenc -keyout key.pem -out cert.pem -subj /CN=...");
		return werr_code(WERR_UNSUPPORTED);
	}
	if (bits < BITS_MIN || bits > BITS_MAX)
		return werr_set(err, WERR_UNSUPPORTED,
			"the key of the certificate %s has %d bits, and not %d to %d", path, bits,
			BITS_MIN, BITS_MAX);
	s->size = (size_t)EVP_PKEY_get_size(s->public);
	return 0;
}

static int try_it(struct signer *s, const char *key, const char *certificate, struct werr **err)
{
	static const unsigned char hash[SHA256_SIZE];
	CLEANUP(free) unsigned char *signature = mem_alloc(s->size);

	if (s->key && EVP_PKEY_eq(s->key, s->public) != 1)
		return werr_set(err, WERR_INVALID,
			"the key %s and the certificate %s are not for each other", key,
			certificate);
	return signer_sign(s, hash, signature, err);
}

int signer_open(const char *key, const char *certificate, struct signer **ret, struct werr **err)
{
	CLEANUP(signer) struct signer *s = mem_new(struct signer);
	int r = 0;

	s->chain = s->name = (struct buf)BUF_INIT(PEM_MAX);
	s->signatures = mem_new_array(struct signature, SIGNATURES_MAX);
	pthread_mutex_init(&s->lock, NULL);
	if (str_after(key, "pkcs11:"))
		s->uri = str_dup(key);
	else
		r = read_key(s, key, err);
	if (r == 0)
		r = read_certificates(s, certificate, err);
	if (r == 0)
		r = check_kind(s, certificate, err);
	if (r == 0)
		r = try_it(s, key, certificate, err);
	if (r == 0)
		*ret = STEAL(s);
	return r;
}

void signer_free(struct signer *s)
{
	EVP_PKEY_free(s->key);
	EVP_PKEY_free(s->public);
	pthread_mutex_destroy(&s->lock);
	buf_clear(&s->chain);
	buf_clear(&s->name);
	free(s->signatures);
	free(s->uri);
	free(s);
}

void signer_certificates(const struct signer *s, const unsigned char **ret, size_t *ret_size)
{
	*ret = (const unsigned char *)s->chain.data;
	*ret_size = s->chain.len;
}

void signer_name(const struct signer *s, const unsigned char **ret, size_t *ret_size)
{
	*ret = (const unsigned char *)s->name.data;
	*ret_size = s->name.len;
}

size_t signer_size(const struct signer *s)
{
	return s->size;
}

/* ---- signatures ---- */

static EVP_PKEY_CTX *new_context(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);

	if (c && init(c) == 1 && EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) == 1 &&
		EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()) == 1)
		return c;
	EVP_PKEY_CTX_free(c);
	return NULL;
}

static int sign_here(
	struct signer *s, const unsigned char *hash, unsigned char *ret, struct werr **err)
{
	EVP_PKEY_CTX *c = new_context(s->key, EVP_PKEY_sign_init);
	size_t size = s->size;
	int ok = c && EVP_PKEY_sign(c, ret, &size, hash, SHA256_SIZE) == 1 && size == s->size;

	EVP_PKEY_CTX_free(c);
	return ok ? 0 : werr_set(err, WERR_FAILED, "can't sign: %s", reason());
}

/* So that a token's key that is another one is noticed. */
static int check_signature(
	struct signer *s, const unsigned char *hash, const unsigned char *p, struct werr **err)
{
	EVP_PKEY_CTX *c = new_context(s->public, EVP_PKEY_verify_init);
	int ok = c && EVP_PKEY_verify(c, p, s->size, hash, SHA256_SIZE) == 1;

	EVP_PKEY_CTX_free(c);
	ERR_clear_error();
	return ok ? 0
		  : werr_set(err, WERR_INVALID,
			    "the key and the certificate are not for each other");
}

static int sign_once(
	struct signer *s, const unsigned char *hash, unsigned char *ret, struct werr **err)
{
	int r;

	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->signatures[i].hash, hash, SHA256_SIZE) == 0) {
			memcpy(ret, s->signatures[i].bytes, s->size);
			return 0;
		}
	r = s->uri ? pkcs11_sign(s->uri, hash, ret, s->size, err) : sign_here(s, hash, ret, err);
	if (r == 0)
		r = check_signature(s, hash, ret, err);
	if (r < 0 || s->n == SIGNATURES_MAX)
		return r;
	memcpy(s->signatures[s->n].hash, hash, SHA256_SIZE);
	memcpy(s->signatures[s->n++].bytes, ret, s->size);
	return 0;
}

int signer_sign(struct signer *s, const unsigned char hash[static SHA256_SIZE], unsigned char *ret,
	struct werr **err)
{
	int r;

	pthread_mutex_lock(&s->lock);
	r = sign_once(s, hash, ret, err);
	pthread_mutex_unlock(&s->lock);
	return r;
}
