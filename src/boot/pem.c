/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/pem.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

const char *pem_reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return text ? text : "unknown";
}

/* A file's text, and it as openssl reads it. */
struct pem {
	char *text;
	size_t size;
	BIO *from;
};

/* It may be a key. */
static void pem_cleanup(struct pem *p)
{
	BIO_free(p->from);
	if (p->text)
		OPENSSL_cleanse(p->text, p->size);
	free(p->text);
}

/* way_out: when there is no such file */
static int open_file(const char *path, const char *way_out, struct pem *ret, struct werr **err)
{
	int r = file_read(path, PEM_FILE_MAX, &ret->text, &ret->size, err);

	if (r == 0)
		ret->from = BIO_new_mem_buf(ret->text, (int)ret->size);
	else if (r == -ENOENT)
		werr_hint(err, "%s", way_out);
	return r;
}

/* What a file may have instead of what is looked for. */
static const struct {
	const char *begins, *hint;
} others[] = {
	{"-----BEGIN CERTIFICATE-----", "it has a certificate, which is for --sign-cert"},
	{"-----BEGIN PRIVATE KEY-----", "it has a key, which is for --sign-key"},
	{"-----BEGIN RSA PRIVATE KEY-----", "it has a key, which is for --sign-key"},
	{"-----BEGIN PUBLIC KEY-----", "it has a key's public half only"},
	{"\x30\x82", "it seems to be DER: openssl pkey (of a certificate: openssl x509) turns it "
		     "into PEM, with -inform DER -in FILE -out FILE.pem"},
};

static int has_no(const struct pem *p, const char *path, const char *what, struct werr **err)
{
	const char *hint = "PEM is text, with a line '-----BEGIN ...-----'";

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (memmem(p->text, p->size, others[i].begins, strlen(others[i].begins))) {
			hint = others[i].hint;
			break;
		}
	werr_set(err, WERR_INVALID, "%s has no %s in PEM: %s", path, what, pem_reason());
	werr_hint(err, "%s", hint);
	return werr_code(WERR_INVALID);
}

/* ---- keys ---- */

/* A pem_password_cb: nobody is asked. */
static int refuse_password(char *p, int size, int writes, void *asked)
{
	(void)p;
	(void)size;
	(void)writes;
	*(bool *)asked = true;
	return -1;
}

static int is_encrypted(const char *path, struct werr **err)
{
	ERR_clear_error();
	werr_set(err, WERR_UNSUPPORTED, "the key in %s is encrypted", path);
	werr_hint(err,
		"decrypt it where only you can read it, openssl pkey -in %s -out "
		"/dev/shm/key.pem, or keep it in a token: --sign-key pkcs11:...",
		path);
	return werr_code(WERR_UNSUPPORTED);
}

/* Who has the key can sign what all machines start. */
static void warn_of_readers(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
		log_warning("the key %s can be read by everybody: chmod 600 %s", path, path);
}

int pem_read_key(const char *path, EVP_PKEY **ret, struct werr **err)
{
	CLEANUP(pem) struct pem p = {0};
	bool asked = false;
	EVP_PKEY *key;
	int r = open_file(path, "make a key and its certificate with: " PEM_MAKE, &p, err);

	if (r < 0)
		return r;
	key = PEM_read_bio_PrivateKey(p.from, NULL, refuse_password, &asked);
	if (!key)
		return asked ? is_encrypted(path, err) : has_no(&p, path, "private key", err);
	warn_of_readers(path);
	*ret = key;
	return 0;
}

/* ---- certificates ---- */

int pem_read_certificates(
	const char *path, X509 **ret, size_t max, size_t *ret_n, struct werr **err)
{
	CLEANUP(pem) struct pem p = {0};
	size_t n = 0;
	int r = open_file(path,
		"make the certificate of a key with: openssl req -new -x509 -key KEY -days 3650 "
		"-subj /CN=NAME -out CERT",
		&p, err);

	if (r < 0)
		return r;
	while (n < max && (ret[n] = PEM_read_bio_X509(p.from, NULL, NULL, NULL)))
		n++;
	if (n == 0)
		return has_no(&p, path, "certificate", err);
	ERR_clear_error();
	*ret_n = n;
	return 0;
}
