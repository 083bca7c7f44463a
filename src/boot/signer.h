/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signs for Secure Boot: an RSA key, and its certificate. Signatures are RSASSA-PKCS1-v1_5 of
 * SHA-256, which are the same each time.
 */
#ifndef WHERRY_BOOT_SIGNER_H
#define WHERRY_BOOT_SIGNER_H

#include "hash/sha256.h"

struct signer;
/*
 * key: a file, PEM, or a URI "pkcs11:..." (RFC 7512), with which the program openssl signs, by its
 * engine or provider for PKCS#11. certificate: a file, PEM, of the signer's certificate and perhaps
 * those of who issued it. Something is signed, so that all that can go wrong does now.
 * WERR_INVALID: they are not what they should be, or not for each other.
 */
int signer_open(const char *key, const char *certificate, struct signer **ret, struct werr **err);
void signer_free(struct signer *s);
DEFINE_CLEANUP(struct signer *, signer_free, signer)

/* DER: the certificates, the signer's first; end to end. */
void signer_certificates(const struct signer *s, const unsigned char **ret, size_t *ret_size);
/* DER: the name of who issued the signer's certificate, followed by its serial number. */
void signer_name(const struct signer *s, const unsigned char **ret, size_t *ret_size);
/* Bytes of a signature. */
size_t signer_size(const struct signer *s);
/*
 * Sign a SHA-256; ret has room for signer_size. Any thread may; each hash is signed once, whatever
 * the number of calls.
 */
int signer_sign(struct signer *s, const unsigned char hash[static SHA256_SIZE], unsigned char *ret,
	struct werr **err);

/* The first certificate of a PEM file, DER; owned by the caller. */
int signer_read_certificate(const char *path, void **ret, size_t *ret_size, struct werr **err);

#endif
