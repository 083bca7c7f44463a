/* SPDX-License-Identifier: Apache-2.0 */
#include "net/trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/internal.h"

int trust_add(struct buf *pem, const char *path, const char *text, size_t size, struct werr **err)
{
	if (!strstr(text, "-----BEGIN"))
		return werr_set(err, WERR_INVALID, "%s has no certificate in PEM form", path);
	buf_add(pem, text, size);
	buf_putc(pem, '\n');
	return 0;
}

static int add_file(struct buf *pem, const char *path, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size;
	int r = file_read(path, TRUST_FILE_MAX, &text, &size, err);

	return r < 0 ? r : trust_add(pem, path, text, size, err);
}

/* Where the distributions have them: Debian, Alpine and Arch; Fedora and RHEL; openSUSE; others. */
static const char *const usual_places[] = {"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

/* The file that libcurl trusts, else the first of the usual places, or NULL; as with other tools,
 * SSL_CERT_FILE replaces it. */
static const char *system_certificates(struct net *n)
{
	const char *path = getenv("SSL_CERT_FILE");
	const curl_version_info_data *info = n->curl.version_info(CURLVERSION_NOW);

	if (path && *path)
		return path;
	if (info->cainfo && file_exists(info->cainfo))
		return info->cainfo;
	for (size_t i = 0; i < ARRAY_SIZE(usual_places); i++)
		if (file_exists(usual_places[i]))
			return usual_places[i];
	return NULL;
}

bool trust_is_empty(struct net *n)
{
	return !n->certificates && !system_certificates(n);
}

/* The user's certificates are added to the system's; libcurl gets all of them as one text. */
int trust_read(struct net *n, struct werr **err)
{
	CLEANUP(buf) struct buf pem = BUF_INIT(2 * TRUST_FILE_MAX);
	const char *path = system_certificates(n);
	int r = 0;

	if (n->cert_files.n == 0 &&
		(!path || path == n->curl.version_info(CURLVERSION_NOW)->cainfo))
		return 0;
	if (path && file_exists(path))
		r = add_file(&pem, path, err);
	STRV_FOREACH (path, &n->cert_files)
		if (r == 0)
			r = add_file(&pem, path, err);
	if (r == 0 && buf_error(&pem) < 0)
		r = werr_set(err, WERR_LIMIT, "the certificates have more than %d bytes",
			2 * TRUST_FILE_MAX);
	if (r == 0)
		n->certificates = buf_steal(&pem);
	return r;
}

int trust_add_all(struct net *n, struct buf *pem, struct werr **err)
{
	const char *path = system_certificates(n);

	if (n->certificates)
		buf_puts(pem, n->certificates);
	else if (path && file_exists(path))
		return add_file(pem, path, err);
	return 0;
}
