/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/signer.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "boot/pem.h"
#include "boot/pkcs11.h"

enum {
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
	char *key_path, *certificate_path;
	const char *uri;      /* the key's path when that is of a token, or NULL */
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

static int read_certificates(struct signer *s, const char *path, struct werr **err)
{
	X509 *found[CERTIFICATES_MAX];
	size_t n = 0;
	int r = pem_read_certificates(path, found, CERTIFICATES_MAX, &n, err);

	for (size_t i = 0; i < n; i++) {
		take_certificate(s, found[i]);
		X509_free(found[i]);
	}
	return r;
}

int signer_read_certificate(const char *path, void **ret, size_t *ret_size, struct werr **err)
{
	unsigned char *der = NULL;
	X509 *x = NULL;
	size_t n;
	int r = pem_read_certificates(path, &x, 1, &n, err), size;

	if (r < 0)
		return r;
	size = i2d_X509(x, &der);
	X509_free(x);
	if (size <= 0)
		return werr_set(err, WERR_INVALID, "the certificate in %s: %s", path, pem_reason());
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
		werr_hint(err, "UEFI takes RSA with SHA-256: %s", PEM_MAKE);
		return werr_code(WERR_UNSUPPORTED);
	}
	if (bits < BITS_MIN || bits > BITS_MAX) {
		werr_set(err, WERR_UNSUPPORTED,
			"the key of the certificate %s has %d bits, and not %d to %d", path, bits,
			BITS_MIN, BITS_MAX);
		werr_hint(err, "all firmware takes keys of 2048 bits");
		return werr_code(WERR_UNSUPPORTED);
	}
	s->size = (size_t)EVP_PKEY_get_size(s->public);
	return 0;
}

/* A URI is not shown: it can have a PIN. */
static int not_a_pair(const struct signer *s, struct werr **err)
{
	werr_set(err, WERR_INVALID, "%s%s and the certificate %s are not for each other",
		s->uri ? "the token's key" : "the key ", s->uri ? "" : s->key_path,
		s->certificate_path);
	werr_hint(err,
		"openssl x509 -noout -pubkey -in %s shows the key that it is for, openssl pkey "
		"-pubout -in KEY that of a file",
		s->certificate_path);
	return werr_code(WERR_INVALID);
}

static int try_it(struct signer *s, struct werr **err)
{
	static const unsigned char hash[SHA256_SIZE];
	CLEANUP(free) unsigned char *signature = mem_alloc(s->size);

	if (s->key && EVP_PKEY_eq(s->key, s->public) != 1)
		return not_a_pair(s, err);
	return signer_sign(s, hash, signature, err);
}

int signer_open(const char *key, const char *certificate, struct signer **ret, struct werr **err)
{
	CLEANUP(signer) struct signer *s = mem_new(struct signer);
	int r = 0;

	s->key_path = str_dup(key);
	s->certificate_path = str_dup(certificate);
	s->chain = s->name = (struct buf)BUF_INIT(PEM_FILE_MAX);
	s->signatures = mem_new_array(struct signature, SIGNATURES_MAX);
	pthread_mutex_init(&s->lock, NULL);
	if (str_after(key, "pkcs11:"))
		s->uri = s->key_path;
	else
		r = pem_read_key(key, &s->key, err);
	if (r == 0)
		r = read_certificates(s, certificate, err);
	if (r == 0)
		r = check_kind(s, certificate, err);
	if (r == 0)
		r = try_it(s, err);
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
	free(s->key_path);
	free(s->certificate_path);
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
	return ok ? 0 : werr_set(err, WERR_FAILED, "can't sign: %s", pem_reason());
}

/* So that a token's key that is another one is noticed. */
static int check_signature(
	struct signer *s, const unsigned char *hash, const unsigned char *p, struct werr **err)
{
	EVP_PKEY_CTX *c = new_context(s->public, EVP_PKEY_verify_init);
	int ok = c && EVP_PKEY_verify(c, p, s->size, hash, SHA256_SIZE) == 1;

	EVP_PKEY_CTX_free(c);
	ERR_clear_error();
	return ok ? 0 : not_a_pair(s, err);
}

static int sign_by_token(
	struct signer *s, const unsigned char *hash, unsigned char *ret, struct werr **err)
{
	size_t size;
	int r = pkcs11_sign(s->uri, hash, ret, s->size, &size, err);

	return r == 0 && size != s->size ? not_a_pair(s, err) : r;
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
	r = s->uri ? sign_by_token(s, hash, ret, err) : sign_here(s, hash, ret, err);
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
