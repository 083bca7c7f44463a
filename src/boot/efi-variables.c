/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/efi-variables.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/endian.h"
#include "base/io.h"
#include "base/mem.h"

enum {
	VOLUME_SIGNATURE = 40,
	VOLUME_HEADER_SIZE = 48,
	VOLUME_SUM = 50, /* with it, that of all 16-bit numbers of the header is 0 */
	VOLUME_MIN = 72,
	VOLUME_REVISION = 2,
	STORE_HEADER = 28, /* VARIABLE_STORE_HEADER */
	STORE_SIZE = 16,
	STORE_FORMATTED = 0x5a,
	STORE_HEALTHY = 0xfe,
	VARIABLE_HEADER = 60, /* AUTHENTICATED_VARIABLE_HEADER */
	VARIABLE_START = 0x55aa,
	VARIABLE_ADDED = 0x3f,
	VARIABLE_ALIGN = 4,
	ERASED = 0xff,
	VALUE_MAX = 64 << 10,
};
enum {
	KEPT = 1, /* EFI_VARIABLE_NON_VOLATILE */
	AT_BOOT = 2,
	AT_RUNTIME = 4,
	SIGNED_BY_TIME = 0x20,
	FOR_KEYS = KEPT | AT_BOOT | AT_RUNTIME | SIGNED_BY_TIME,
};
enum {
	AAVMF_PARTS = 3,
	AAVMF_PART = 256 << 10,
	AAVMF_ATTRIBUTES = 0x4feff, /* what can be read, written and locked */
};
enum { GUID_SIZE = 16 };

typedef const unsigned char efi_guid[GUID_SIZE];
static efi_guid variables_volume = {0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c, 0xa9, 0x85,
	0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50};
static efi_guid authenticated_store = {0x78, 0x2c, 0xf3, 0xaa, 0x7b, 0x94, 0x9a, 0x43, 0xa1, 0x80,
	0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92};
static efi_guid global = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
	0x98, 0x03, 0x2b, 0x8c};
static efi_guid security = {0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d, 0x96, 0x45, 0xa3, 0xbc, 0xda, 0xd0,
	0x0e, 0x67, 0x65, 0x6f};
static efi_guid secure_boot_enable = {0xc7, 0x0b, 0xa3, 0xf0, 0x08, 0xaf, 0x56, 0x45, 0x99, 0xc4,
	0x00, 0x10, 0x09, 0xc9, 0x3a, 0x44};
static efi_guid is_x509 = {0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a, 0x87, 0xb5, 0xab, 0x15,
	0x5c, 0x2b, 0xf0, 0x72};
/* Whose the certificate is said to be; any will do. */
static efi_guid owner = {'w', 'h', 'e', 'r', 'r', 'y', 0, 0x40, 0x80, 0, 0, 0, 0, 0, 0, 1};

/* The part of the file where variables are. */
struct store {
	unsigned char *p;
	size_t at, size;
};

static int refuse(struct werr **err, const char *what)
{
	return werr_set(err, WERR_INVALID, "the firmware's variables: %s", what);
}

/*
 * What AAVMF makes of a flash that it has not used yet (EDK II, ArmVirtPkg/ArmVirtQemu.fdf and
 * Platform/NorFlash): three parts of one size, the variables and what changing them safely needs.
 * Debian 12 has no other file for it.
 */
static void make_volume(unsigned char *p)
{
	uint16_t sum = 0;

	memset(p, ERASED, (size_t)AAVMF_PARTS * AAVMF_PART);
	memset(p, 0, VOLUME_MIN + STORE_HEADER);
	memcpy(p + 16, variables_volume, GUID_SIZE);
	le64_put(p + 32, (uint64_t)AAVMF_PARTS * AAVMF_PART);
	memcpy(p + VOLUME_SIGNATURE, "_FVH", 4);
	le32_put(p + 44, AAVMF_ATTRIBUTES);
	le16_put(p + VOLUME_HEADER_SIZE, VOLUME_MIN);
	p[55] = VOLUME_REVISION;
	le32_put(p + 56, AAVMF_PARTS);
	le32_put(p + 60, AAVMF_PART);
	for (size_t i = 0; i < VOLUME_MIN; i += 2)
		sum = (uint16_t)(sum + le16_get(p + i));
	le16_put(p + VOLUME_SUM, (uint16_t)-sum);
	p += VOLUME_MIN;
	memcpy(p, authenticated_store, GUID_SIZE);
	le32_put(p + STORE_SIZE, AAVMF_PART - VOLUME_MIN);
	p[STORE_SIZE + 4] = STORE_FORMATTED;
	p[STORE_SIZE + 5] = STORE_HEALTHY;
}

