/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/authenticode.h"

#include <string.h>

#include "base/buf.h"
#include "base/endian.h"
#include "base/mem.h"

enum {
	CERTIFICATE_HEADER = 8, /* WIN_CERTIFICATE */
	CERTIFICATE_ALIGN = 8,
	REVISION_2 = 0x0200,
	TYPE_PKCS7 = 0x0002,
	TABLE_MAX = 1 << 20,
	CHECKSUM_SIZE = 4,
	DIRECTORY_SIZE = 8,
};

/* ---- the hash ---- */

/*
 * The SHA-256 of a program that has no certificates yet: of all but the checksum, and the place
 * that says where the certificates are.
 */
static int hash_program(
	const struct extents *program, const struct pe *pe, unsigned char *ret, struct werr **err)
{
	uint64_t checksum = pe->optional_header + PE_OPTIONAL_CHECKSUM;
	uint64_t directory = pe->optional_header + PE_OPTIONAL_CERTIFICATES;
	const struct {
		uint64_t from, to;
	} ranges[] = {{0, checksum}, {checksum + CHECKSUM_SIZE, directory},
		{directory + DIRECTORY_SIZE, program->size}};
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	CLEANUP(writer) struct writer *hasher = sha256_writer_new(NULL, h);
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(ranges); i++)
		r = extents_write(program, ranges[i].from, ranges[i].to, hasher, err);
	if (r == 0)
		sha256_raw(h, ret);
	return r;
}

/* ---- DER (X.690) ---- */

enum {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_0 = 0xa0, /* context-specific, constructed */
};

