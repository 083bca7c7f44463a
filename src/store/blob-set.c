/* SPDX-License-Identifier: Apache-2.0 */
#include "store/blob-set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The digest's bytes, padded with zeros, and its kind. */
enum { RAW_SIZE = SHA512_SIZE + 1 };

/* Open addressing; the first bytes of a digest are a good enough hash. */
struct blob_slot {
	unsigned char raw[RAW_SIZE];
	bool used;
	signed char value;
};

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void to_raw(const struct digest *d, unsigned char raw[static RAW_SIZE])
{
	const char *hex = digest_hex(d);

	memset(raw, 0, RAW_SIZE);
	raw[RAW_SIZE - 1] = (unsigned char)digest_kind(d);
	for (size_t i = 0; hex[2 * i]; i++)
		raw[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
}

/* Find the slot that has raw, or the free one for it. */
static struct blob_slot *find(
	struct blob_slot *slots, size_t n_slots, const unsigned char raw[static RAW_SIZE])
{
	size_t i;

	memcpy(&i, raw, sizeof(i));
	for (i &= n_slots - 1; slots[i].used; i = (i + 1) & (n_slots - 1))
		if (memcmp(slots[i].raw, raw, RAW_SIZE) == 0)
			break;
	return &slots[i];
}

int blob_set_get(const struct blob_set *set, const struct digest *d)
{
	unsigned char raw[RAW_SIZE];
	const struct blob_slot *slot;

	if (set->n_slots == 0)
		return -1;
	to_raw(d, raw);
	slot = find(set->slots, set->n_slots, raw);
	return slot->used ? slot->value : -1;
}

static void grow(struct blob_set *set)
{
	size_t n_slots = set->n_slots ? set->n_slots * 2 : 64;
	struct blob_slot *slots = mem_new_array(struct blob_slot, n_slots);

	for (size_t i = 0; i < set->n_slots; i++)
		if (set->slots[i].used)
			*find(slots, n_slots, set->slots[i].raw) = set->slots[i];
	free(set->slots);
	set->slots = slots;
	set->n_slots = n_slots;
}

int blob_set_put(struct blob_set *set, const struct digest *d, int value, struct werr **err)
{
	unsigned char raw[RAW_SIZE];
	struct blob_slot *slot;

	if (set->n >= set->n_slots / 4 * 3)
		grow(set);
	to_raw(d, raw);
	slot = find(set->slots, set->n_slots, raw);
	if (!slot->used && set->n >= BLOB_SET_MAX)
		return werr_set(err, WERR_LIMIT, "more than %d blobs", BLOB_SET_MAX);
	if (!slot->used) {
		memcpy(slot->raw, raw, RAW_SIZE);
		slot->used = true;
		set->n++;
	}
	slot->value = (signed char)value;
	return 0;
}

void blob_set_cleanup(struct blob_set *set)
{
	free(set->slots);
	*set = (struct blob_set){0};
}