static int find_store(unsigned char *p, size_t size, struct store *ret, struct werr **err)
{
	uint64_t begin, store_size;

	if (size < VOLUME_MIN || memcmp(p + VOLUME_SIGNATURE, "_FVH", 4) != 0)
		return refuse(err, "the file is no firmware volume");
	begin = le16_get(p + VOLUME_HEADER_SIZE);
	if (begin < VOLUME_MIN || begin > size || size - begin < STORE_HEADER ||
		memcmp(p + begin, authenticated_store, GUID_SIZE) != 0)
		return refuse(err, "the file has no store for Secure Boot");
	store_size = le32_get(p + begin + STORE_SIZE);
	if (store_size < STORE_HEADER || store_size > size - begin ||
		p[begin + 20] != STORE_FORMATTED || p[begin + 21] != STORE_HEALTHY)
		return refuse(err, "their store is broken");
	*ret = (struct store){p + begin, STORE_HEADER, (size_t)store_size};
	if (store_size > STORE_HEADER && ret->p[ret->at] != ERASED)
		return refuse(err, "there are some already");
	return 0;
}

static int add(struct store *s, const char *name, efi_guid vendor, uint32_t attributes,
	const struct buf *value, struct werr **err)
{
	size_t name_size = 2 * (strlen(name) + 1);
	size_t size = VARIABLE_HEADER + name_size + value->len;
	unsigned char *p = s->p + s->at;

	/* What aligns the one before may reach beyond the end. */
	if (s->at > s->size || size > s->size - s->at)
		return werr_set(err, WERR_LIMIT, "the firmware has no room for the certificate");
	memset(p, 0, VARIABLE_HEADER + name_size);
	le16_put(p, VARIABLE_START);
	p[2] = VARIABLE_ADDED;
	le32_put(p + 4, attributes);
	/* A time, if any: 2017-04-18. What is signed for a later one replaces it. */
	if (attributes & SIGNED_BY_TIME) {
		le16_put(p + 16, 2017);
		p[18] = 4;
		p[19] = 18;
	}
	le32_put(p + 36, (uint32_t)name_size);
	le32_put(p + 40, (uint32_t)value->len);
	memcpy(p + 44, vendor, GUID_SIZE);
	for (size_t i = 0; name[i]; i++)
		p[VARIABLE_HEADER + 2 * i] = (unsigned char)name[i];
	memcpy(p + VARIABLE_HEADER + name_size, value->data, value->len);
	s->at += (size + VARIABLE_ALIGN - 1) / VARIABLE_ALIGN * VARIABLE_ALIGN;
	return 0;
}

/* EFI_SIGNATURE_LIST with one X.509 certificate. */
static void put_list(struct buf *to, const void *der, size_t size)
{
	unsigned char sizes[12];

	le32_put(sizes, (uint32_t)(GUID_SIZE + sizeof(sizes) + GUID_SIZE + size));
	le32_put(sizes + 4, 0);
	le32_put(sizes + 8, (uint32_t)(GUID_SIZE + size));
	buf_add(to, is_x509, GUID_SIZE);
	buf_add(to, sizes, sizeof(sizes));
	buf_add(to, owner, GUID_SIZE);
	buf_add(to, der, size);
}

int efi_variables_enroll(
	void *bytes, size_t size, const void *der, size_t der_size, struct werr **err)
{
	CLEANUP(buf) struct buf list = BUF_INIT(VALUE_MAX);
	CLEANUP(buf) struct buf on = BUF_INIT(VALUE_MAX);
	struct store store;
	int r;

	if (size >= (size_t)AAVMF_PARTS * AAVMF_PART && io_is_zeros(bytes, size))
		make_volume(bytes);
	r = find_store(bytes, size, &store, err);
	if (r < 0)
		return r;
	put_list(&list, der, der_size);
	buf_putc(&on, 1);
	if (buf_error(&list))
		return werr_set(err, WERR_LIMIT, "the certificate is too large");
	r = add(&store, "PK", global, FOR_KEYS, &list, err);
	if (r == 0)
		r = add(&store, "KEK", global, FOR_KEYS, &list, err);
	if (r == 0)
		r = add(&store, "db", security, FOR_KEYS, &list, err);
	if (r < 0)
		return r;
	return add(&store, "SecureBootEnable", secure_boot_enable, KEPT | AT_BOOT, &on, err);
}