static const unsigned char id_signed_data[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
static const unsigned char id_content_type[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03};
static const unsigned char id_message_digest[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04};
static const unsigned char id_indirect_data[] = {
	0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x04};
/* AlgorithmIdentifier: SHA-256, RSA; without parameters. */
static const unsigned char sha256_algorithm[] = {
	0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00};
static const unsigned char rsa_algorithm[] = {
	0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
/*
 * SpcAttributeTypeAndOptionalValue: SpcPeImageData with no flags and, as a name of the file, the
 * text "<<<Obsolete>>>" (UTF-16) that it always has.
 */
static const unsigned char pe_image_data[] = {0x30, 0x33, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01,
	0x82, 0x37, 0x02, 0x01, 0x0f, 0x30, 0x25, 0x03, 0x01, 0x00, 0xa0, 0x20, 0xa2, 0x1e, 0x80,
	0x1c, 0, '<', 0, '<', 0, '<', 0, 'O', 0, 'b', 0, 's', 0, 'o', 0, 'l', 0, 'e', 0, 't', 0,
	'e', 0, '>', 0, '>', 0, '>'};

/* Put a value: its tag, its size and its bytes. */
static void put(struct buf *to, int tag, const void *bytes, size_t size)
{
	unsigned char length[8];
	int n = 0;

	be64_put(length, size);
	while (n < 7 && length[n] == 0)
		n++;
	buf_putc(to, (char)tag);
	if (size >= 0x80)
		buf_putc(to, (char)(0x80 | (8 - n)));
	buf_add(to, length + n, (size_t)(8 - n));
	buf_add(to, bytes, size);
}

#define PUT_RAW(to_, bytes_) buf_add((to_), (bytes_), sizeof(bytes_))

/* Put what was collected as one value, and begin again. */
static void close_value(struct buf *to, int tag, struct buf *content)
{
	put(to, tag, content->data, content->len);
	buf_truncate(content, 0);
}

/* ---- the signature ---- */

/* What is signed: SpcIndirectDataContent without its tag and size. */
static void put_content(struct buf *to, const unsigned char *hash)
{
	CLEANUP(buf) struct buf digest = BUF_INIT(TABLE_MAX);

	PUT_RAW(to, pe_image_data);
	PUT_RAW(&digest, sha256_algorithm);
	put(&digest, DER_OCTETS, hash, SHA256_SIZE);
	close_value(to, DER_SEQUENCE, &digest);
}

static void put_attribute(
	struct buf *to, const unsigned char *id, size_t id_size, const struct buf *value)
{
	CLEANUP(buf) struct buf attribute = BUF_INIT(TABLE_MAX);

	buf_add(&attribute, id, id_size);
	put(&attribute, DER_SET, value->data, value->len);
	close_value(to, DER_SEQUENCE, &attribute);
}

/* The signed attributes, in the order of DER; without a tag. */
static void put_attributes(struct buf *to, const struct buf *content)
{
	CLEANUP(buf) struct buf value = BUF_INIT(TABLE_MAX);
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	unsigned char digest[SHA256_SIZE];

	PUT_RAW(&value, id_indirect_data);
	put_attribute(to, id_content_type, sizeof(id_content_type), &value);
	buf_truncate(&value, 0);
	sha256_add(h, content->data, content->len);
	sha256_raw(h, digest);
	put(&value, DER_OCTETS, digest, sizeof(digest));
	put_attribute(to, id_message_digest, sizeof(id_message_digest), &value);
}

/* The signature is of the attributes as a SET. */
static int sign_attributes(
	struct signer *signer, const struct buf *attributes, unsigned char *ret, struct werr **err)
{
	CLEANUP(buf) struct buf set = BUF_INIT(TABLE_MAX);
	CLEANUP(sha256) struct sha256 *h = sha256_new();
	unsigned char digest[SHA256_SIZE];

	put(&set, DER_SET, attributes->data, attributes->len);
	sha256_add(h, set.data, set.len);
	sha256_raw(h, digest);
	return signer_sign(signer, digest, ret, err);
}

static int put_signer_info(
	struct buf *to, struct signer *signer, const struct buf *content, struct werr **err)
{
	static const unsigned char version[] = {1};
	CLEANUP(buf) struct buf info = BUF_INIT(TABLE_MAX);
	CLEANUP(buf) struct buf attributes = BUF_INIT(TABLE_MAX);
	CLEANUP(free) unsigned char *signature = mem_alloc(signer_size(signer));
	const unsigned char *name;
	size_t size;
	int r;

	put_attributes(&attributes, content);
	r = sign_attributes(signer, &attributes, signature, err);
	if (r < 0)
		return r;
	put(&info, DER_INTEGER, version, sizeof(version));
	signer_name(signer, &name, &size);
	put(&info, DER_SEQUENCE, name, size);
	PUT_RAW(&info, sha256_algorithm);
	close_value(&info, DER_0, &attributes);
	PUT_RAW(&info, rsa_algorithm);
	put(&info, DER_OCTETS, signature, signer_size(signer));
	close_value(to, DER_SEQUENCE, &info);
	return 0;
}

/* SignedData (RFC 2315, 9.1), without its tag and size. */
static int put_signed_data(
	struct buf *to, struct signer *signer, const unsigned char *hash, struct werr **err)
{
	static const unsigned char version[] = {1};
	CLEANUP(buf) struct buf content = BUF_INIT(TABLE_MAX);
	CLEANUP(buf) struct buf part = BUF_INIT(TABLE_MAX);
	CLEANUP(buf) struct buf whole = BUF_INIT(TABLE_MAX);
	const unsigned char *chain;
	size_t size;
	int r;

	put_content(&content, hash);
	put(to, DER_INTEGER, version, sizeof(version));
	put(to, DER_SET, sha256_algorithm, sizeof(sha256_algorithm));
	put(&whole, DER_SEQUENCE, content.data, content.len);
	PUT_RAW(&part, id_indirect_data);
	close_value(&part, DER_0, &whole);
	close_value(to, DER_SEQUENCE, &part);
	signer_certificates(signer, &chain, &size);
	put(to, DER_0, chain, size);
	r = put_signer_info(&part, signer, &content, err);
	if (r == 0)
		close_value(to, DER_SET, &part);
	return r;
}

/* ContentInfo, which is all of the signature. */
static int make_signature(
	struct signer *signer, const unsigned char *hash, struct buf *to, struct werr **err)
{
	CLEANUP(buf) struct buf data = BUF_INIT(TABLE_MAX);
	CLEANUP(buf) struct buf whole = BUF_INIT(TABLE_MAX);
	CLEANUP(buf) struct buf info = BUF_INIT(TABLE_MAX);
	int r = put_signed_data(&data, signer, hash, err);

	if (r < 0)
		return r;
	close_value(&whole, DER_SEQUENCE, &data);
	PUT_RAW(&info, id_signed_data);
	close_value(&info, DER_0, &whole);
	close_value(to, DER_SEQUENCE, &info);
	return buf_error(to) ? werr_set(err, WERR_LIMIT, "the signature is too large") : 0;
}

int authenticode_sign(struct extents *program, unsigned char *head, const struct pe *pe,
	struct signer *signer, struct werr **err)
{
	CLEANUP(buf) struct buf signature = BUF_INIT(TABLE_MAX);
	unsigned char hash[SHA256_SIZE], *table;
	uint64_t at = program->size, size;
	int r = hash_program(program, pe, hash, err);

	if (r == 0)
		r = make_signature(signer, hash, &signature, err);
	if (r < 0)
		return r;
	size = CERTIFICATE_HEADER + signature.len;
	size += (CERTIFICATE_ALIGN - size % CERTIFICATE_ALIGN) % CERTIFICATE_ALIGN;
	if (at % CERTIFICATE_ALIGN || at + size > UINT32_MAX)
		return werr_set(err, WERR_LIMIT, "the program has no place for a signature");
	table = extents_alloc(program, (size_t)size);
	le32_put(table, (uint32_t)size);
	le16_put(table + 4, REVISION_2);
	le16_put(table + 6, TYPE_PKCS7);
	memcpy(table + CERTIFICATE_HEADER, signature.data, signature.len);
	le32_put(head + pe->optional_header + PE_OPTIONAL_CERTIFICATES, (uint32_t)at);
	le32_put(head + pe->optional_header + PE_OPTIONAL_CERTIFICATES + 4, (uint32_t)size);
	program->size = at + size;
	return extents_add_bytes(program, at, table, (size_t)size, err);
}
