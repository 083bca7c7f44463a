/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program crypto: opens an encrypted device, and makes an empty one encrypted first, with a
 * file system in it. cryptsetup does the work; the form is LUKS2.
 */
#ifndef WHERRY_GUEST_CRYPTO_H
#define WHERRY_GUEST_CRYPTO_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "tools/diskstate.h"

#define CRYPTO_DIR     "/run/crypto" /* of the container: for the key of a TPM, and a new header */
#define CRYPTO_PROGRAM "/usr/sbin/cryptsetup"
#define CRYPTO_MAPPED  "/dev/mapper/"

/* What the command line asks for. */
struct crypto {
	const char *name;   /* of the mapping */
	const char *device; /* as rootdev_find() takes it */
	char *key;          /* the path of the key's file, owned; NULL: the TPM has it */
	const char *pcrs;   /* of the TPM's SHA-256 bank: "7", "0,2,7" */
	bool luks;          /* nothing but LUKS is opened */
};

enum crypto_state {
	CRYPTO_OTHER, /* left alone */
	CRYPTO_LUKS,
	CRYPTO_EMPTY, /* zeros at both ends, or a file system without label and files */
	CRYPTO_UNFINISHED,
};

/* Read [-l] [-k FILE] [-tpm] [-tpm-pcrs LIST] NAME DEVICE. WERR_USAGE. */
int crypto_parse(int argc, char **argv, struct strv *words, struct crypto *ret, struct werr **err);
void crypto_cleanup(struct crypto *c);

/*
 * What is on a device that nothing uses; `what` gets words for it. A file system is mounted,
 * read-only, to see whether there are files in it.
 */
int crypto_look(const char *device, enum crypto_state *ret, char what[static DISKSTATE_WHAT],
	struct werr **err);
/*
 * Make a device in the state CRYPTO_EMPTY or CRYPTO_UNFINISHED an encrypted one with ext4 in it,
 * and leave it open. A power cut leaves it as before, CRYPTO_UNFINISHED or done.
 */
int crypto_make(const struct crypto *c, const char *device, struct werr **err);
/* Open one in the state CRYPTO_LUKS. */
int crypto_open(const struct crypto *c, const char *device, struct werr **err);
/*
 * Open one that LinuxKit's crypto has made without -l, which has no header: only a file system in
 * it shows that it is one, and that the key is right. False: it does not look like that.
 */
bool crypto_open_plain(const struct crypto *c, const char *device);
/* The same with a new header, which is in a file yet. */
int crypto_open_with(const struct crypto *c, const char *device, const char *header,
	const char *key, struct werr **err);
/* Have the TPM seal a new key, which is put into the file `key`, for who opens the header. */
int crypto_seal(const struct crypto *c, const char *key, const char *token, struct werr **err);

int crypto_main(int argc, char **argv);

#endif
