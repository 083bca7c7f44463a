/* SPDX-License-Identifier: Apache-2.0 */
/* A key and its certificate in files, for a group of tests. */
#ifndef WHERRY_TESTS_UNIT_BOOT_PAIR_H
#define WHERRY_TESTS_UNIT_BOOT_PAIR_H

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/str.h"

static struct {
	char dir[32];
	char *key, *certificate; /* paths, PEM */
} pair = {.dir = "/tmp/test-boot-pair-XXXXXX"};

static inline void pair_write_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	BIO *out = BIO_new_file(pair.certificate, "w");

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	PEM_write_bio_X509(out, x);
	BIO_free(out);
	X509_free(x);
}

static inline int pair_make(ATTR_UNUSED void **state)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	BIO *out;

	if (!mkdtemp(pair.dir) || !key)
		return -1;
	pair.key = str_printf("%s/key.pem", pair.dir);
	pair.certificate = str_printf("%s/cert.pem", pair.dir);
	pair_write_certificate(key);
	out = BIO_new_file(pair.key, "w");
	PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	BIO_free(out);
	EVP_PKEY_free(key);
	return 0;
}

static inline int pair_remove(ATTR_UNUSED void **state)
{
	unlink(pair.key);
	unlink(pair.certificate);
	rmdir(pair.dir);
	free(pair.key);
	free(pair.certificate);
	return 0;
}

#endif
